"""People, their accounts, and what is left of them when they ask to be forgotten."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from storage import access, conversions, decks, models, outbox, people
from storage.database import Database
from storage.errors import NotStored
from storage.readings import find_reading
from tests.making import DECK, NOW, accepted, failed, finished, hashed, somebody

pytestmark = pytest.mark.usefixtures("database")


async def test_an_account_keeps_its_person() -> None:
    first = await people.person_with_account("discord", "1", name="Ann", now=NOW)
    again = await people.person_with_account("discord", "1", name="Anna", now=NOW)

    assert first == again
    assert [account.name for account in await people.accounts(first.id)] == ["Anna"]


async def test_the_same_id_on_two_platforms_is_two_people() -> None:
    one = await people.person_with_account("discord", "1", now=NOW)
    other = await people.person_with_account("telegram", "1", now=NOW)

    assert one.id != other.id


async def test_of_many_first_messages_at_once_one_makes_the_person() -> None:
    found = await asyncio.gather(*(people.person_with_account("discord", "1", now=NOW) for _ in range(8)))

    assert len({person.id for person in found}) == 1
    assert await models.Person.all().count() == 1


async def test_a_name_without_end_is_cut_and_a_missing_one_changes_nothing() -> None:
    person = await people.person_with_account("discord", "1", name="x" * 500, now=NOW)
    await people.person_with_account("discord", "1", now=NOW)

    assert [account.name for account in await people.accounts(person.id)] == ["x" * 128]


async def test_preferences_and_bans_are_kept_with_the_person() -> None:
    person = await somebody()
    await people.set_preferences(person, {"format": "moxfield", "ünïcode": "🃏"})
    await people.ban(person, NOW + timedelta(days=1))
    found = await people.person(person)

    assert found.preferences == {"format": "moxfield", "ünïcode": "🃏"}
    assert found.banned_until == NOW + timedelta(days=1)


async def test_nobody_is_not_stored() -> None:
    with pytest.raises(NotStored, match="not known"):
        await people.person(uuid4())


async def rows() -> dict[str, int]:
    """Rows of all tables."""
    found = {name: await getattr(models, name).all().count() for name in models.__all__}
    return {name: count for name, count in found.items() if count}


async def test_a_person_who_is_forgotten_leaves_nothing_behind() -> None:
    person = await somebody()
    done = await finished(person, "done", chat="chat")
    lost = await failed(person, "lost", chat="chat")
    waiting = await accepted(person, "waiting", chat="chat")
    deck = await decks.deck_of(done.id)
    await decks.correct(deck.id, 0, "rename", {"to": "x"}, DECK, person=person, now=NOW)
    await access.make_key(person, "tool", "player", now=NOW)

    conversion_ids, pictures = await people.forget(person)

    assert set(conversion_ids) == {done.id, lost.id, waiting.id}
    assert set(pictures) == {hashed("done"), hashed("lost"), hashed("waiting")}
    assert await rows() == {"AccuracyCount": 1}, "how often lines were put right, by layout and engine, is of nobody"


async def test_what_another_person_shares_stays() -> None:
    person, other = await somebody("one"), await somebody("other")
    await finished(person, "shared", chat="of one")
    await finished(person, "own")
    theirs = await finished(other, "shared", chat="of the other")
    deck = await decks.deck_of(theirs.id)
    await decks.correct(deck.id, 0, "rename", {"to": "x"}, DECK, person=person, now=NOW)

    _, pictures = await people.forget(person)

    assert pictures == [hashed("own")]
    assert await find_reading(hashed("own"), "stub-1") is None
    assert await find_reading(hashed("shared"), "stub-1") is not None
    assert (await conversions.conversion(theirs.id)).state is conversions.State.DONE
    assert [one.person for one in await decks.corrections(deck.id)] == [None]
    assert len(await outbox.messages_of("post", str(theirs.id))) == 1
    assert [account.user for account in await people.accounts(other)] == ["other"]


async def test_forgetting_nobody_is_harmless(database: Database) -> None:
    await finished(await somebody())
    before = await rows()

    assert await people.forget(uuid4()) == ([], [])
    assert await rows() == before
