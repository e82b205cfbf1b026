"""Whole lists: columns, headings and what they open, sizes, and texts around that are no part of the deck."""

import pytest

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.parts.lists import list_columns, read_list
from tests.fakes.engine import page_of
from tests.fakes.screen import Screen
from tests.fakes.written import LANDS, SIDE, SPELLS, write_lines, write_rows
from tests.ocr_worker.reading.observed import seen

MAIN = [*SPELLS, *LANDS]


def read(screen: Screen, names: NameReader) -> Observation:
    return read_list(page_of(screen, names), "other")


class TestOneColumn:
    @pytest.mark.parametrize("form", ["{count}", "{count}x", "x{count}"])
    def test_every_row_is_a_card_with_its_count(self, form: str, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, MAIN, 100, 60, form=form)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert all(s.trust > 0.9 and s.fit == 1 for s in found.sightings)

    def test_a_count_may_be_one_line_with_its_name(self, names: NameReader) -> None:
        screen = Screen()
        write_lines(screen, MAIN, 100, 60)

        assert seen(read(screen, names)) == MAIN

    def test_rows_read_in_either_way_are_one_column(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, SPELLS, 100, 60, gap=-4)
        write_lines(screen, LANDS, 100, below)
        page = page_of(screen, names)

        assert len(list_columns(page)) == 1
        assert seen(read_list(page, "other")) == MAIN

    def test_a_row_without_a_readable_count_is_one_copy_at_most_half_believed(self, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, SPELLS, 100, 60)
        screen.texts = [text for text in screen.texts if text.rect.left > 110 or text.rect.top != 60]
        first = read(screen, names).sightings[0]

        assert (first.card.name, first.count) == ("Lightning Bolt", 1)
        assert first.trust < 0.35

    def test_a_badly_read_name_between_others_is_kept_with_its_count(self, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, [*SPELLS[:3], (2, "Splrebluff Camol"), *SPELLS[3:]], 100, 60)
        found = read(screen, names)

        assert (2, "Spirebluff Canal") in seen(found)
        assert len(found.sightings) == len(SPELLS) + 1

    def test_a_page_without_counted_names_holds_no_list(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 100, 100)
        screen.write("60/60 Cards", 100, 60)
        screen.write("42", 300, 300)

        assert read(screen, names).sightings == ()


class TestSeveralColumns:
    def test_they_are_read_one_after_the_other(self, names: NameReader) -> None:
        screen = Screen(1200)
        write_rows(screen, SPELLS, 100, 60)
        write_rows(screen, LANDS, 600, 60)

        assert seen(read(screen, names)) == MAIN

    def test_a_sideboard_may_have_a_column_of_its_own(self, names: NameReader) -> None:
        screen = Screen(1200)
        screen.write("Deck", 100, 30)
        write_rows(screen, MAIN, 100, 60)
        screen.write("Sideboard", 600, 30)
        write_rows(screen, SIDE, 600, 60)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert seen(found, Section.SIDEBOARD) == list(SIDE)

    def test_what_a_heading_opens_goes_on_in_the_next_column(self, names: NameReader) -> None:
        screen = Screen(1200)
        below = write_rows(screen, MAIN, 100, 60)
        screen.write("Sideboard", 100, below)
        write_rows(screen, SIDE[:2], 100, below + 30)
        write_rows(screen, SIDE[2:], 600, 60)

        assert seen(read(screen, names), Section.SIDEBOARD) == list(SIDE)

    def test_a_heading_of_another_column_opens_nothing_in_this_one(self, names: NameReader) -> None:
        screen = Screen(1200)
        write_rows(screen, SPELLS, 100, 60)
        screen.write("Sideboard", 600, 100)
        write_rows(screen, SIDE, 600, 130)

        assert seen(read(screen, names)) == list(SPELLS)


