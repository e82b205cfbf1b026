"""Open transactions are those of Postgres; SQLite has none that a restart would cut."""

from datetime import timedelta

import asyncpg
import pytest

from storage.errors import DatabaseUnreachable
from storage.open_transactions import open_transactions
from storage.postgres_address import PostgresAddress


async def test_sqlite_has_none() -> None:
    assert await open_transactions("sqlite:///anywhere.db") == []


@pytest.mark.slow
async def test_those_of_this_database_oldest_first(filled_postgres: str) -> None:
    connection: asyncpg.Connection = await PostgresAddress.parsed(filled_postgres).connect()
    try:
        assert await open_transactions(filled_postgres) == []
        async with connection.transaction():
            await connection.execute("SELECT 1")
            [found] = await open_transactions(filled_postgres)
            assert found.owner == "postgres"
            assert timedelta(0) <= found.age < timedelta(seconds=20)
    finally:
        await connection.close()


@pytest.mark.slow
async def test_a_server_that_is_away(filled_postgres: str) -> None:
    with pytest.raises(DatabaseUnreachable):
        await open_transactions("postgres://postgres@/postgres?host=/nowhere")
