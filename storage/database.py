"""The connection to the database: SQLite on one machine, Postgres on many."""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from weakref import WeakKeyDictionary

import asyncpg
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential_jitter
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.config import TortoiseConfig
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.exceptions import ConfigurationError, DBConnectionError, OperationalError, TransactionManagementError
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from config.settings import SettingsError
from storage.errors import DatabaseUnreachable, NotStored
from storage.processes import machine

APP = "storage"
SCHEMES = ("sqlite", "postgres", "postgresql", "asyncpg")
PATIENCE_S = 5.0
"""How long a query is tried again while the database is away or locked, before its caller is told."""

_TURN_PAUSE_S = 0.002
_POOL = "screen2deck"

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Queries find it by themselves in the task that opened it and in those begun there."""

    url: str
    context: TortoiseContext

    @property
    def is_sqlite(self) -> bool:
        """SQLite rather than Postgres."""
        return self.url.startswith("sqlite")

    async def ping(self) -> None:
        """Return when the database answers; raise DatabaseUnreachable."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.context.db().execute_query("SELECT 1")
        except Exception as error:
            raise DatabaseUnreachable(f"The database does not answer ({_cause(error)}).") from error


def default_url(data_dir: Path) -> str:
    """SQLite's file in the data folder."""
    return f"sqlite://{data_dir.resolve() / 'screen2deck.db'}"


@asynccontextmanager
async def open_database(url: str, *, connections: int = 10) -> AsyncIterator[Database]:
    """Connect; close at the end.

    Raises SettingsError where the address is wrong, DatabaseUnreachable where nobody answers there.
    """
    context = TortoiseContext()
    async with context:
        await connect(context, url, configuration(url, connections=connections))
        try:
            yield Database(url, context)
        finally:
            _open_no_more(context.db())


async def connect(context: TortoiseContext, url: str, config: TortoiseConfig) -> None:
    """Have a context that is entered reach its database; raises as ``open_database``.

    A context that did not reach it is of no use any more: Tortoise's SQLite keeps its own lock then.
    """
    await asyncio.to_thread(_check_file, sqlite_path(url))
    await context.init(config=config, _enable_global_fallback=False)
    await Database(url, context).ping()


def _open_no_more(client: Any) -> None:
    """Have a client that is about to be closed stay so: Tortoise would connect again for a task that is late.

    Nobody would close that connection, and SQLite's is a thread for which the process would wait at its end.
    """

    async def refuse(**_: Any) -> None:
        if client.capabilities.dialect == "sqlite":
            # Taken just before by whoever wants the connection, who keeps it when there is none.
            client._lock.release()
        raise DatabaseUnreachable("The database is closed.")

    client.create_connection = refuse


def sqlite_path(url: str) -> Path | None:
    """SQLite's file, None for another database."""
    return Path(urlsplit(url).path) if url.startswith("sqlite") else None


def _check_file(path: Path | None) -> None:
    """See that SQLite can open its file: aiosqlite's thread complains on stderr where it cannot."""
    if path is None:
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise DatabaseUnreachable(f"The database {path} cannot be opened ({error}).") from error


def configuration(
    url: str, *, connections: int = 10, foreign_keys: bool = True, lock_within_s: int = 0
) -> TortoiseConfig:
    """Tortoise's configuration for an address; raises SettingsError where it is none, or none of ours."""
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        raise SettingsError(f"DATABASE_URL must begin with postgres:// or sqlite://, not with {scheme}:.")
    options: dict[str, Any]
    if scheme == "sqlite":
        # NORMAL: after a power cut the last transactions may be missing, after a crash of ours never.
        options = {"busy_timeout": 10_000, "synchronous": "NORMAL", "foreign_keys": "ON" if foreign_keys else "OFF"}
    else:
        options = {"minsize": 1, "maxsize": connections, "command_timeout": 30, "application_name": _pool_name()}
    try:
        expand_db_url(url)
    except (ConfigurationError, ValueError) as error:
        raise SettingsError(f"DATABASE_URL is no address of a database: {_cause(error)}.") from error
    connection = expand_db_url(_with_options(url, options))
    if scheme != "sqlite":
        connection["credentials"]["connection_class"] = _PooledConnection
        if lock_within_s:
            connection["credentials"]["server_settings"] = {"lock_timeout": f"{lock_within_s}s"}
    return TortoiseConfig.from_dict(
        {
            "connections": {"default": connection},
            "apps": {APP: {"models": ["storage.models"], "migrations": "storage.migrations"}},
            "use_tz": True,
            "timezone": "UTC",
        }
    )


def _pool_name() -> str:
    """What sessions of this process' pool are called: they are idle most of the time, and in use nevertheless."""
    return f"{_POOL} {machine()} {os.getpid()}"


