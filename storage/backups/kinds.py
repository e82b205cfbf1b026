"""What the backups of databases have in common, whichever database it is."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from config.settings import Settings
from storage.backups.catalogue import Catalogue, Dumped, Kind, Scratch
from storage.backups.postgres import PostgresBackups
from storage.backups.postgres_programs import Programs
from storage.backups.sqlite import SqliteBackups
from storage.database import sqlite_path
from storage.postgres_address import PostgresAddress


class DatabaseBackups(Protocol):
    """How one database is dumped, and restored beside itself or in its own place. All raise BackupError."""

    @property
    def kind(self) -> Kind:
        """Which database it is."""
        ...

    @property
    def suffix(self) -> str:
        """Of files of its dumps."""
        ...

    async def dump(self, to: Path) -> Dumped:
        """Write the database, as it is at one moment, to a file."""
        ...

    async def rows(self) -> Mapping[str, int]:
        """Rows of each table now."""
        ...

    def scratch(self, file: Path) -> AbstractAsyncContextManager[Scratch]:
        """A dump as a database of its own, checked, and gone afterwards."""
        ...

    async def put_in_place(self, scratch: Scratch) -> str:
        """Have the database be what the scratch one is, but for what must stay of the present one.

        The name of the database that stays beside it, empty where none does. Raises BackupError: then nothing changed.
        """
        ...

    async def tidy(self, folder: Path, *, now: datetime) -> None:
        """Drop what restores left behind whose process was killed, and what they replaced a week ago."""
        ...


def catalogue_of(settings: Settings) -> Catalogue:
    """Where this deployment keeps its backups."""
    return Catalogue(settings.backup_dir or settings.data_dir / "backups")


def backups_of(url: str, settings: Settings) -> DatabaseBackups:
    """Those of a database."""
    path = sqlite_path(url)
    if path is not None:
        return SqliteBackups(path)
    return PostgresBackups(PostgresAddress.parsed(url), Programs(settings.postgres_bin))
