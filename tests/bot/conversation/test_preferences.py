"""What people prefer, and what lists look like then."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.conversation.commands import preferences_panel
from bot.conversation.desk import Somebody
from bot.conversation.preferences import Preferences
from bot.conversation.rendering import export_reply
from bot.conversation.texts import Language
from ocr_worker.cards import Card
from ocr_worker.cards.card import Printing
from ocr_worker.decks import Deck, DeckLine, Section
from storage.records import PersonRecord

DECK = Deck({Section.MAIN: (DeckLine(4, Card("Opt", printing=Printing("dom", "60", is_on_arena=True))),)})


def panel(preferences: Preferences, *, knows_printings: bool) -> str:
    person = PersonRecord(UUID(int=1), {}, datetime(2026, 1, 1, tzinfo=UTC))
    reply = preferences_panel(Somebody(person, preferences), knows_printings)
    return "\n".join([reply.text, *(choice.label for row in reply.choices for choice in row)])


@pytest.mark.parametrize(
    ("set_codes", "block"), [(False, "Deck\n4 Opt\n"), (True, "Deck\n4 Opt (DAR) 60\n")], ids=["names", "sets"]
)
def test_lists_have_set_codes_for_who_prefers_them(set_codes: bool, block: str) -> None:
    assert export_reply(DECK, "arena", Preferences(set_codes=set_codes)).block == block


def test_the_preference_is_kept_and_anything_else_is_no_preference() -> None:
    chosen = Preferences(set_codes=True)
    assert Preferences.of(chosen.stored()) == chosen
    assert not Preferences.of({"set_codes": "yes"}).set_codes


@pytest.mark.parametrize(
    ("language", "names_only", "with_sets", "unknown"),
    [
        (Language.ENGLISH, "Lists: names only.", "Lists: with set codes", "come with screen2deck cards update"),
        (Language.FRENCH, "Listes : noms seuls.", "Listes : avec codes", "viennent avec screen2deck cards update"),
    ],
)
def test_the_panel_says_what_is_chosen_and_where_set_codes_come_from(
    language: Language, names_only: str, with_sets: str, unknown: str
) -> None:
    plain = Preferences(language=language)
    assert names_only in panel(plain, knows_printings=True)
    assert with_sets in panel(replace(plain, set_codes=True), knows_printings=True)
    assert unknown in panel(plain, knows_printings=False)
    assert unknown not in panel(plain, knows_printings=True)