def pool_owner(application: str) -> tuple[str, int] | None:
    """The machine and process of a pool, by the name of its sessions; None for other sessions."""
    words = application.split(" ")
    if len(words) == 3 and words[0] == _POOL and words[2].isdecimal():
        return words[1], int(words[2])
    return None


class _PooledConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that goes back to its pool as it is.

    asyncpg would send four more statements after each of ours, to end listening, cursors, settings and locks that
    outlive a transaction. Nothing here makes any; a transaction that is still open is rolled back all the same.
    """

    def get_reset_query(self) -> str:
        """None."""
        return ""


def _with_options(url: str, options: dict[str, Any]) -> str:
    parts = urlsplit(url)
    query = {**options, **dict(parse_qsl(parts.query))}
    return urlunsplit(parts._replace(query=urlencode(query)))


def patient(function: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Try a query again while the database is locked or away; DatabaseUnreachable after ``PATIENCE_S``.

    Only for what may run twice: the database may have done it and lost the answer.
    """

    @wraps(function)
    async def trying(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(is_passing),
                wait=wait_exponential_jitter(multiplier=0.02, max=0.5, jitter=0.02),
                stop=stop_after_delay(PATIENCE_S),
                reraise=True,
            ):
                with attempt:
                    return await function(*args, **kwargs)
        except Exception as error:
            if is_passing(error):
                raise DatabaseUnreachable(f"The database does not answer ({_cause(error)}).") from error
            raise
        raise AssertionError("tenacity returns or raises")

    return trying


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """All that is done within happens, or nothing of it.

    Where Tortoise's own cannot begin or end, as on a connection that has just broken, it keeps the connection, or
    lets the task go on using it.
    """
    async with turn(), _transaction():
        yield


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Be the one who writes to SQLite; on Postgres nothing.

    SQLite has a lock of its own, for which it sleeps up to a tenth of a second at a time, and with it everybody who
    wants to read through the same connection. This one keeps nobody else waiting, and a killed process frees it.
    """
    path = getattr(get_connections().get("default"), "filename", None)
    if path in (None, ":memory:"):
        yield
        return
    async with _own_turn(path):
        with Path(f"{path}.turn").open("w") as file:
            end = time.monotonic() + PATIENCE_S
            while not _locked(file) and time.monotonic() < end:
                await asyncio.sleep(_TURN_PAUSE_S)
            yield


@asynccontextmanager
async def _own_turn(path: str) -> AsyncIterator[None]:
    """The same among the tasks of this process, in order: hundreds that look at the file would keep it busy."""
    loop = asyncio.get_running_loop()
    lock = _OWN_TURNS.setdefault(loop, {}).setdefault(path, asyncio.Lock())
    async with lock:
        yield


_OWN_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def _transaction() -> AsyncIterator[None]:
    context: Any = in_transaction()
    try:
        await context.__aenter__()
    except BaseException:
        if hasattr(context, "token"):
            # This kind of error is the one after which it does not try to roll back.
            await _leave(context, TransactionManagementError)
        raise
    try:
        yield
    except BaseException as error:
        await _leave(context, type(error))
        raise
    await _leave(context, None)


async def _leave(context: Any, kind: type[BaseException] | None) -> None:
    """End a transaction; whatever happens, the task is rid of its connection."""
    token = getattr(context, "token", None)
    try:
        await context.__aexit__(kind, None, None)
    finally:
        if token is not None and not token._used:
            get_connections().reset(token)


async def existing(row: Awaitable[_T | None], otherwise: str) -> _T:
    """The row that is asked for; raises NotStored with a sentence where there is none."""
    found = await row
    if found is None:
        raise NotStored(otherwise)
    return found


async def column(rows: QuerySet[Any], name: str) -> list[Any]:
    """The values of one column."""
    return list(await rows.values_list(name, flat=True))


def is_passing(error: BaseException) -> bool:
    """The database is away, restarting or locked: what failed may work a moment later."""
    if isinstance(error, OperationalError):
        text = str(error).lower()
        return any(word in text for word in ("locked", "busy", "connection", "closed", "unable to open"))
    return isinstance(
        error,
        DBConnectionError
        | DatabaseUnreachable
        | ConnectionError
        | TimeoutError
        | OSError
        | asyncpg.PostgresConnectionError
        | asyncpg.InterfaceError
        | asyncpg.InternalClientError
        | asyncpg.CannotConnectNowError
        | asyncpg.AdminShutdownError
        | asyncpg.CrashShutdownError
        | asyncpg.DeadlockDetectedError
        | asyncpg.InvalidCatalogNameError
        | asyncpg.SerializationError
        | asyncpg.TooManyConnectionsError
        | sqlite3.OperationalError,
    )


def _cause(error: BaseException) -> str:
    """What went wrong, without addresses, which may hold passwords."""
    return (str(error).splitlines() or [""])[0].rstrip(".") or type(error).__name__
