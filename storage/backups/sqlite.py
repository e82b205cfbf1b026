"""SQLite: copied by its online backup API, within one read transaction, and compressed."""

import asyncio
import gzip
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import schema
from storage.backups import carrying
from storage.backups.catalogue import Dumped, Kind, Scratch
from storage.database import turn
from storage.errors import BackupDamaged, BackupError

_SCRATCH, _DUMP = ".scratch-", ".dump-"
_LEFT_FOR = timedelta(days=1)
_LEVEL = 5
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class SqliteBackups:
    """Backups of one database file."""

    path: Path
    kind: Kind = Kind.SQLITE
    suffix: str = ".db.gz"

    async def dump(self, to: Path) -> Dumped:
        """Write the database, as it is now, to a file; raises BackupError."""
        applied = (await schema.status(f"sqlite://{self.path}")).applied
        return Dumped(await asyncio.to_thread(self._dump, to), applied[-1] if applied else "")

    async def rows(self) -> Mapping[str, int]:
        """Rows of each table now; raises BackupError."""
        return await asyncio.to_thread(_rows_of, self.path)

    @asynccontextmanager
    async def scratch(self, file: Path) -> AsyncIterator[Scratch]:
        """A dump as a database of its own, checked, and gone afterwards; raises BackupError."""
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=file.parent) as folder:
            path = Path(folder) / "scratch.db"
            rows = await asyncio.to_thread(unpacked, file, path)
            yield Scratch(f"sqlite://{path}", rows)

    async def put_in_place(self, scratch: Scratch) -> str:
        """Have the database hold what the scratch one holds; empty, since no other database stays beside it.

        One transaction, which those who have the database open see as any other. Raises BackupError.
        """
        path = Path(scratch.url.removeprefix("sqlite://"))
        async with turn():
            await asyncio.to_thread(_carry, self.path, path)
            await asyncio.to_thread(_copy, path, self.path)
        return ""

    async def tidy(self, folder: Path, *, now: datetime) -> None:
        """Drop scratch files of killed processes after a day."""
        for pattern in (f"{_SCRATCH}*", f"{_DUMP}*"):
            for path in folder.glob(pattern):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - _LEFT_FOR:
                    shutil.rmtree(path, ignore_errors=True)

    def _dump(self, to: Path) -> Mapping[str, int]:
        with tempfile.TemporaryDirectory(prefix=_DUMP, dir=to.parent) as folder:
            copy = Path(folder) / "copy.db"
            rows = _copy(self.path, copy)
            with copy.open("rb") as source, to.open("wb") as file, gzip.GzipFile("", "wb", _LEVEL, file) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
        return rows


def _copy(source: Path, target: Path) -> Mapping[str, int]:
    """The rows of the copy: both are of one read transaction."""
    try:
        with closing(_opened(source)) as old, closing(_opened(target, is_new=True)) as new:
            old.execute("BEGIN")
            rows = _counted(old)
            old.backup(new)
            old.execute("COMMIT")
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied ({error}).") from error
    return rows


def _carry(live: Path, restored: Path) -> None:
    """Have a restored database keep what it must of the present one."""
    try:
        with closing(_opened(restored)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("ATTACH DATABASE ? AS live", (f"{live.absolute().as_uri()}?mode=ro",))
            connection.execute("BEGIN IMMEDIATE")
            for statement in carrying.statements():
                connection.execute(statement)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise BackupError(f"What must stay of the present database cannot be kept ({error}).") from error
    if problem := check(restored):
        raise BackupError(f"The restored database does not fit together: {problem}.")


def unpacked(file: Path, path: Path) -> Mapping[str, int]:
    """Make a database file of a dump, and check it; its rows. Raises BackupDamaged."""
    try:
        with gzip.open(file, "rb") as packed, path.open("wb") as target:
            shutil.copyfileobj(packed, target, 1 << 20)
    except (OSError, EOFError) as error:
        raise BackupDamaged(f"The backup {file.name} cannot be unpacked ({error}).") from error
    if problem := check(path):
        raise BackupDamaged(f"The backup {file.name} is damaged: {problem}.")
    return _rows_of(path)


def check(path: Path, *, is_quick: bool = False) -> str:
    """What is wrong inside a database, empty where nothing is; a quick check leaves indices unread."""
    pragma = "quick_check" if is_quick else "integrity_check"
    try:
        with closing(_opened(path)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA {pragma}(3)")]
            if found != ["ok"]:
                return "; ".join(found)
            missing = len(connection.execute("PRAGMA foreign_key_check").fetchall())
            return f"{missing} rows refer to rows that are gone" if missing else ""
    except sqlite3.Error as error:
        return str(error)


def _rows_of(path: Path) -> Mapping[str, int]:
    try:
        with closing(_opened(path)) as connection:
            return _counted(connection)
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be counted ({error}).") from error


def _counted(connection: sqlite3.Connection) -> Mapping[str, int]:
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    tables = [row[0] for row in connection.execute(names)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _opened(path: Path, *, is_new: bool = False) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={'rwc' if is_new else 'rw'}"
    return sqlite3.connect(address, uri=True, timeout=_PATIENCE_S, isolation_level=None)
