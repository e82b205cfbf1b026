"""Lists with a printing of each card: asked for, known, and where the format has a place for it."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr_worker.cards import Card
from ocr_worker.cards.card import Printing
from ocr_worker.decks import Deck, DeckLine, Section, parse_decklist
from ocr_worker.exporters import Exporter, export, formats
from tests.ocr_worker.decks.lists import CARDS, DECKS, FINDER, rows
from tests.ocr_worker.exporters.test_round_trip import decks, held

HOLDERS = {name: one for name, one in formats().items() if one.holds_printings}


def printed(name: str, code: str, number: str, is_on_arena: bool = True) -> Card:
    return replace(CARDS[name], printing=Printing(code, number, is_on_arena))


def deck_of(*cards: Card, section: Section = Section.MAIN) -> Deck:
    return Deck({section: tuple(DeckLine(4, card) for card in cards)})


FIRE = printed("Fire // Ice", "mh2", "290")


def test_these_formats_have_a_place_for_printings() -> None:
    assert set(HOLDERS) == {"arena", "moxfield", "archidekt", "tappedout", "deckstats", "mtggoldfish", "manabox"}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("arena", "4 Fire // Ice (MH2) 290"),
        ("moxfield", "4 Fire / Ice (MH2) 290"),
        ("archidekt", "4x Fire // Ice (mh2) 290"),
        ("tappedout", "4x Fire / Ice (MH2) 290"),
        ("deckstats", "4 [MH2#290] Fire // Ice"),
        ("mtggoldfish", "4 Fire // Ice <290> [MH2]"),
        ("manabox", "Fire // Ice,MH2,290,4"),
    ],
)
def test_each_writes_it_in_its_grammar(name: str, line: str) -> None:
    assert line in export(deck_of(FIRE), name, set_codes=True).text.splitlines()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("archidekt", "4x Fire // Ice (mh2) 290 [Commander{top}]"),
        ("tappedout", "4x Fire / Ice (MH2) 290 *CMDR*"),
        ("deckstats", "4 [MH2#290] Fire // Ice # !Commander"),
    ],
)
def test_marks_of_sections_come_after_it(name: str, line: str) -> None:
    assert line in export(deck_of(FIRE, section=Section.COMMANDER), name, set_codes=True).text.splitlines()


@pytest.mark.parametrize("name", formats())
def test_who_does_not_ask_gets_names_only(name: str) -> None:
    known = replace(FIRE, mtgo_id=1)
    assert export(deck_of(known), name) == export(deck_of(replace(known, printing=None)), name)


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("deck", DECKS.values(), ids=DECKS)
def test_what_is_not_known_is_not_written(name: str, deck: Deck) -> None:
    assert export(deck, name, set_codes=True) == export(deck, name)


@pytest.mark.parametrize("name", sorted(formats().keys() - HOLDERS.keys()))
def test_formats_without_a_place_for_it_have_names_only(name: str) -> None:
    known = replace(FIRE, mtgo_id=1)
    assert export(deck_of(known), name, set_codes=True) == export(deck_of(known), name)


@pytest.mark.parametrize(
    ("card", "line"),
    [
        (printed("Opt", "dom", "60"), "4 Opt (DAR) 60"),
        (printed("Opt", "dom", "60", is_on_arena=False), "4 Opt"),
        (printed("Opt", "j21", "12"), "4 Opt"),
        (printed("Opt", "ha1", "3"), "4 Opt"),
        (printed("Opt", "yunknown", "3"), "4 Opt"),
        (printed("Refuse // Cooperate", "akr", "223"), "4 Refuse // Cooperate"),
        (printed("A-Vivi Ornitier", "fin", "A-248"), "4 Vivi Ornitier (FIN) 248"),
        (printed("Opt", "yneo", "7"), "4 Opt (Y22) 7"),
    ],
)
def test_arena_gets_a_printing_only_where_it_is_sure(card: Card, line: str) -> None:
    assert export(deck_of(card), "arena", set_codes=True).text == f"Deck\n{line}\n"


def test_one_card_in_two_versions_is_one_line() -> None:
    both = deck_of(printed("Vivi Ornitier", "fin", "248"), printed("A-Vivi Ornitier", "fin", "A-248"))
    assert export(both, "moxfield", set_codes=True).text == "8 Vivi Ornitier (FIN) 248\n"


def test_manabox_asks_for_the_sets_that_are_missing() -> None:
    assert export(deck_of(FIRE), "manabox", set_codes=True).notes == ()
    assert export(deck_of(FIRE, CARDS["Opt"]), "manabox", set_codes=True).notes


CODES = st.sampled_from(["mh2", "dom", "plst", "sld", "10e", "akr"])
NUMBERS = st.sampled_from(["290", "243p", "1532★", "DDR-7", "C15-113", "A120", "sg244", "A-248", "12†"])


@pytest.mark.parametrize("exporter", HOLDERS.values(), ids=HOLDERS)
@settings(max_examples=25, deadline=None)
@given(deck=decks(), data=st.data())
def test_a_list_with_printings_is_read_like_one_without(exporter: Exporter, deck: Deck, data: st.DataObject) -> None:
    assume(all(count <= 999 for lines in held(deck, exporter).values() for count, _ in lines))
    known = Deck(
        {
            section: tuple(
                replace(
                    line,
                    card=replace(line.card, printing=Printing(data.draw(CODES), data.draw(NUMBERS), is_on_arena=True)),
                )
                for line in lines
            )
            for section, lines in deck.lines.items()
        }
    )
    parsed = parse_decklist(export(known, exporter.name, set_codes=True).text, FINDER)
    plain = parse_decklist(export(deck, exporter.name).text, FINDER)
    assert rows(parsed.deck) == rows(plain.deck)
    assert parsed.problems == ()
