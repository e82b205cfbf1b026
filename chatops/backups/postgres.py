"""What only a Postgres has; a deployment with SQLite lacks it."""

import time

from chatops.parts import Need, Parts
from storage.postgres_address import PostgresAddress

POSTGRES: Need[PostgresAddress] = Need(
    "postgres", "The database is SQLite, a file without sessions; DATABASE_URL names no Postgres."
)


def postgres_of(database_url: str) -> dict[str, object]:
    """What fills the need, nothing for SQLite."""
    if database_url.startswith("sqlite"):
        return {}
    return {POSTGRES.name: PostgresAddress.parsed(database_url)}


async def fresh_ms(parts: Parts) -> float:
    """A round trip on a connection that is made for it, in milliseconds; raises OSError, PostgresError."""
    began = time.perf_counter()
    connection = await parts.get(POSTGRES).connect()
    try:
        await connection.fetchval("SELECT 1")
    finally:
        await connection.close(timeout=2)
    return (time.perf_counter() - began) * 1000
