"""Verification: a backup is restored beside the database, and its rows are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.backups.catalogue import Backup, Catalogue
from storage.backups.kinds import DatabaseBackups
from storage.errors import BackupDamaged


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table: in one place, and in another; None where there is no such table."""

    table: str
    before: int | None
    after: int | None


def differences(before: Mapping[str, int], after: Mapping[str, int]) -> list[Difference]:
    """Tables whose rows are not as many."""
    names = sorted({*before, *after})
    return [Difference(one, before.get(one), after.get(one)) for one in names if before.get(one) != after.get(one)]


async def verify(catalogue: Catalogue, backups: DatabaseBackups, backup: Backup, *, now: datetime) -> Backup:
    """Check the sum, restore into a scratch database, count; what is found stands in the manifest.

    Raises BackupError where it could not be tried, such as for missing rights.
    """
    try:
        await catalogue.check_sum(backup)
        async with backups.scratch(catalogue.path(backup)) as scratch:
            found = differences(backup.rows, scratch.rows)
    except BackupDamaged as error:
        return catalogue.note(backup, problem=str(error), verified_at=now)
    problem = f"{len(found)} tables have other rows than were backed up, {found[0].table} first." if found else ""
    return catalogue.note(backup, problem=problem, verified_at=now)
