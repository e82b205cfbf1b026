"""What is counted of readings and of what people put right: for good, once a line, by layout and engine."""

from typing import Any
from uuid import UUID

import pytest

from storage import decks
from storage.accuracy import put_right
from storage.accuracy_counts import Change, counts, totals
from storage.records import DeckRecord, Json, ReadingRecord
from tests.making import DECK, NOW, accepted, finished, seconds, somebody

GIVEN = {("main", "Opt"): True, ("main", "Shok"): False, ("side", "Negate"): True}


def change(kind: str, name: str = "", at: str = "main", **what: Any) -> Change:
    return Change(kind, {"line": "m0", "from": at, "name": name, **what} if name else what)


SHOCK = change("card", "Shok", card="Shock")


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ([SHOCK], {"by_card": 1, "flagged_changed": 1}),
        ([SHOCK, change("card", "Shock", card="Shatter")], {"by_card": 2, "flagged_changed": 1}),
        ([change("confirm", "Shok")], {"by_confirmed": 1, "flagged_confirmed": 1}),
        ([change("confirm", "Shok"), change("count", "Shok", count=2)], {"flagged_confirmed": 1, "flagged_changed": 0}),
        ([change("count", "Opt", count=3)], {"by_count": 1, "certain_changed": 1, "certain_decks": 1}),
        ([change("count", "Opt", count=0)], {"by_removed": 1, "certain_changed": 1, "certain_decks": 1}),
        ([change("move", "Negate", "side", section="main")], {"by_section": 1, "certain_changed": 1}),
        ([change("count", "Opt", count=3), change("count", "Negate", "side", count=1)], {"certain_decks": 1}),
        ([change("add", card="Opt")], {"by_added": 1, "certain_changed": 0}),
        ([change("add", card="Duress"), change("count", "Duress", count=4)], {"by_count": 1, "certain_changed": 0}),
        ([change("swap")], {"by_section": 1, "certain_changed": 2, "flagged_changed": 1}),
        ([SHOCK, change("undo", revision=1), SHOCK], {"by_undone": 1, "by_card": 2, "flagged_changed": 1}),
        ([change("merge", deck="another")], {"by_merged": 1, "certain_changed": 0}),
        ([change("album", decks=["another"])], {"by_merged": 0, "certain_changed": 0}),
    ],
)
def test_a_line_counts_once_when_it_is_first_put_right(made: list[Change], found: dict[str, int]) -> None:
    counted = totals(GIVEN, made)
    assert {name: counted[name] for name in found} == found
    settled = ("flagged_changed", "flagged_confirmed", "certain_changed")
    assert sum(counted[name] for name in settled) <= len(GIVEN)


def reading(*, engine: str = "rapidocr", kind: str = "arena-list") -> ReadingRecord:
    """Of one certain line and one flagged one."""
    lines = [{"count": 4, "name": "Opt", "certain": True}, {"count": 2, "name": "Shok", "certain": False}]
    return ReadingRecord({**DECK, "main": lines, "engine": engine, "kind": kind, "verified": False})


async def given(person: UUID, picture: str, read: ReadingRecord) -> DeckRecord:
    return await decks.deck_of((await finished(person, picture, reading=read)).id)


async def put(deck: DeckRecord, made: Change, after: Json | None = None, at: float = 60) -> DeckRecord:
    return await decks.correct(
        deck.id, deck.revision, made.kind, made.what, after or deck.deck, person=deck.person, now=seconds(at)
    )


async def told() -> dict[tuple[str, str], dict[str, int]]:
    """What is counted, without zeros."""
    found = await counts()
    return {(one.layout, one.engine): {name: n for name, n in one.numbers.items() if n} for one in found}


@pytest.mark.usefixtures("database")
class TestCounted:
    async def test_decks_lines_and_corrections_are_counted_by_layout_and_engine(self) -> None:
        person = await somebody()
        await given(person, "a", reading())
        deck = await given(person, "b", reading())
        await given(person, "c", ReadingRecord({**DECK, "engine": "easyocr", "kind": "paper-photo"}))
        await finished(person, "d", reading=ReadingRecord(None, "no_deck", "No."))

        deck = await put(deck, SHOCK)
        await put(deck, change("count", "Opt", count=3))

        assert await told() == {
            ("arena-list", "rapidocr"): {
                "decks_doubtful": 2,
                "lines_certain": 2,
                "lines_flagged": 2,
                "flagged_changed": 1,
                "certain_changed": 1,
                "certain_decks": 1,
                "by_card": 1,
                "by_count": 1,
            },
            ("paper-photo", "easyocr"): {"decks_verified": 1, "lines_certain": 1},
        }
        found = await put_right(NOW)
        assert (found.flagged, found.certain, found.decks) == (1, 1, 1)
        assert (await put_right(seconds(61))).certain == 0

    async def test_a_deck_from_the_cache_is_given_too_and_a_self_test_is_nobodys(self) -> None:
        await given(await somebody("a"), "a", reading())
        assert (await accepted(await somebody("b"), "a")).from_cache
        await finished(await somebody("c"), "c", reading=reading(), community="selftest")
        assert (await told())["arena-list", "rapidocr"]["decks_doubtful"] == 2

    async def test_what_was_counted_stays_when_its_deck_is_deleted(self) -> None:
        deck = await given(await somebody(), "a", reading())
        await put(deck, SHOCK)
        before = await told()
        await decks.remove_deck(deck.id)
        assert await told() == before

    async def test_lines_of_an_album_are_those_that_were_put_together(self) -> None:
        deck = await given(await somebody(), "a", reading())
        whole = {**deck.deck, "side": [{"count": 1, "name": "Negate", "certain": True}]}
        deck = await put(deck, change("album", decks=["b"]), whole)
        assert (await put(deck, change("count", "Negate", "side", count=2))).revision == 2
        assert (await told())["arena-list", "rapidocr"]["certain_changed"] == 1

    async def test_labels_stay_few_whatever_a_pasted_list_says_of_itself(self) -> None:
        person = await somebody()
        for number in range(3):
            await given(person, f"{number}", reading(engine="list", kind=f"made up {number}"))
        await given(person, "odd", reading(engine="rapidocr", kind="Another One!"))
        assert set(await told()) == {("list", "none"), ("other", "rapidocr")}

    async def test_of_two_corrections_of_one_state_one_is_counted(self) -> None:
        deck = await given(await somebody(), "a", reading())
        await put(deck, SHOCK)
        with pytest.raises(decks.DeckChanged):
            await put(deck, SHOCK)
        assert (await told())["arena-list", "rapidocr"]["by_card"] == 1
