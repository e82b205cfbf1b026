"""Magic Online's cards as pictures: stacks of title bars under column counts, and grids with count badges."""

from dataclasses import replace

import pytest

from ocr_worker.decks.deck import Section, Total
from ocr_worker.reading.naming import NameReader
from tests.fakes.pages import BAR_STEP, mtgo_grid, mtgo_stacks
from tests.fakes.screen import Screen
from tests.fakes.written import LANDS, SIDE, SPELLS
from tests.ocr_worker.reading.observed import doubtful, held
from tests.ocr_worker.reading.reading import deck_on

MAIN = [*SPELLS, *LANDS]


def miss(screen: Screen, name: str, copies: int = 1, readable: bool = True) -> None:
    """The detector misses the first copies of a card; nobody can read them, if they are not ``readable``."""
    places = [number for number, text in enumerate(screen.texts) if text.text == name][:copies]
    for place in reversed(places):
        if readable:
            screen.texts[place] = replace(screen.texts[place], found_from=99.0)
        else:
            del screen.texts[place]


class TestStacks:
    @pytest.mark.parametrize("counts", [True, False], ids=["with column counts", "without"])
    def test_every_title_bar_is_a_copy(self, counts: bool, names: NameReader) -> None:
        deck = deck_on(mtgo_stacks(counts=counts), names)

        assert deck.kind == "mtgo-visual"
        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
        assert deck.totals == {Section.MAIN: Total(60, 60), Section.SIDEBOARD: Total(15, 15)}
        assert deck.verified

    def test_the_sideboard_may_stand_below(self, names: NameReader) -> None:
        screen = mtgo_stacks(side=())
        screen.height += 500
        screen.write("Sideboard: 15", 20, 760, 18)
        for number, (count, name) in enumerate(SIDE):
            screen.write(str(count), 98 + 200 * number, 800, 18, 22)
            for copy in range(count):
                screen.write(name, 20 + 200 * number, 834 + BAR_STEP * copy, 18)
        deck = deck_on(screen, names)

        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
        assert deck.verified

    @pytest.mark.parametrize("counts", [True, False], ids=["with column counts", "without"])
    def test_bars_that_the_detector_missed_are_read_at_their_places(self, counts: bool, names: NameReader) -> None:
        screen = mtgo_stacks(counts=counts)
        for name in ("Opt", "Treasure Cruise", "Steam Vents"):
            miss(screen, name)
        deck = deck_on(screen, names)

        assert held(deck) == MAIN
        assert deck.verified

    def test_an_unreadable_bar_between_two_copies_is_a_further_copy(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        place = [number for number, text in enumerate(screen.texts) if text.text == "Opt"][1]
        del screen.texts[place]
        deck = deck_on(screen, names)

        assert held(deck) == MAIN

    def test_a_card_that_nobody_can_read_is_said_and_not_guessed(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        miss(screen, "Brazen Borrower", readable=False)
        deck = deck_on(screen, names)

        assert held(deck) == [row for row in MAIN if row[1] != "Brazen Borrower"]
        assert deck.totals[Section.MAIN] == Total(59, 60)
        assert any("1 card could not be named" in warning for warning in deck.warnings)
        assert not deck.verified

    def test_the_last_bar_at_the_edge_of_the_picture_is_read_where_the_count_asks_for_it(
        self, names: NameReader
    ) -> None:
        screen = mtgo_stacks()
        screen.erase("Creature - Elf Druid")
        screen.height = 84 + BAR_STEP * 16
        last = max(number for number, text in enumerate(screen.texts) if text.text == "Riverglide Pathway")
        screen.texts[last] = replace(screen.texts[last], found_from=99.0)

        assert held(deck_on(screen, names)) == MAIN

    def test_names_in_the_text_of_the_last_card_are_no_copies(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        for text, left, top in (("Opt", 24, 560), ("Negate", 224, 640), ("Lightning Bolt", 424, 640)):
            screen.write(text, left, top, 16)

        assert held(deck_on(screen, names)) == MAIN

    def test_a_split_card_that_lies_on_its_side_is_a_copy(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        number = next(n for n, text in enumerate(screen.texts) if text.text == "8")
        screen.texts[number] = replace(screen.texts[number], text="9")
        screen.write_up("Wear", 830, 84 + BAR_STEP * 8 + 40, 16)
        screen.write_up("Tear", 830, 84 + BAR_STEP * 8 + 110, 16)
        deck = deck_on(screen, names)

        assert held(deck)[-1] == (1, "Wear")

    def test_of_several_copies_on_their_side_one_shows_its_name(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        number = next(n for n, text in enumerate(screen.texts) if text.text == "8")
        screen.texts[number] = replace(screen.texts[number], text="11")
        screen.write_up("Wear", 830, 84 + BAR_STEP * 8 + 140, 16)
        screen.write_up("Tear", 830, 84 + BAR_STEP * 8 + 210, 16)
        deck = deck_on(screen, names)

        assert held(deck)[-1] == (3, "Wear")
        assert "Wear" in doubtful(deck)

    def test_small_pictures_are_looked_at_again_enlarged(self, names: NameReader) -> None:
        screen = mtgo_stacks()
        for number, text in enumerate(screen.texts):
            if text.text in ("Opt", "Steam Vents"):
                screen.texts[number] = replace(text, found_from=1.4)

        assert held(deck_on(screen, names)) == MAIN


class TestGrids:
    def test_every_card_stands_once_with_its_badge(self, names: NameReader) -> None:
        deck = deck_on(mtgo_grid(), names)

        assert deck.kind == "mtgo-visual"
        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
        assert deck.verified

    def test_titles_that_the_detector_missed_are_read_where_the_grid_has_them(self, names: NameReader) -> None:
        screen = mtgo_grid()
        for name in ("Treasure Cruise", "Ledger Shredder", "Mountain"):
            miss(screen, name)
        deck = deck_on(screen, names)

        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))

    def test_badges_that_the_detector_missed_are_read_at_their_places(self, names: NameReader) -> None:
        screen = mtgo_grid()
        badges = [number for number, text in enumerate(screen.texts) if text.text == "4" and text.rect.height == 18]
        for place in badges[::4]:
            screen.texts[place] = replace(screen.texts[place], found_from=99.0)
        deck = deck_on(screen, names)

        assert held(deck) == MAIN

    def test_a_badge_over_a_title_that_nobody_can_read_is_a_card_without_a_name(self, names: NameReader) -> None:
        screen = mtgo_grid()
        miss(screen, "Treasure Cruise", readable=False)
        deck = deck_on(screen, names)

        assert "Treasure Cruise" not in [name for _, name in held(deck)]
        assert any("3 cards could not be named" in warning for warning in deck.warnings)
        assert not deck.verified

    def test_numbers_on_the_first_cards_are_no_counts_of_columns(self, names: NameReader) -> None:
        screen = mtgo_grid()
        for number, text in enumerate(screen.texts):
            if text.text.isdigit():  # as high as their frames
                rect = text.rect
                tall = replace(
                    rect, left=rect.left - 12, right=rect.right + 12, top=rect.top - 13, bottom=rect.bottom + 13
                )
                screen.texts[number] = replace(text, rect=tall)
        deck = deck_on(screen, names)

        assert held(deck) == MAIN

    def test_a_single_card_in_the_last_row_is_found_by_its_title(self, names: NameReader) -> None:
        rows = [*MAIN[:-1], (2, "Mountain")]
        for extra in ("Negate", "Abrade", "Duress"):
            rows.append((1, extra))
            deck = deck_on(mtgo_grid(rows, []), names)

            assert held(deck) == rows

    def test_a_pane_of_one_row_keeps_the_column_whose_title_was_missed(self, names: NameReader) -> None:
        screen = mtgo_grid()
        miss(screen, "Abrade", readable=False)
        deck = deck_on(screen, names)

        assert held(deck, Section.SIDEBOARD) == [row for row in SIDE if row[1] != "Abrade"]
        assert any("could not be named" in warning for warning in deck.warnings)

    def test_a_count_that_nobody_can_read_is_never_certain_without_the_total(self, names: NameReader) -> None:
        screen = mtgo_grid()
        title = next(text.rect for text in screen.texts if text.text == "Treasure Cruise")
        screen.texts = [
            text for text in screen.texts if not (text.text == "3" and abs(text.rect.left - title.left - 104) < 2)
        ]
        deck = deck_on(screen, names)

        assert "Treasure Cruise" in doubtful(deck)
        assert not deck.verified


def test_without_a_sideboard_the_whole_page_is_the_deck(names: NameReader) -> None:
    deck = deck_on(mtgo_stacks(side=()), names)

    assert held(deck) == MAIN
    assert list(deck.totals) == [Section.MAIN]
    assert deck.verified
