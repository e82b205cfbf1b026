"""The restore drill: the newest backup becomes a database that works, and is gone again."""

from dataclasses import dataclass

from chatops.backups import backing_up
from chatops.parts import Parts
from chatops.times import span
from storage.backups.rehearsal import Rehearsal, rehearsed


@dataclass(frozen=True, slots=True)
class DrillReport:
    """``text`` is one sentence."""

    text: str
    rehearsal: Rehearsal


async def drill(parts: Parts, identity: str = "latest") -> DrillReport:
    """Restore a backup beside the database and use it; raises StorageError where that does not work."""
    catalogue, backups = backing_up.catalogue(parts), backing_up.database_backups(parts)
    backup = catalogue.find(identity, [backups.kind])
    async with rehearsed(catalogue, backups, backup) as found:
        return DrillReport(sentence(found, parts), found)


def sentence(found: Rehearsal, parts: Parts) -> str:
    """What a restore would cost: time, and what is younger than the backup."""
    rows, age = sum(found.scratch.rows.values()), span(parts.clock() - found.backup.at)
    upgraded = f", {len(found.upgraded)} migrations applied" if found.upgraded else ""
    return (
        f"{found.backup.id} restored in {found.seconds:.1f} s: {rows} rows, {age} old{upgraded}, all questions answered"
    )
