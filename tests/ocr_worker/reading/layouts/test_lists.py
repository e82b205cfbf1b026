"""Lists of programs, sites and notes: which of them it is, and that the deck is the same."""

import pytest

from ocr_worker.decks.deck import Section, Total
from ocr_worker.errors import NoDeckFound
from ocr_worker.reading.naming import NameReader
from tests.fakes.screen import Screen
from tests.fakes.written import LANDS, SIDE, SPELLS, write_lines, write_rows
from tests.ocr_worker.reading.observed import doubtful, held
from tests.ocr_worker.reading.reading import deck_on

MAIN = [*SPELLS, *LANDS]


def arena_list() -> Screen:
    screen = Screen(700, 1000)
    screen.write("Izzet Phoenix", 100, 10)
    screen.write("60/60 Cards", 100, 40)
    below = write_rows(screen, MAIN, 100, 90, form="{count}x")
    screen.write("Sideboard", 110, below)
    write_rows(screen, SIDE, 100, below + 34, form="{count}x")
    return screen


def mtgo_list() -> Screen:
    screen = Screen(1200, 1000)
    for top, rows in ((90, MAIN), (90 + 30 * len(MAIN) + 90, SIDE)):
        for left, text in ((100, "Qty"), (160, "Card Name"), (500, "Cost"), (600, "Rarity"), (900, "Set")):
            screen.write(text, left, top - 34)
        write_rows(screen, rows, 100, top)
        for number in range(len(rows)):
            screen.write("Common", 600, top + 30 * number)
            screen.write("M21", 900, top + 30 * number)
    screen.write("Sideboard: 15", 100, 90 + 30 * len(MAIN) + 10)
    return screen


def website_text() -> Screen:
    screen = Screen(1300, 800)
    screen.write("Spells (36)", 100, 40)
    write_rows(screen, SPELLS, 100, 80)
    screen.write("Lands (24)", 600, 40)
    below = write_rows(screen, LANDS, 600, 80)
    screen.write("Sideboard (15)", 600, below + 10)
    write_rows(screen, SIDE, 600, below + 50)
    for number in range(len(SPELLS)):
        screen.write("$ 0.35", 400, 80 + 30 * number)
    return screen


def note() -> Screen:
    screen = Screen(700, 1000)
    screen.write("Deck", 100, 40)
    below = write_lines(screen, MAIN, 100, 80)
    screen.write("Sideboard", 100, below + 20)
    write_lines(screen, SIDE, 100, below + 50)
    return screen


@pytest.mark.parametrize(
    ("screen", "kind"),
    [(arena_list(), "arena-list"), (mtgo_list(), "mtgo-list"), (website_text(), "website-text"), (note(), "other")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_list_is_read_exactly_whoever_wrote_it(screen: Screen, kind: str, names: NameReader) -> None:
    deck = deck_on(screen, names)

    assert deck.kind == kind
    assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
    assert doubtful(deck) == []
    assert deck.verified


def test_a_tracker_shows_the_cards_left_and_says_so(names: NameReader) -> None:
    screen = Screen(1000, 800)
    rows = [(3, "Lightning Bolt"), (2, "Opt"), (4, "Treasure Cruise"), (20, "Island")]
    screen.write("29 cards in deck", 600, 40)
    write_rows(screen, rows, 600, 80)
    screen.write("Player health: 17", 100, 300)
    deck = deck_on(screen, names)

    assert held(deck) == rows
    assert deck.totals[Section.MAIN] == Total(29, None) or deck.totals[Section.MAIN] == Total(29, 29)
    assert any("library" in warning for warning in deck.warnings)


def test_a_total_that_the_rows_do_not_meet_is_said(names: NameReader) -> None:
    screen = arena_list()
    screen.erase("Treasure Cruise")
    deck = deck_on(screen, names)

    assert deck.totals[Section.MAIN] == Total(57, 60)
    assert deck.warnings == ("The picture shows 60 cards in the main deck; 57 were read.",)
    assert not deck.verified


class TestPicturesWithoutADeck:
    def test_an_empty_picture_shows_none(self, names: NameReader) -> None:
        with pytest.raises(NoDeckFound):
            deck_on(Screen(), names)

    def test_menus_and_a_few_words_that_are_cards_are_none(self, names: NameReader) -> None:
        screen = Screen()
        for number, text in enumerate(["Home", "Profile", "Search...", "Opt", "Decks", "Store", "Negate", "Fire"]):
            screen.write(text, 60 + 110 * number, 20)
        with pytest.raises(NoDeckFound):
            deck_on(screen, names)

    def test_one_card_with_its_text_is_none(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 300, 100)
        screen.write("Instant", 300, 400)
        screen.write("Lightning Bolt deals 3 damage to any target.", 300, 440, 16)
        screen.write("3", 600, 100)
        with pytest.raises(NoDeckFound):
            deck_on(screen, names)
