"""The database changed and compared in the chat: pools, tables of this release, migrations."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chatops.backups import backing_up
from storage import incidents, maintenance, models, pool, schema
from storage.attending import attending
from storage.control import Control
from storage.database import Database, transaction
from storage.pool import PoolSize
from tests.chatops.acting import ALICE, OLGA, RITA, Ops
from tests.making import finished, somebody
from tests.parts import run_sql
from tests.releases import LATER, later_release

Release = Callable[[str], None]


@pytest.fixture
def release(tmp_path: Path, url: str) -> Iterator[Release]:
    """``release(sql)`` makes this process one of a release whose last migration executes that."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    with ExitStack() as stack:
        yield lambda sql: stack.enter_context(later_release(folder, sql))
    if not url.startswith("sqlite"):
        asyncio.run(
            run_sql(url, "DROP TABLE IF EXISTS later", "DELETE FROM tortoise_migrations WHERE name LIKE '0999%'")
        )


async def newest(ops: Ops) -> str:
    return (await schema.status(ops.parts.database_url)).applied[-1]


async def test_the_tables_are_compared_with_this_release(ops: Ops) -> None:
    await finished(await somebody())
    answer = await ops.done(OLGA, "db verify")
    assert answer.data == {"problems": [], "revision": await newest(ops)}
    assert "tables are those of this release" in answer.text


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_lacks_and_what_is_of_nobody_is_named(ops: Ops) -> None:
    for statement in (
        "DROP TABLE dead_letters",
        "ALTER TABLE decks ADD COLUMN odd INTEGER",
        "CREATE TABLE stray (x INTEGER)",
        *[f"DROP INDEX {name}" for name in await indices_of(ops.parts.database, "ops_grants")],
    ):
        await ops.parts.database.context.db().execute_query(statement)

    answer = await ops.answer(OLGA, "db verify")

    assert not answer.ok
    assert answer.data["problems"] == [
        "table dead_letters is missing",
        "column decks.odd is of nobody",
        "an index of ops_grants on human, revoked_at is missing",
        "table stray is of nobody",
    ]


async def indices_of(database: Database, table: str) -> list[str]:
    statement = f"SELECT name FROM sqlite_master WHERE tbl_name = '{table}' AND sql LIKE 'CREATE INDEX%'"  # noqa: S608
    return [row["name"] for row in (await database.context.db().execute_query(statement))[1]]


class TestMigrating:
    """Backup, maintenance, change, check, maintenance off."""

    async def test_nothing_is_pending(self, ops: Ops) -> None:
        assert (await ops.done(RITA, "db pending")).text == "No migration is pending."
        assert await ops.refused(ALICE, "db migrate") == "The database has all tables of this release."

    async def test_what_is_pending_is_shown_with_its_statements(self, ops: Ops, release: Release) -> None:
        release("CREATE TABLE later (id INTEGER)")

        answer = await ops.done(RITA, "db pending")
        plan = await ops.planned(ALICE, "db migrate")

        assert answer.data == [LATER]
        assert b"CREATE TABLE later (id INTEGER)" in answer.files[0].data
        assert plan.items == (LATER,)
        assert plan.table is not None
        assert "CREATE TABLE later" in str(plan.table.rows)
        assert "pending" in (await ops.answer(OLGA, "db verify")).log[0]
        assert "It lacks 1 migration" in await ops.refused(RITA, "db status")

    async def test_it_is_applied_after_a_verified_backup_and_players_are_let_in_again(
        self, ops: Ops, release: Release
    ) -> None:
        before = await newest(ops)
        release("CREATE TABLE later (id INTEGER)")

        answer = await ops.done(ALICE, "db migrate")

        assert answer.data["applied"] == [LATER]
        assert (answer.data["before"], answer.data["after"]) == (before, LATER)
        backup = backing_up.catalogue(ops.parts).find(answer.data["backup"])
        assert backup.is_verified
        assert backup.label == "before-migration"
        assert backup.schema == before
        assert await maintenance.in_force(ops.now) is None
        assert (await schema.status(ops.parts.database_url)).missing == ()

    async def test_a_failure_leaves_maintenance_on_and_calls_the_on_call(self, ops: Ops, release: Release) -> None:
        release("CREATE TABLE decks (id INTEGER)")

        said = await ops.refused(ALICE, "db migrate")

        assert "already exists" in said
        assert said.endswith(
            "Maintenance stays on: look, then end it with maintenance off. INC-1 is open, and the on-call is called."
        )
        assert await maintenance.in_force(ops.now) is not None
        [opened] = await incidents.unresolved()
        assert (opened.title, opened.severity.value) == ("db migrate failed", "P1")
        notices = await models.OutboxMessage.filter(subject="notice")
        assert any("db migrate failed" in one.payload["text"] for one in notices)
        assert (await schema.status(ops.parts.database_url)).missing == (LATER,)

    @pytest.mark.slow
    @pytest.mark.parametrize("url", ["postgres"], indirect=True)
    async def test_a_table_that_somebody_holds_is_waited_for_five_seconds(self, ops: Ops, release: Release) -> None:
        release("ALTER TABLE decks ADD COLUMN odd INTEGER")
        held, over = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with transaction():
                await models.StoredDeck.all().count()
                held.set()
                await over.wait()

        holding = asyncio.create_task(hold())
        await held.wait()
        said = await ops.refused(ALICE, "db migrate", backup="no")
        over.set()
        await holding

        assert said.startswith("Somebody has held a table for longer than 5 s, so that it was not changed.")
        assert (await schema.status(ops.parts.database_url)).missing == (LATER,)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
class TestPools:
    """Their size, changed while they are used."""

    async def test_all_processes_follow_and_what_is_in_use_goes_on(self, ops: Ops) -> None:
        parts, over, held = ops.parts, asyncio.Event(), asyncio.Event()

        async def hold() -> int:
            async with transaction():
                held.set()
                await over.wait()
                return await models.Person.all().count()

        async with attending("bot", "bot:1", parts.queue, parts.settings, {}, lambda: ops.now):
            await asyncio.wait_for(known(parts.queue), 10)
            holding = asyncio.create_task(hold())
            await held.wait()

            answer = await ops.done(ALICE, "db pool-set", size=2, overflow=3)
            assert answer.table is not None
            assert answer.table.rows[0][1].endswith("2 to 5")
            await asyncio.gather(*(somebody(f"player{number}") for number in range(20)))
            over.set()
            assert await holding >= 0

            told = await ops.done(RITA, "db settings")
            assert (told.data["size"], told.data["overflow"]) == (2, 3)
            await ops.done(ALICE, "db pool-set", size=1, overflow=9)
            await ops.parts.database.ping()

    async def test_more_than_the_server_allows_is_refused_with_what_it_would_take(self, ops: Ops) -> None:
        said = await ops.refused(ALICE, "db pool-set", size=50, overflow=100)
        assert "1 x (50 + 100) connections and 10 for others are 160, and the server allows 100." in said
        assert "set max_connections = 160 in postgresql.conf and restart it" in said
        assert await pool.wanted() == PoolSize()


async def known(queue: object) -> None:
    """Wait until a process has told of itself."""
    control = Control(queue)  # type: ignore[arg-type]
    while not await control.processes():
        await asyncio.sleep(0.02)
