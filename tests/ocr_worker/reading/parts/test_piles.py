"""Cards shown as pictures: what is a title, what lies in one pile, which section it belongs to, how many there are."""

from collections.abc import Sequence

import pytest

from ocr_worker.decks.deck import Section
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.piles import (
    anchored,
    card_titles,
    copies,
    find_piles,
    pile_bars,
    section_of,
    sideways,
    untitled,
)
from tests.fakes.engine import page_of
from tests.fakes.screen import Screen

TALL = 280
"""Pixels from one whole card's title to the next one's; its type line is 150 below the title."""


def whole_card(screen: Screen, name: str, left: float, top: float, hidden: bool = False) -> None:
    screen.write(name, left, top, hidden=hidden)
    screen.write("Instant", left + 4, top + 150, 16)


def names_of(titles: Sequence[Title]) -> list[str]:
    return [title.reading.card.front for title in titles]


class TestTitles:
    @pytest.fixture
    def screen(self) -> Screen:
        screen = Screen()
        for number, name in enumerate(["Lightning Bolt", "Treasure Cruise", "Spell Pierce"]):
            whole_card(screen, name, 100 + 250 * number, 100)
        return screen

    def test_titles_of_cards_are_titles(self, screen: Screen, names: NameReader) -> None:
        found = card_titles(page_of(screen, names))

        assert names_of(found) == ["Lightning Bolt", "Treasure Cruise", "Spell Pierce"]

    @pytest.mark.parametrize(
        ("text", "height"),
        [
            ("Petty Theft", 20),
            ("sacrifice a creature", 20),
            ("Opt", 8),
            ("Opt", 60),
            ("Basic Land - Island", 20),
            ("Draw a card.", 20),
            ("Opt to your hand", 20),
            ("Spell Pierceis", 20),
        ],
        ids=[
            "an adventure",
            "the middle of a sentence",
            "small",
            "large",
            "a type line",
            "rules",
            "a name in a sentence",
            "a name joined with the next word",
        ],
    )
    def test_other_texts_are_none(self, text: str, height: float, screen: Screen, names: NameReader) -> None:
        screen.write(text, 100, 300, height)

        assert len(card_titles(page_of(screen, names))) == 3

    def test_a_line_of_a_paragraph_is_none(self, screen: Screen, names: NameReader) -> None:
        screen.write("Opt", 104, 290, 18)
        screen.write("costs one less to cast.", 104, 310, 18)

        assert len(card_titles(page_of(screen, names))) == 3

    def test_the_second_part_of_a_type_line_is_none(self, screen: Screen, names: NameReader) -> None:
        screen.write("Basic Land", 104, 350, 20)
        screen.write("Island", 214, 350, 20)

        assert len(card_titles(page_of(screen, names))) == 3

    def test_a_page_without_a_clear_name_has_none(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Welcome back, Jace_fan_99", 100, 100)

        assert card_titles(page_of(screen, names)) == []

    def test_a_badly_read_title_needs_a_card_around_it(self, screen: Screen, names: NameReader) -> None:
        whole_card(screen, "Arclight Phoenlx", 100, 400)
        screen.write("Ledgr Shreder", 600, 560)
        page = page_of(screen, names)

        assert names_of(card_titles(page))[-2:] == ["Arclight Phoenix", "Ledger Shredder"]
        assert names_of(anchored(page, card_titles(page)))[-1] == "Arclight Phoenix"

    def test_the_missed_title_of_a_whole_card_is_read_above_its_type_line(
        self, screen: Screen, names: NameReader
    ) -> None:
        whole_card(screen, "Arclight Phoenix", 100, 400, hidden=True)
        page = page_of(screen, names)
        found = untitled(page, card_titles(page))

        assert names_of(found) == ["Arclight Phoenix"]
        assert found[0].rect.y == pytest.approx(410, abs=6)

    def test_a_type_line_with_nothing_above_it_shows_no_card(self, screen: Screen, names: NameReader) -> None:
        screen.write("Sorcery", 104, 550, 16)
        page = page_of(screen, names)

        assert untitled(page, card_titles(page)) == []


class TestPiles:
    def piled(self, screen: Screen, names: NameReader) -> tuple[Page, list[list[str]]]:
        page = page_of(screen, names)
        return page, [names_of(pile.titles) for pile in find_piles(page, card_titles(page))]

    def test_titles_with_one_left_edge_lie_in_one_pile(self, names: NameReader) -> None:
        screen = Screen()
        for left, name in ((100, "Opt"), (350, "Negate")):
            for number in range(3):
                screen.write(name, left + number, 100 + 30 * number)

        assert self.piled(screen, names)[1] == [["Opt"] * 3, ["Negate"] * 3]

    def test_names_in_the_text_box_of_a_whole_card_are_no_copies(self, names: NameReader) -> None:
        screen = Screen()
        whole_card(screen, "Lightning Bolt", 100, 100)
        screen.write("Opt", 104, 290)
        whole_card(screen, "Spell Pierce", 100, 100 + TALL)

        assert self.piled(screen, names)[1] == [["Lightning Bolt", "Spell Pierce"]]

    def test_a_missed_title_of_a_whole_card_hides_no_other_one(self, names: NameReader) -> None:
        screen = Screen(1000, 1400)
        whole_card(screen, "Lightning Bolt", 100, 100)
        screen.write("Instant", 104, 100 + TALL + 150, 16)
        for number, name in enumerate(["Spell Pierce", "Negate"], 2):
            whole_card(screen, name, 100, 100 + TALL * number)

        assert self.piled(screen, names)[1] == [["Lightning Bolt", "Spell Pierce", "Negate"]]

    def test_no_titles_lie_in_no_piles(self, names: NameReader) -> None:
        assert find_piles(page_of(Screen(), names), []) == []

    def test_a_copy_whose_bar_was_missed_is_found_by_the_rhythm_of_the_others(self, names: NameReader) -> None:
        screen = Screen()
        for number in (0, 1, 3):
            screen.write("Lightning Bolt", 100, 100 + 30 * number)
        page = page_of(screen, names)
        (pile,) = find_piles(page, card_titles(page))
        bars = pile_bars(page, pile, 30)

        assert len(bars) == 4
        assert [bar.guessed for bar in bars] == [False, False, True, False]

    def test_cards_below_each_other_without_a_rhythm_are_not_filled_up(self, names: NameReader) -> None:
        screen = Screen()
        for number in (0, 3):
            screen.write("Lightning Bolt", 100, 100 + 30 * number)
        page = page_of(screen, names)
        (pile,) = find_piles(page, card_titles(page))

        assert len(pile_bars(page, pile, 30)) == 2

    def test_each_bar_is_a_copy_and_guessed_ones_are_less_believed(self, names: NameReader) -> None:
        screen = Screen()
        for number in (0, 1, 3):
            screen.write("Lightning Bolt", 100, 100 + 30 * number)
        page = page_of(screen, names)
        (pile,) = find_piles(page, card_titles(page))
        seen = copies(pile_bars(page, pile, 30), section_of(page), "pile", 0.8)

        assert [s.count for s in seen] == [1, 1, 1, 1]
        assert [s.trust for s in seen] == pytest.approx([0.8, 0.8, 0.64, 0.8])


class TestSections:
    def test_the_sideboard_stands_below_a_heading_at_the_left(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Sideboard (15)", 30, 400)
        sections = section_of(page_of(screen, names))

        assert sections.at(Rect(500, 100, 600, 120)) is Section.MAIN
        assert sections.at(Rect(500, 500, 600, 520)) is Section.SIDEBOARD

    def test_or_right_of_one_that_runs_upwards(self, names: NameReader) -> None:
        screen = Screen()
        screen.write_up("SIDEBOARD", 600, 200, 24)
        sections = section_of(page_of(screen, names))

        assert sections.at(Rect(400, 500, 500, 520)) is Section.MAIN
        assert sections.at(Rect(630, 100, 700, 120)) is Section.SIDEBOARD

    def test_or_below_one_in_its_own_columns(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Sideboard", 600, 60)
        sections = section_of(page_of(screen, names))

        assert sections.at(Rect(100, 500, 200, 520)) is Section.MAIN
        assert sections.at(Rect(610, 100, 700, 120)) is Section.SIDEBOARD
        assert sections.at(Rect(800, 100, 900, 120)) is Section.SIDEBOARD

    def test_without_a_heading_all_is_the_main_deck(self, names: NameReader) -> None:
        assert section_of(page_of(Screen(), names)).at(Rect(900, 700, 950, 720)) is Section.MAIN

    def test_headings_with_counts_name_what_stands_under_them(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Creatures (16)", 100, 60)
        screen.write("Lands (24)", 400, 60)
        sections = section_of(page_of(screen, names))
        creatures, lands = sections.pile(Rect(105, 200, 200, 220)), sections.pile(Rect(402, 200, 500, 220))

        assert (sections.displayed()[creatures], sections.displayed()[lands]) == (16, 24)
        assert sections.pile(Rect(100, 20, 200, 40)) == ""


class TestSidewaysCards:
    def test_a_split_card_on_its_side_is_one_card(self, names: NameReader) -> None:
        screen = Screen()
        screen.write_up("Fire", 100, 300)
        screen.write_up("Ice", 100, 200)

        assert names_of(sideways(page_of(screen, names))) == ["Fire"]

    def test_other_cards_never_lie_on_their_side(self, names: NameReader) -> None:
        screen = Screen()
        screen.write_up("Lightning Bolt", 100, 300)
        screen.write("Fire", 300, 300)

        assert sideways(page_of(screen, names)) == []
