"""The database as it is looked at in the chat: SQLite tells what it has, Postgres really."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import asyncpg
import pytest

from chatops.backups.postgres import POSTGRES, postgres_of
from config.settings import Settings
from storage import postgres_stats, values
from storage.database import open_database, sqlite_path
from storage.postgres_stats import kind_of, masked
from storage.queue import Queue
from tests.chatops.acting import OLGA, RITA, VERA, Ops, parts_of
from tests.making import NOW, finished, somebody
from tests.parts import EXECUTORS, run_sql


async def test_a_sign_of_life_through_the_pool_and_anew(ops: Ops) -> None:
    answer = await ops.done(VERA, "db ping")
    assert answer.data["pool_ms"] > 0
    assert answer.data["fresh_ms"] > 0


async def test_how_it_is(ops: Ops) -> None:
    await finished(await somebody())
    answer = await ops.done(RITA, "db status")
    assert answer.text == "The database is well."
    assert answer.data["size"] > 0
    assert answer.data["missing"] == []
    assert answer.table is not None
    assert answer.table.rows[-1] == ("schema", answer.data["applied"][-1])


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
class TestSqlite:
    """A file."""

    @pytest.mark.parametrize("name", ["db connections", "db idle", "db kill-idle", "db slow"])
    async def test_what_it_lacks_is_told_with_the_reason(self, ops: Ops, name: str) -> None:
        said = await ops.refused(OLGA, name)
        assert said == (
            f"{name} is not configured here: The database is SQLite, a file without sessions; "
            "DATABASE_URL names no Postgres."
        )

    async def test_damage_is_told(self, ops: Ops) -> None:
        assert (await ops.done(OLGA, "db integrity")).text.startswith("All of the file is whole")
        for number in range(200):
            await values.set_value(f"x{number}", "y" * 200, by="alice", now=NOW)
        path = sqlite_path(ops.parts.database_url)
        assert path is not None
        await ops.parts.database.context.db().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = (await ops.parts.database.context.db().execute_query("PRAGMA page_size"))[1]
        page = rows[0]["page_size"]
        with path.open("r+b") as file:
            file.seek(path.stat().st_size - 3 * page)
            file.write(b"\xff" * page)
        for person, name in ((RITA, "db status"), (OLGA, "db integrity")):
            assert "The file is damaged" in await ops.refused(person, name)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # of the settings; the console has its own database
class TestPostgres:
    """A server, under a role that is no superuser, as a deployment has it."""

    @pytest.fixture
    def own(self, filled_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        EXECUTORS.clear()
        grants = (
            "CREATE ROLE app LOGIN PASSWORD 'hunter2hunter2'",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO app",
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app",
            "GRANT CREATE ON SCHEMA public TO app",
        )
        asyncio.run(run_sql(filled_postgres, *grants))
        yield filled_postgres.replace("postgres@/", "app:hunter2hunter2@/")
        asyncio.run(run_sql(filled_postgres, "DROP OWNED BY app", "DROP ROLE app"))

    @pytest.fixture
    async def ops(self, own: str, settings: Settings, queue: Queue) -> AsyncIterator[Ops]:
        mine = settings.model_copy(update={"database_url": type(settings.database_url)(own)})  # type: ignore[misc]
        async with open_database(own) as database:
            yield Ops(parts_of(mine, database, queue, provided=postgres_of(own)))

    @pytest.fixture
    async def lazy(self, own: str) -> AsyncIterator[asyncpg.Connection]:
        """A session of the same role that somebody has forgotten."""
        connection = await asyncpg.connect(own, server_settings={"application_name": "psql"})
        await connection.fetchval("SELECT 'secret words'")
        yield connection
        await connection.close()

    async def test_sessions_are_counted(self, ops: Ops, lazy: asyncpg.Connection) -> None:
        answer = await ops.done(RITA, "db connections")
        assert answer.table is not None
        assert ("psql", "idle") in {row[:2] for row in answer.table.rows}
        assert answer.data["most"] >= answer.data["connections"] > 0

    async def test_idle_sessions_are_listed_by_kind_and_the_pool_s_are_in_use(
        self, ops: Ops, lazy: asyncpg.Connection
    ) -> None:
        found = await postgres_stats.idle(ops.parts.database, timedelta(0))
        [forgotten] = [one for one in found if one.application == "psql"]
        assert (forgotten.last, forgotten.is_in_use) == ("SELECT", False)
        assert all(one.is_in_use for one in found if one.application != "psql")
        assert "No session that may be ended has been idle for 10 min." in (await ops.done(RITA, "db idle")).text

    async def test_forgotten_sessions_are_ended_and_nothing_else(
        self, ops: Ops, filled_postgres: str, lazy: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ten minutes go by in a moment: what is asked for as ten minutes is none for the server."""
        real_idle, real_end = postgres_stats.idle, postgres_stats.end
        monkeypatch.setattr(postgres_stats, "idle", lambda database, _: real_idle(database, timedelta(0)))
        monkeypatch.setattr(postgres_stats, "end", lambda database, pids, _: real_end(database, pids, timedelta(0)))
        superuser = await asyncpg.connect(filled_postgres)
        backup = await ops.parts.get(POSTGRES).connect()

        plan = await ops.planned(OLGA, "db kill-idle")
        assert plan.items == (str(lazy.get_server_pid()),)
        answer = await ops.done(OLGA, "db kill-idle")

        assert answer.data["ended"] == [lazy.get_server_pid()]
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
            await lazy.fetchval("SELECT 1")
        for other in (superuser, backup):
            assert await other.fetchval("SELECT 1") == 1
            await other.close()
        await ops.parts.database.ping()
        assert "No session that may be ended" in await ops.refused(OLGA, "db kill-idle")

    async def test_one_that_has_work_again_is_not_ended(self, ops: Ops, lazy: asyncpg.Connection) -> None:
        assert await postgres_stats.end(ops.parts.database, [lazy.get_server_pid()], timedelta(minutes=10)) == []
        assert await lazy.fetchval("SELECT 1") == 1

    async def test_a_server_that_counts_no_queries_says_how_it_would(self, ops: Ops) -> None:
        said = await ops.refused(RITA, "db slow")
        assert "add pg_stat_statements to shared_preload_libraries" in said

    @pytest.mark.parametrize("exec_", ["", "_exec"])
    async def test_defect_18_slow_queries_under_old_and_new_names_of_columns_without_values(
        self, ops: Ops, own: str, exec_: str
    ) -> None:
        """A view of the extension's name and columns, as of Postgres 12 and 13: the package ships no extension."""
        query = "SELECT * FROM people WHERE name = ''alice'' AND id = 42"
        view = (
            f"CREATE VIEW pg_stat_statements AS SELECT oid AS dbid, '{query}' AS query, 3 AS calls, "  # noqa: S608
            f"30.0 AS total{exec_}_time, 10.0 AS mean{exec_}_time FROM pg_database WHERE datname = current_database()"
        )
        await run_sql(own, view)
        try:
            answer = await ops.done(RITA, "db slow", sort="mean")
        finally:
            await run_sql(own, "DROP VIEW pg_stat_statements")
        assert answer.data == [
            {"query": "SELECT * FROM people WHERE name = ? AND id = ?", "calls": 3, "total_ms": 30.0, "mean_ms": 10.0}
        ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT * FROM t1 WHERE a = 'x''y' AND b = 1.5e3", "SELECT * FROM t1 WHERE a = ? AND b = ?"),
        ("SELECT E'it\\'s secret', $$very secret$$, $tag$ a $tag$", "SELECT ?, ?, ?"),
        ("UPDATE x SET a = $1 -- the password is hunter2\n WHERE b = $2", "UPDATE x SET a = ? WHERE b = ?"),
        ("/* user 17 */ SELECT 'never closed", "SELECT ?"),
    ],
)
def test_no_value_of_a_query_is_shown(query: str, shown: str) -> None:
    assert masked(query) == shown


@pytest.mark.parametrize(
    ("query", "kind"),
    [("select secret", "SELECT"), ("  (SELECT 1)", "SELECT"), ("hunter2 is it", "other"), ("", "other")],
)
def test_of_a_query_only_its_kind_is_told(query: str, kind: str) -> None:
    assert kind_of(query) == kind
