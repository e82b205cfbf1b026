"""What there is to tell of a database file."""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage.backups.sqlite import check
from storage.database import turn
from storage.errors import DatabaseUnreachable


@dataclass(frozen=True, slots=True)
class SqliteStatus:
    """Bytes, of the file and of what is not in it yet; ``free`` is inside the file and holds nothing.

    ``turn_ms`` is how long a writer waits for its turn now; ``problem`` what a quick check
    found, empty where all is well.
    """

    version: str
    path: Path
    size: int
    log: int
    free: int
    journal: str
    turn_ms: float
    problem: str


async def status(path: Path) -> SqliteStatus:
    """Raises DatabaseUnreachable."""
    began = time.perf_counter()
    async with turn():
        waited = (time.perf_counter() - began) * 1000
    return await asyncio.to_thread(_status, path, waited)


async def damage(path: Path) -> str:
    """What is wrong anywhere in the file, empty where nothing is: takes seconds for each GB."""
    return await asyncio.to_thread(check, path)


async def ask_anew(path: Path) -> None:
    """Open the file, ask it something, close it; raises DatabaseUnreachable."""
    await asyncio.to_thread(_ask, path)


def _ask(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise DatabaseUnreachable(f"The database {path} cannot be read ({error}).") from error


def _status(path: Path, turn_ms: float) -> SqliteStatus:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            page = _number(connection, "page_size")
            free = _number(connection, "freelist_count") * page
            journal = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    except sqlite3.Error as error:
        raise DatabaseUnreachable(f"The database {path} cannot be read ({error}).") from error
    log = path.with_name(f"{path.name}-wal")
    return SqliteStatus(
        version=sqlite3.sqlite_version,
        path=path,
        size=path.stat().st_size,
        log=log.stat().st_size if log.exists() else 0,
        free=free,
        journal=journal,
        turn_ms=turn_ms,
        problem=check(path, is_quick=True),
    )


def _number(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
