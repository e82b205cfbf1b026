"""A restore that touches nothing: into a scratch database, brought to this release, asked, counted, compared."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from storage import schema, smoke
from storage.backups.catalogue import Backup, Catalogue, Scratch
from storage.backups.kinds import DatabaseBackups
from storage.backups.verifying import Difference, differences
from storage.errors import BackupDamaged
from storage.smoke import Asked


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it: ``seconds`` until the database could be used, ``upgraded`` migrations that it lacked."""

    backup: Backup
    scratch: Scratch
    seconds: float
    upgraded: tuple[str, ...]
    asked: tuple[Asked, ...]
    live: Mapping[str, int]

    @property
    def differences(self) -> list[Difference]:
        """Tables whose rows are not as many now: first now, then in the backup."""
        return differences(self.live, self.scratch.rows)


@asynccontextmanager
async def rehearsed(catalogue: Catalogue, backups: DatabaseBackups, backup: Backup) -> AsyncIterator[Rehearsal]:
    """The backup as a database that this release works with, gone at the end.

    Raises BackupDamaged where it is not whole, SchemaTooNew where a newer release made it, BackupError.
    """
    began = time.monotonic()
    await catalogue.check_sum(backup)
    async with backups.scratch(catalogue.path(backup)) as scratch:
        if wrong := differences(backup.rows, scratch.rows):
            raise BackupDamaged(f"{backup.id}: {len(wrong)} tables have other rows than were backed up.")
        upgraded = await schema.upgrade(scratch.url)
        asked = tuple(await smoke.ask_at(scratch.url))
        if bad := [one for one in asked if one.problem]:
            raise BackupDamaged(f"{backup.id} does not answer for {bad[0].what}: {bad[0].problem}.")
        yield Rehearsal(backup, scratch, time.monotonic() - began, upgraded, asked, await backups.rows())
