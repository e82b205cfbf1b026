"""A backup takes the place of the database: what belongs to players comes back, what operations left stays."""

import asyncio

import pytest

from config.settings import Settings
from storage import access, audit, conversions, decks, models, outbox, requests, schema, values
from storage.audit import AuditLine
from storage.backups import carrying
from storage.backups.catalogue import Catalogue
from storage.backups.kinds import DatabaseBackups, backups_of, catalogue_of
from storage.backups.rehearsal import rehearsed
from storage.database import Database, patient, transaction
from storage.errors import NotStored
from storage.records import NewMessage
from tests.making import NOW, finished, message_of, ops_request, somebody
from tests.processes import eventually


@pytest.fixture
def backups(database: Database, settings: Settings) -> DatabaseBackups:
    return backups_of(database.url, settings)


@pytest.fixture
def catalogue(settings: Settings) -> Catalogue:
    return catalogue_of(settings)


async def back_up(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    await catalogue.make(backups.kind, backups.suffix, backups.dump, at=NOW)


async def put_back(catalogue: Catalogue, backups: DatabaseBackups) -> str:
    async with rehearsed(catalogue, backups, catalogue.find("latest")) as found:
        return await backups.put_in_place(found.scratch)


async def test_players_get_back_what_they_had(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    person = await somebody()
    before = await finished(person, "before")
    await back_up(catalogue, backups)
    after = await finished(person, "after")
    await models.StoredDeck.filter(conversion_id=before.id).delete()

    await put_back(catalogue, backups)

    assert (await decks.deck_of(before.id)).deck["main"]
    with pytest.raises(NotStored):
        await conversions.conversion(after.id)


async def test_what_operations_left_stays_and_the_trail_is_whole(
    catalogue: Catalogue, backups: DatabaseBackups
) -> None:
    await audit.add(AuditLine("ended", "queue drain", "alice", NOW, "", {}))
    await back_up(catalogue, backups)
    asked = ops_request("restoring")
    await requests.create(asked, NewMessage("discord", "7", requests.SUBJECT, str(asked.id), origin="restoring"))
    await audit.add(AuditLine("asked", "restore db", "alice", NOW, str(asked.id), {}))
    await values.set_value("maintenance", {"mode": "hard"}, by="alice", now=NOW)

    await put_back(catalogue, backups)

    assert (await requests.request(asked.id)).action == asked.action
    assert await values.value("maintenance") == {"mode": "hard"}
    assert await audit.verify() == (2, "")
    assert await outbox.answer_to("discord", "7", "restoring") is not None
    await audit.add(AuditLine("ended", "restore db", "alice", NOW, str(asked.id), {}))
    assert await audit.verify() == (3, "")


async def test_what_was_revoked_since_stays_revoked(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    person = await somebody()
    kept, _ = await access.make_key(person, "kept", "player", now=NOW)
    lost, record = await access.make_key(person, "lost", "player", now=NOW)
    await back_up(catalogue, backups)
    await access.revoke_keys([record.id], now=NOW)

    await put_back(catalogue, backups)

    assert await access.find_key(kept, now=NOW) is not None
    assert await access.find_key(lost, now=NOW) is None


async def test_messages_are_where_they_stand_in_the_chat(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    done = await finished(await somebody())
    async with transaction():
        identity = await outbox.add_message(message_of(done.id), now=NOW)
    await back_up(catalogue, backups)
    await models.OutboxMessage.filter(id=identity).update(place={"id": 17}, delivered=1, is_pending=False)

    await put_back(catalogue, backups)

    row = await models.OutboxMessage.get(id=identity)
    assert (row.place, row.is_pending) == ({"id": 17}, False)


@patient
async def _decks() -> int:
    return await models.StoredDeck.all().count()


async def test_who_reads_meanwhile_sees_the_one_or_the_other(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    await finished(await somebody(), "before")
    await back_up(catalogue, backups)
    await finished(await somebody("another"), "after")
    seen: set[int] = set()

    async def look() -> None:
        while 1 not in seen:
            seen.add(await _decks())
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await put_back(catalogue, backups)
    await looking

    assert seen == {2, 1}


async def test_who_writes_meanwhile_goes_on_afterwards(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    """On Postgres, what is written in the moment of the change may stay in the database that is replaced."""
    await back_up(catalogue, backups)
    written: list[str] = []

    async def write(until: asyncio.Event) -> None:
        while not until.is_set():
            key = f"x{len(written)}"
            await values.set_value(key, 1, by="alice", now=NOW)
            written.append(key)

    is_over = asyncio.Event()
    writing = asyncio.create_task(write(is_over))
    await eventually(lambda: len(written) > 5)
    before = set(written)
    await put_back(catalogue, backups)
    changed = len(written)
    await eventually(lambda: len(written) > changed + 5)
    is_over.set()
    await writing

    kept = set(await values.values("x"))
    assert before | set(written[changed + 1 :]) <= kept


async def test_the_tables_are_of_this_release_and_numbers_go_on(
    catalogue: Catalogue, backups: DatabaseBackups, url: str
) -> None:
    await finished(await somebody())
    await back_up(catalogue, backups)

    await put_back(catalogue, backups)

    assert (await schema.status(url)).is_current
    await finished(await somebody("another"), "another")
    assert await audit.verify() == (0, "")


def test_every_table_is_a_player_s_or_stays() -> None:
    ours = {f"storage.{model.__name__}" for model in carrying.PLAYERS}
    stays = {f"storage.{model.__name__}" for model in carrying.kept()}
    for model in carrying.PLAYERS:
        assert carrying.referred(model) & stays == set(), f"{model.__name__} refers to what stays"
    for model in carrying.kept():
        assert carrying.referred(model) & ours == set(), f"{model.__name__} refers to what a backup replaces"
    for model in carrying.all_models():
        if carrying.referred(model) & ours:
            assert model in carrying.PLAYERS
