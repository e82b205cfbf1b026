"""Decks and their corrections, each of which can be taken back."""

import asyncio
from uuid import UUID, uuid4

import pytest

from storage import decks
from storage.decks import DeckChanged
from storage.errors import NotStored
from storage.records import DeckRecord
from tests.making import DECK, NOW, finished, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")


def with_count(count: int) -> dict[str, object]:
    return {**DECK, "main": [{"count": count, "name": "Relentless Rats"}]}


async def read_deck(person: UUID, name: str = "picture", at: float = 0) -> DeckRecord:
    return await decks.deck_of((await finished(person, name, at=seconds(at))).id)


async def test_a_correction_changes_the_deck_and_not_what_was_read() -> None:
    person = await somebody()
    deck = await read_deck(person)
    changed = await decks.correct(deck.id, 0, "count", {"to": 59}, with_count(59), person=person, now=NOW)

    assert (changed.revision, changed.deck["main"][0]["count"]) == (1, 59)
    assert changed.read == deck.read
    [correction] = await decks.corrections(deck.id)
    assert (correction.revision, correction.kind, correction.change, correction.person) == (
        1,
        "count",
        {"to": 59},
        person,
    )
    assert correction.before == deck.deck


async def test_every_correction_keeps_what_it_changed() -> None:
    person = await somebody()
    deck = await read_deck(person)
    for revision in range(3):
        await decks.correct(deck.id, revision, "count", {}, with_count(revision), person=person, now=seconds(revision))

    kept = await decks.corrections(deck.id)
    assert [one.revision for one in kept] == [1, 2, 3]
    assert [one.before["main"][0]["count"] for one in kept] == [60, 0, 1]


async def test_of_two_corrections_of_the_same_state_the_second_is_told() -> None:
    person = await somebody()
    deck = await read_deck(person)
    both = await asyncio.gather(
        *(decks.correct(deck.id, 0, "count", {}, with_count(one), person=person, now=NOW) for one in (1, 2)),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in both) == ["DeckChanged", "DeckRecord"]
    assert (await decks.deck(deck.id)).revision == 1
    with pytest.raises(DeckChanged):
        await decks.correct(deck.id, 0, "count", {}, DECK, person=person, now=NOW)


async def test_a_persons_decks_come_newest_first_and_in_pages() -> None:
    person = await somebody()
    made = [await read_deck(person, f"picture {number}", number) for number in range(4)]
    await read_deck(await somebody("other"), "theirs")

    assert [deck.id for deck in await decks.decks_of(person)] == [deck.id for deck in reversed(made)]
    assert [deck.id for deck in await decks.decks_of(person, limit=1, offset=1)] == [made[2].id]


async def test_a_deck_that_was_removed_is_no_longer_kept() -> None:
    person = await somebody()
    deck = await read_deck(person)
    await decks.correct(deck.id, 0, "count", {}, DECK, person=person, now=NOW)

    assert await decks.remove_deck(deck.id)
    assert not await decks.remove_deck(deck.id)
    assert await decks.corrections(deck.id) == []
    for missing in (deck.id, uuid4()):
        with pytest.raises(NotStored, match="no longer kept"):
            await decks.deck(missing)
