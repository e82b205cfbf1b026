"""Postgres: a restored database takes the place of the present one."""

# ruff: noqa: S608  (all names are those of our own tables)

import asyncio
import tempfile
from collections.abc import Mapping

import asyncpg

from storage.backups import carrying
from storage.errors import BackupError

_TRIES = 50
_PAUSE_S = 0.1
_SPOOLED = 16_000_000
_OTHERS = (
    "SELECT pid, usename FROM pg_stat_activity WHERE datname = ANY($1::text[]) AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


async def hold_still(live: asyncpg.Connection) -> None:
    """Let nobody write to what is carried over, until the caller's transaction ends."""
    names = ", ".join(f'"{model._meta.db_table}"' for model in carrying.needed())
    await live.execute("SET LOCAL lock_timeout = '10s'")
    await live.execute(f"LOCK TABLE {names} IN SHARE MODE")


async def carry(live: asyncpg.Connection, restored: asyncpg.Connection) -> None:
    """Have a restored database keep what it must of the present one, within the caller's transactions."""
    await restored.execute("CREATE SCHEMA live")
    for model in carrying.needed():
        await _copy(live, restored, model._meta.db_table, carrying.columns(model))
    for statement in carrying.statements():
        await restored.execute(statement)
    await restored.execute("DROP SCHEMA live CASCADE")
    for table, column in carrying.numbered():
        await restored.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), "
            f'coalesce((SELECT max("{column}") FROM "{table}"), 0) + 1, false)'
        )


async def rename(connection: asyncpg.Connection, names: Mapping[str, str]) -> None:
    """Rename databases in one transaction, and end the sessions that are in the way; raises BackupError.

    Those of the product's own pools come back by themselves, to whatever has the name then.
    """
    for _ in range(_TRIES):
        await end_sessions(connection, list(names))
        try:
            async with connection.transaction():
                for old, new in names.items():
                    await connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
        except asyncpg.ObjectInUseError:
            await asyncio.sleep(_PAUSE_S)
        else:
            return
    others = {str(row["usename"]) for row in await connection.fetch(_OTHERS, list(names))}
    raise BackupError(f"Somebody stays connected to the database ({', '.join(sorted(others))}); nothing was replaced.")


async def end_sessions(connection: asyncpg.Connection, names: list[str], *, but: int = 0) -> None:
    """End all others on some databases, ``but`` one process; raises BackupError."""
    statement = f"SELECT pg_terminate_backend(pid) FROM ({_OTHERS}) AS others WHERE pid <> $2"
    try:
        await connection.execute(statement, names, but)
    except asyncpg.InsufficientPrivilegeError as error:
        raise BackupError("Another role is connected to the database, whose session this one may not end.") from error


async def _copy(live: asyncpg.Connection, restored: asyncpg.Connection, table: str, columns: list[str]) -> None:
    listed = ", ".join(f'"{name}"' for name in columns)
    await restored.execute(f'CREATE TABLE live."{table}" AS SELECT {listed} FROM public."{table}" WITH NO DATA')
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as file:
        await live.copy_from_query(f'SELECT {listed} FROM "{table}"', output=file, format="binary")
        file.seek(0)
        await restored.copy_to_table(table, source=file, columns=columns, format="binary", schema_name="live")
