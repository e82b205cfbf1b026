"""The tables and their versions: forward, back, and what this release makes of a database that it finds."""

import asyncio
import fcntl
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.transactions import in_transaction

from storage.database import APP, configuration, connect, sqlite_path
from storage.errors import DatabaseUnreachable, SchemaError, SchemaOutdated, SchemaTooNew

_LOCK_KEY = 0x5D2B_0001
"""Postgres' advisory locks are numbers; this one is ours."""
_POLL_S = 0.1
LOCK_WITHIN_S = 5
"""How long a change of a table waits for others: whoever asks for it later waits behind it."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Names of migrations, in order."""

    applied: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """The database is as this release wants it."""
        return not self.missing and not self.unknown

    def check(self) -> None:
        """Raise SchemaTooNew or SchemaOutdated where this release must not use the database."""
        if self.unknown:
            raise SchemaTooNew(
                f"The database was changed by a newer release of Screen2Deck ({self.unknown[-1]}): install that "
                "release again, or let it run `screen2deck db downgrade` first."
            )
        if self.missing:
            raise SchemaOutdated(f"The database lacks {self.missing[0]}: run `screen2deck db upgrade`.")


async def status(url: str) -> SchemaStatus:
    """Which migrations the database has, lacks, or has beyond this release."""
    async with _executor(url) as executor:
        return await _status(executor)


Keep = Callable[[SchemaStatus], Awaitable[None]]
"""Keeps a filled database as it is, before it is changed."""


async def upgrade(url: str, target: str = "", *, keep: Keep | None = None) -> tuple[str, ...]:
    """Bring the tables to this release's version, or to ``target``; return the names of what was applied.

    One process does it while others wait. What is filled goes to ``keep`` first; without it SQLite's file is copied
    beside itself. Raises SchemaTooNew, SchemaError for an unknown target, DatabaseUnreachable where others hold a
    table for longer than ``LOCK_WITHIN_S``, and whatever ``keep`` raises.
    """
    async with _alone(url), _executor(url) as executor:
        before = await _status(executor)
        if before.unknown:
            before.check()
        missing = _until(before.missing, target)
        if missing:
            await _keep(url, before, keep)
            with _in_time():
                await executor.migrate([MigrationTarget(APP, missing[-1])], direction="forward")
            await _check_references(url, executor)
        return missing


async def pending(url: str, target: str = "") -> list[tuple[str, list[str]]]:
    """Migrations that the database lacks, each with its statements; raises as ``upgrade``."""
    async with _executor(url) as executor:
        found = await _status(executor)
        return [(name, await _statements(executor, name)) for name in _until(found.missing, target)]


async def _statements(executor: MigrationExecutor, name: str) -> list[str]:
    """Kept: Tortoise goes through all migrations before it, which takes seconds."""
    module = type(executor.loader.graph.nodes[MigrationKey(APP, name)]).__module__
    source = Path(str(sys.modules[module].__file__)).read_bytes()
    key = (type(executor.connection).__name__, name, source)
    if key not in _STATEMENTS:
        _STATEMENTS[key] = await executor.collect_sql(APP, name)
    return _STATEMENTS[key]


_STATEMENTS: dict[tuple[str, str, bytes], list[str]] = {}


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseUnreachable(
            f"Somebody has held a table for longer than {LOCK_WITHIN_S} s, so that it was not changed."
        ) from error


def _until(missing: tuple[str, ...], target: str) -> tuple[str, ...]:
    if not target:
        return missing
    matching = [name for name in missing if name == target or name.split("_")[0] == target]
    if len(matching) != 1:
        raise SchemaError(f"No migration {target} is pending; pending are {', '.join(missing) or 'none'}.")
    return missing[: missing.index(matching[0]) + 1]


async def downgrade(url: str, target: str, *, keep: Keep | None = None) -> tuple[str, ...]:
    """Undo migrations after ``target`` (``zero``: all); return their names, newest first.

    Raises SchemaError for an unknown target, and as ``upgrade``.
    """
    async with _alone(url), _executor(url) as executor:
        before = await _status(executor)
        if before.unknown:
            before.check()
        undone = _after(before.applied, target)
        if undone:
            await _keep(url, before, keep)
            name = "__first__" if target == "zero" else before.applied[len(before.applied) - len(undone) - 1]
            with _in_time():
                await executor.migrate([MigrationTarget(APP, name)], direction="backward")
            await _check_references(url, executor)
        return tuple(reversed(undone))


def _after(applied: tuple[str, ...], target: str) -> tuple[str, ...]:
    if target == "zero":
        return applied
    matching = [name for name in applied if name == target or name.split("_")[0] == target]
    if len(matching) != 1:
        raise SchemaError(f"There is no migration {target}; applied are {', '.join(applied) or 'none'}.")
    return applied[applied.index(matching[0]) + 1 :]


async def _status(executor: MigrationExecutor) -> SchemaStatus:
    await executor.loader.build_graph()
    known = sorted(key.name for key in executor.loader.graph.nodes if key.app_label == APP)
    applied = {key.name for key in await _applied(executor) if key.app_label == APP}
    return SchemaStatus(
        applied=tuple(name for name in known if name in applied),
        missing=tuple(name for name in known if name not in applied),
        unknown=tuple(sorted(applied - set(known))),
    )


async def _applied(executor: MigrationExecutor) -> list[MigrationKey]:
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    return list(await executor.recorder.applied_migrations())


@asynccontextmanager
async def _executor(url: str) -> AsyncIterator[MigrationExecutor]:
    """Foreign keys are off: SQLite alters a table by dropping it, which would empty the tables that refer to it."""
    config = configuration(url, connections=2, foreign_keys=False, lock_within_s=LOCK_WITHIN_S)
    async with TortoiseContext() as context:
        await connect(context, url, config)
        yield MigrationExecutor(context.db(), config.to_dict()["apps"])


async def _check_references(url: str, executor: MigrationExecutor) -> None:
    if sqlite_path(url):
        _, rows = await executor.connection.execute_query("PRAGMA foreign_key_check")
        if rows:
            raise SchemaError(f"{len(rows)} rows refer to rows that are gone: put the copy of the database back.")


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    """Hold the lock on the schema; wait for whoever has it."""
    configuration(url)  # says what is wrong with the address
    path = sqlite_path(url)
    if path is None:
        async with _alone_on_postgres(url):
            yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise DatabaseUnreachable(f"The folder {path.parent} cannot be written ({error.strerror}).") from error
    with file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _alone_on_postgres(url: str) -> AsyncIterator[None]:
    """The lock belongs to a transaction: it goes with a process that dies, and the pool takes back no other kind."""
    async with TortoiseContext() as context:
        await connect(context, url, configuration(url, connections=1))
        async with in_transaction() as transaction:
            while not await _locks(transaction):
                await asyncio.sleep(_POLL_S)
            yield


async def _locks(transaction: BaseDBAsyncClient) -> bool:
    _, rows = await transaction.execute_query("SELECT pg_try_advisory_xact_lock($1) AS locked", [_LOCK_KEY])
    return bool(rows[0]["locked"])


async def _keep(url: str, status: SchemaStatus, keep: Keep | None) -> None:
    if status.applied and keep is not None:
        await keep(status)
    elif status.applied:
        _copy_sqlite(url, status.applied[-1])


def _copy_sqlite(url: str, version: str) -> None:
    """Keep the database as it was, beside itself; an older copy of the same version is replaced."""
    path = sqlite_path(url)
    if path is None or not path.exists():
        return
    copy = path.with_name(f"{path.stem}.{version}.bak")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
