"""A database that is lost comes back from a backup, without a console: nothing runs, and nothing is there to keep."""

import asyncio
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from storage import schema
from storage.backups.catalogue import Backup
from storage.backups.kinds import backups_of, catalogue_of
from storage.backups.postgres import PostgresBackups
from storage.backups.sqlite import SqliteBackups, check, unpacked
from storage.backups.verifying import differences
from storage.data_dir import make_private
from storage.errors import BackupDamaged, BackupError

_BESIDE = ("-wal", "-shm")
"""What belongs to a database file of SQLite; of another database it would damage this one."""


async def bring_back(url: str, settings: Settings, identity: str, *, now: datetime) -> Backup:
    """Make the database from a backup, and bring it to this release.

    A file that is there is moved aside; a Postgres must be empty or missing. Raises BackupError, SchemaTooNew.
    """
    backups, catalogue = backups_of(url, settings), catalogue_of(settings)
    backup = catalogue.find(identity, [backups.kind])
    await catalogue.check_sum(backup)
    file = catalogue.path(backup)
    if isinstance(backups, SqliteBackups):
        await asyncio.to_thread(_put_file, file, backups.path, now)
    elif isinstance(backups, PostgresBackups):
        await backups.fill(file)
    if wrong := differences(backup.rows, await backups.rows()):
        raise BackupDamaged(f"{len(wrong)} tables have other rows than were backed up, {wrong[0].table} first.")
    await schema.upgrade(url)
    return backup


def _put_file(packed: Path, path: Path, now: datetime) -> None:
    make_private(path.parent)
    new = path.with_name(f"{path.name}.new")
    try:
        unpacked(packed, new)
        new.chmod(0o600)
        for old in (path, *(path.with_name(f"{path.name}{end}") for end in _BESIDE)):
            if old.exists():
                old.replace(old.with_name(f"{old.name}.lost-{now:%Y%m%dT%H%M%SZ}"))
        new.replace(path)
    except OSError as error:
        raise BackupError(f"The database {path} cannot be written ({error.strerror}).") from error
    finally:
        for left in (new, *(new.with_name(f"{new.name}{end}") for end in _BESIDE)):
            left.unlink(missing_ok=True)
    if problem := check(path):
        raise BackupDamaged(f"The restored database is damaged: {problem}.")