class TestHeadings:
    def test_a_sideboard_stands_below_its_heading(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, MAIN, 100, 30)
        screen.write("Sideboard (15)", 100, below)
        write_rows(screen, SIDE, 100, below + 30)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert seen(found, Section.SIDEBOARD) == list(SIDE)
        assert found.displayed[Section.SIDEBOARD] == 15

    def test_headings_by_type_add_up_to_the_size_of_the_deck(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Spells (36)", 100, 30)
        below = write_rows(screen, SPELLS, 100, 60)
        screen.write("Lands (24)", 100, below)
        below = write_rows(screen, LANDS, 100, below + 30)
        screen.write("Sideboard (15)", 100, below)
        write_rows(screen, SIDE, 100, below + 30)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert found.displayed == {Section.MAIN: 60, Section.SIDEBOARD: 15}
        assert sorted(found.piles.values()) == [15, 24, 36]

    def test_headings_of_one_column_are_told_apart_whether_they_count_or_not(self, names: NameReader) -> None:
        screen = Screen()
        below = 40.0
        for heading, rows in (("Spells (36)", SPELLS), ("Lands", LANDS), ("Sideboard (15)", SIDE)):
            screen.write(heading, 100, below)
            below = write_rows(screen, rows, 100, below + 40) + 20
        found = read(screen, names)

        assert len({s.pile for s in found.sightings}) == 3
        assert found.displayed == {Section.SIDEBOARD: 15}

    def test_a_type_beside_a_name_is_a_cell_of_its_row(self, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, MAIN, 100, 60)
        for number in range(len(MAIN)):
            screen.write("Sorcery" if number % 2 else "Sideboard", 500, 60 + 30 * number)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert {s.pile for s in found.sightings} == {""}

    def test_types_within_a_sideboard_stay_in_it(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, MAIN, 100, 30)
        screen.write("Sideboard", 100, below)
        screen.write("Instants (11)", 100, below + 30)
        write_rows(screen, SIDE, 100, below + 60)

        assert seen(read(screen, names), Section.SIDEBOARD) == list(SIDE)

    def test_a_companion_has_one_row(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Companion", 100, 30)
        write_rows(screen, [(1, "Lurrus of the Dream-Den"), *SPELLS], 100, 60)
        found = read(screen, names)

        assert seen(found, Section.COMPANION) == [(1, "Lurrus of the Dream-Den")]
        assert seen(found) == list(SPELLS)

    @pytest.mark.parametrize(
        "commanders", [["Kelsien, the Plague"], ["Thrasios, Triton Hero", "Tymna the Weaver"]], ids=["one", "partners"]
    )
    def test_a_commander_may_have_a_partner_and_no_more(self, commanders: list[str], names: NameReader) -> None:
        screen = Screen()
        screen.write("Commander", 100, 30)
        rows = [(1, name) for name in commanders]
        write_rows(screen, [*rows, *SPELLS], 100, 60)
        found = read(screen, names)

        assert seen(found, Section.COMMANDER) == rows
        assert seen(found) == list(SPELLS)

    def test_a_size_ends_the_command_zone(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Commander", 100, 30)
        write_rows(screen, [(1, "Kelsien, the Plague")], 100, 60)
        screen.write("99 Cards", 100, 100)
        write_rows(screen, [(1, "Atraxa, Praetors' Voice"), *SPELLS], 100, 130)

        assert seen(read(screen, names), Section.COMMANDER) == [(1, "Kelsien, the Plague")]

    def test_what_is_only_considered_is_left_out(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, MAIN, 100, 30)
        screen.write("Maybeboard (15)", 100, below)
        write_rows(screen, SIDE, 100, below + 30)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert [s for s in found.sightings if s.section is not Section.MAIN] == []


class TestSizes:
    @pytest.mark.parametrize("text", ["60 cards", "60/60 Cards", "Deck: 60 cards"])
    def test_a_displayed_size_is_the_main_decks(self, text: str, names: NameReader) -> None:
        screen = Screen()
        screen.write(text, 100, 20)
        write_rows(screen, MAIN, 100, 60)

        assert read(screen, names).displayed == {Section.MAIN: 60}

    def test_of_several_sizes_the_one_that_was_read_is_meant(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("75 cards", 500, 20)
        screen.write("60 cards", 100, 20)
        write_rows(screen, MAIN, 100, 60)

        assert read(screen, names).displayed == {Section.MAIN: 60}

    def test_the_name_above_the_size_is_the_decks(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("2 Negates", 100, 10)
        screen.write("60 cards", 100, 35)
        write_rows(screen, MAIN, 100, 80)

        assert seen(read(screen, names)) == MAIN


class TestListsWithoutHeadings:
    def test_fifteen_cards_after_a_gap_are_the_sideboard(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, MAIN, 100, 20)
        write_rows(screen, SIDE, 100, below + 30)
        found = read(screen, names)

        assert seen(found) == MAIN
        assert seen(found, Section.SIDEBOARD) == list(SIDE)

    def test_without_a_gap_there_is_no_telling(self, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, [*MAIN, *SIDE], 100, 20)

        assert seen(read(screen, names), Section.SIDEBOARD) == []

    def test_a_gap_elsewhere_is_only_a_gap(self, names: NameReader) -> None:
        screen = Screen()
        below = write_rows(screen, SPELLS, 100, 20)
        write_rows(screen, [*LANDS, *SIDE], 100, below + 30)

        assert seen(read(screen, names)) == [*MAIN, *SIDE]


class TestTextsAround:
    def test_prices_rarities_and_power_are_no_counts(self, names: NameReader) -> None:
        screen = Screen(1200)
        write_rows(screen, MAIN, 100, 60)
        for number in range(len(MAIN)):
            for left, text in ((500, "$0.35"), (600, "2/3"), (700, "U"), (800, "12")):
                screen.write(text, left, 60 + 30 * number)

        assert seen(read(screen, names)) == MAIN

    def test_a_row_that_a_button_cuts_is_said_and_not_guessed(self, names: NameReader) -> None:
        screen = Screen()
        write_rows(screen, [*SPELLS, (4, "Opt")], 100, 60)
        screen.write("Done", 230, 60 + 30 * len(SPELLS), 28)
        found = read(screen, names)

        assert seen(found) == list(SPELLS)
        assert [(hidden.section, hidden.count) for hidden in found.unread] == [(Section.MAIN, 4)]

    def test_card_names_in_sentences_and_menus_beside_the_list_are_no_rows(self, names: NameReader) -> None:
        screen = Screen(1400)
        write_rows(screen, MAIN, 100, 60)
        for number, text in enumerate(["Home", "Search...", "Opt", "Negate is too slow here", "Duress", "Profile"]):
            screen.write(text, 900, 60 + 40 * number)

        assert seen(read(screen, names)) == MAIN
