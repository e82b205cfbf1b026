"""Transactions that are open on a Postgres, for those who are about to restart it."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from storage.errors import DatabaseUnreachable
from storage.postgres_address import PostgresAddress

_QUERY = (
    "SELECT pid, coalesce(application_name, '') AS application, usename::text AS owner, "
    "clock_timestamp() - xact_start AS age "
    "FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND datname = current_database() ORDER BY xact_start"
)


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """Who has it, and since when."""

    pid: int
    application: str
    owner: str
    age: timedelta


async def open_transactions(url: str) -> list[OpenTransaction]:
    """Of this database, oldest first; none of SQLite. Raises DatabaseUnreachable."""
    if url.startswith("sqlite"):
        return []
    try:
        connection = await PostgresAddress.parsed(url).connect()
        try:
            rows = await connection.fetch(_QUERY)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(f"The database does not answer ({type(error).__name__}).") from error
    return [OpenTransaction(row["pid"], row["application"], row["owner"], row["age"]) for row in rows]
