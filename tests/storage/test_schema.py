"""The tables and their versions, on empty and on filled databases, on SQLite and on Postgres."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise import Model
from tortoise.fields import JSONField
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.executor import MigrationExecutor

from storage import (
    access,
    access_log,
    blocks,
    checklists,
    codes,
    conversions,
    decks,
    gathered,
    grants,
    migrations,
    models,
    people,
    requests,
    schema,
    sessions,
    signing,
    values,
)
from storage.access_log import AccessRecord
from storage.audit import AuditLine
from storage.blobs import DatabaseBlobs
from storage.database import default_url, open_database
from storage.errors import DatabaseUnreachable, SchemaError, SchemaOutdated, SchemaTooNew
from storage.requests import Stage, StoredFile
from storage.sessions import NewSession, SessionKind
from tests.making import DECK, NOW, accepted, failed, finished, ops_request, seconds, somebody
from tests.parts import EXECUTORS, run_sql
from tests.processes import python, running
from tools.make_migration import changes

VALUES: dict[Any, Any] = {int: 1, float: 1.0, bool: False, datetime: NOW, bytes: b"x", UUID: uuid4()}
ALL = tuple(sorted(one.stem for one in Path(migrations.__file__).parent.glob("0*.py")))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    EXECUTORS.clear()
    if request.param == "sqlite":
        yield default_url(tmp_path)
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"bare_{uuid4().hex[:12]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name}"))
    before, _, after = server.rpartition("/postgres")
    yield f"{before}/{name}{after}"
    asyncio.run(run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def fill() -> None:
    """At least one row in every table."""
    person = await somebody()
    done = await finished(person, "done", chat="chat")
    await failed(person, "lost", chat="chat")
    await accepted(person, "waiting")
    deck = await decks.deck_of(done.id)
    await decks.correct(deck.id, 0, "rename", {"to": "x"}, DECK, person=person, now=NOW)
    await access.make_key(person, "tool", "player", now=NOW)
    await DatabaseBlobs().put(b"picture")
    await gathered.keep_part("platform", "chat", "album", "1", user="user", content={"file": "x"}, now=NOW)
    await fill_console()
    await fill_rest()


async def fill_rest() -> None:
    """A row in each table that is still empty, made of its columns."""
    for name in models.__all__:
        if not await getattr(models, name).all().exists():
            await row_of(getattr(models, name))


async def row_of(model: type[Model]) -> Model:
    """A row with a value in each column that must have one, and with the rows that it refers to."""
    columns: dict[str, Any] = {}
    fields = model._meta.fields_map
    for name in (*model._meta.fk_fields, *model._meta.fields_db_projection):
        field = fields[name]
        if isinstance(field, ForeignKeyFieldInstance):
            columns[name] = await field.related_model.first() or await row_of(field.related_model)
        elif not (field.generated or field.reference or field.null) and field.default is None:
            columns[name] = {} if isinstance(field, JSONField) else VALUES.get(field.field_type, "x")
    return await model.create(**columns)


async def fill_console() -> None:
    """Whatever operations leave behind."""
    asked = ops_request("one", state=Stage.RUNNING, executor="here")
    await requests.create(asked, None)
    line = AuditLine("ended", asked.action, asked.human, NOW, str(asked.id))
    file = StoredFile("answer.txt", b"all of it")
    await requests.finish(asked.id, Stage.DONE, {"ok": True}, [file], executor="here", now=NOW, line=line)
    await requests.take_lock("action:x", "here", now=NOW, until=seconds(60))
    await values.set_value("maintenance", {"mode": "soft"}, by="alice", now=NOW)
    await grants.grant("discord:1", "viewer", reason="", by="alice", now=NOW, expires_at=None)
    await fill_security()


async def fill_security() -> None:
    """Keys, sessions, what is kept out and noted."""
    person = await somebody()
    await signing.rotate(signing.Ring.of("secret"), accepted_until=NOW, now=NOW)
    await sessions.open_session("1", NewSession(SessionKind.WEB, "viewer", "link"), life=timedelta(hours=1), now=NOW)
    await codes.make_code("renew", person, {}, by="alice", life=timedelta(minutes=15), now=NOW)
    await blocks.block(ip_network("203.0.113.7"), until=seconds(60), reason="", by="alice", now=NOW)
    await access_log.add_entries([AccessRecord(NOW, "203.0.113.7", "GET", "/api", 401, 3)])
    run = await checklists.begin("daily", "2026-11-01", by="alice", now=NOW)
    await checklists.mark(run.id, "disk", "done", who="alice", evidence="80 % free", now=NOW)


async def rows(url: str) -> dict[str, int]:
    """Rows of all tables."""
    async with open_database(url):
        return {name: await getattr(models, name).all().count() for name in models.__all__}


async def test_an_empty_database_gets_its_tables_once(bare: str) -> None:
    assert (await schema.status(bare)).missing == ALL

    assert await schema.upgrade(bare) == ALL
    assert await schema.upgrade(bare) == ()

    found = await schema.status(bare)
    assert found.is_current
    found.check()
    assert set((await rows(bare)).values()) == {0}


async def test_a_database_without_tables_is_outdated(bare: str) -> None:
    with pytest.raises(SchemaOutdated, match=rf"lacks {ALL[0]}: run `screen2deck db upgrade`"):
        (await schema.status(bare)).check()


@pytest.mark.slow
async def test_all_the_way_back_and_forward_again(bare: str) -> None:
    await schema.upgrade(bare)
    assert await schema.downgrade(bare, "zero") == ALL[::-1]
    assert (await schema.status(bare)).applied == ()
    assert await schema.upgrade(bare) == ALL
    async with open_database(bare):
        await fill()


async def test_what_is_stored_survives_what_does_not_concern_it(bare: str) -> None:
    await schema.upgrade(bare)
    async with open_database(bare):
        await fill()
    before = await rows(bare)
    assert 0 not in before.values()

    assert await schema.upgrade(bare) == ()
    assert await schema.downgrade(bare, ALL[-1].split("_")[0]) == ()
    assert await schema.downgrade(bare, ALL[-1]) == ()

    assert await rows(bare) == before


async def test_a_migration_that_is_unknown_is_not_a_target(bare: str) -> None:
    await schema.upgrade(bare)
    with pytest.raises(SchemaError, match=f"There is no migration 0999; applied are {', '.join(ALL)}"):
        await schema.downgrade(bare, "0999")


async def newer(url: str) -> None:
    """Have a later release change the database."""
    async with schema._executor(url) as executor:
        await executor.recorder.record_applied("storage", "0999_later")


async def test_a_newer_database_is_left_alone_with_a_clear_sentence(bare: str) -> None:
    await schema.upgrade(bare)
    await newer(bare)

    assert (await schema.status(bare)).unknown == ("0999_later",)
    for change in (schema.upgrade(bare), schema.downgrade(bare, "zero")):
        with pytest.raises(SchemaTooNew, match=r"changed by a newer release of Screen2Deck \(0999_later\)"):
            await change


UPGRADE = """
import asyncio, sys
from storage import schema
print(",".join(asyncio.run(schema.upgrade(sys.argv[1]))), flush=True)
"""


@pytest.mark.slow
def test_of_processes_that_upgrade_at_once_one_does_it(bare: str) -> None:
    with running([*python(UPGRADE), bare]) as one, running([*python(UPGRADE), bare]) as two:
        assert one.stdout is not None
        assert two.stdout is not None
        told = [one.stdout.read().strip(), two.stdout.read().strip()]

    assert sorted(told) == ["", ",".join(ALL)]


async def test_of_tasks_that_upgrade_at_once_one_does_it(bare: str) -> None:
    applied = await asyncio.gather(*(asyncio.create_task(schema.upgrade(bare)) for _ in range(3)))

    assert sorted(applied) == [(), (), ALL]


async def test_models_and_migrations_agree() -> None:
    assert await (await changes()).changes() == []


def test_indices_are_on_columns(empty_sqlite: Path) -> None:
    """SQLite takes the name of a column that there is not for a text, where Postgres refuses the table."""
    with closing(sqlite3.connect(empty_sqlite)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")]
        on = {name: [row[1] for row in connection.execute(f"PRAGMA index_info({name})")] for name in names}
    assert on
    assert [name for name, columns in on.items() if -2 in columns] == []


class TestSqlite:
    """What only its file needs."""

    @pytest.fixture
    async def filled(self, empty_sqlite: Path, tmp_path: Path) -> str:
        EXECUTORS.clear()
        shutil.copy(empty_sqlite, tmp_path / "screen2deck.db")
        async with open_database(default_url(tmp_path)):
            await fill()
        return default_url(tmp_path)

    @pytest.mark.slow
    async def test_it_is_copied_before_a_change(self, filled: str, tmp_path: Path) -> None:
        before = await rows(filled)

        await schema.downgrade(filled, "zero")

        copy = tmp_path / f"screen2deck.{ALL[-1]}.bak"
        assert copy.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT count(*) FROM people").fetchone() == (1,)
        assert await rows(f"sqlite://{copy}") == before

    async def test_tables_that_others_refer_to_can_be_altered_without_loss(self, filled: str) -> None:
        before = await rows(filled)
        async with schema._executor(filled) as executor:
            await rebuild(executor)
            await schema._check_references(filled, executor)

        assert await rows(filled) == before

    async def test_a_missing_row_that_others_refer_to_is_told(self, filled: str) -> None:
        async with schema._executor(filled) as executor:
            await executor.connection.execute_query("DELETE FROM conversions")
            with pytest.raises(SchemaError, match="rows refer to rows that are gone: put the copy"):
                await schema._check_references(filled, executor)

    async def test_a_folder_that_cannot_be_made_is_told(self) -> None:
        with pytest.raises(DatabaseUnreachable, match=r"The folder /proc/here cannot be written"):
            await schema.upgrade("sqlite:///proc/here/screen2deck.db")


async def rebuild(executor: MigrationExecutor) -> None:
    """Alter a table as SQLite's migrations do: a new one, a copy, the old one dropped."""
    _, found = await executor.connection.execute_query("SELECT sql FROM sqlite_master WHERE name = 'people'")
    for statement in (
        found[0]["sql"].replace('"people"', '"people_new"', 1),
        "INSERT INTO people_new SELECT * FROM people",
        "DROP TABLE people",
        "ALTER TABLE people_new RENAME TO people",
    ):
        await executor.connection.execute_query(statement)


ODD = "nul \0 quote ' \\ {} emoji 🃏 lone \ud83c high \U0010ffff rtl \u202e zero\u200b"


@pytest.mark.usefixtures("database")
async def test_odd_letters_in_names_and_json_are_stored_or_left_out() -> None:
    person = await people.person_with_account("discord", "1", name=ODD, now=NOW)
    await people.set_preferences(person.id, {"note": ODD})
    done = await finished(person.id, picture_name=ODD, source={"url": ODD}, community=ODD[:20])
    lost = await accepted(person.id, "other", correlation=ODD[:10])
    await conversions.claim(lost.id, "host/1", now=NOW)
    await conversions.fail(lost.id, "fault", ODD, detail=ODD, now=NOW)

    assert "emoji 🃏" in (await people.person(person.id)).preferences["note"]
    assert "emoji 🃏" in (await decks.deck_of(done.id)).deck["image"]
    assert "emoji 🃏" in ((await conversions.conversion(lost.id)).sentence or "")
