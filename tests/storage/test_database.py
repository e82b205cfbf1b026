"""The connection to the database: wrong addresses, and what passes by itself."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import DoesNotExist, IntegrityError, OperationalError

from config.settings import SettingsError
from storage import database
from storage.database import default_url, is_passing, open_database, patient
from storage.errors import DatabaseUnreachable
from tests.processes import eventually


@pytest.mark.parametrize(
    "address",
    ["mysql://host/name", "screen2deck.db", "sqlite://", "postgres://user:secret@host:port/name", ""],
)
async def test_what_is_no_address_is_told_without_the_address(address: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL ") as refusal:
        async with open_database(address):
            pass
    assert "secret" not in str(refusal.value)


async def test_a_database_that_nobody_serves_is_unreachable_and_its_password_stays_secret() -> None:
    with pytest.raises(DatabaseUnreachable, match=r"^The database does not answer \(.*\)\.$") as refusal:
        async with open_database("postgres://user:secret@127.0.0.1:1/name"):
            pass
    assert "secret" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("no database at all " * 100)
    for path in (tmp_path / "words.txt", tmp_path / "missing" / "screen2deck.db", tmp_path):
        with pytest.raises(DatabaseUnreachable, match=r"^The database .* cannot be opened \(.*\)\.$"):
            async with open_database(f"sqlite://{path}"):
                pass


async def test_an_open_database_answers_and_a_closed_one_does_not(url: str) -> None:
    async with open_database(url) as opened:
        await opened.ping()
        assert opened.is_sqlite == url.startswith("sqlite")
    with pytest.raises(DatabaseUnreachable):
        await opened.ping()


async def test_a_query_that_meets_a_passing_failure_is_tried_again() -> None:
    tries = 0

    @patient
    async def query() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("database is locked")
        return "found"

    assert await query() == "found"
    assert tries == 3


async def test_a_lasting_failure_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 0.05)

    async def query() -> None:
        raise ConnectionRefusedError(111, "refused")

    with pytest.raises(DatabaseUnreachable, match="does not answer"):
        await patient(query)()


async def test_a_defect_is_not_tried_again() -> None:
    tries = 0

    @patient
    async def query() -> None:
        nonlocal tries
        tries += 1
        raise IntegrityError("twice the same")

    with pytest.raises(IntegrityError):
        await query()
    assert tries == 1


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (OperationalError("database is locked"), True),
        (OperationalError("no such table: people"), False),
        (sqlite3.OperationalError("disk I/O error"), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.UniqueViolationError("twice"), False),
        (TimeoutError(), True),
        (DoesNotExist("row"), False),
        (asyncio.CancelledError(), False),
    ],
)
def test_what_passes_by_itself(error: BaseException, passes: bool) -> None:
    assert is_passing(error) is passes


@pytest.mark.slow
async def test_a_postgres_connection_is_given_back_as_it_is_but_for_a_transaction(bare_postgres: str) -> None:
    async with open_database(bare_postgres, connections=1) as opened:
        async with opened.context.db().acquire_connection() as connection:
            await connection.execute("CREATE TABLE things (id INT)")
        sent: list[str] = []
        async with opened.context.db().acquire_connection() as connection:
            connection.add_query_logger(lambda record: sent.append(record.query))
            await connection.execute("INSERT INTO things VALUES (1)")
        assert sent == ["INSERT INTO things VALUES (1)"]

        async with opened.context.db().acquire_connection() as connection:
            await connection.execute("BEGIN; INSERT INTO things VALUES (2)")
        async with opened.context.db().acquire_connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM things") == 1
        assert sent[-2:] == ["ROLLBACK", "SELECT count(*) FROM things"]


async def test_what_still_asks_a_closed_database_leaves_no_connection_behind(tmp_path: Path) -> None:
    """SQLite's connection is a thread for which the end of the process would wait for ever."""
    closed = asyncio.Event()

    async def late(context: TortoiseContext) -> None:
        client = context.db()
        async with client.acquire_connection():
            await closed.wait()
        with pytest.raises(DatabaseUnreachable):
            await client.execute_query("SELECT 1")
        with pytest.raises(DatabaseUnreachable):
            async with client._in_transaction():
                pass

    async with open_database(default_url(tmp_path)) as opened:
        late_one = asyncio.create_task(late(opened.context))
        await asyncio.sleep(0)
    closed.set()
    await late_one
    assert await eventually(lambda: not [one for one in threading.enumerate() if "_connection_worker" in one.name])
