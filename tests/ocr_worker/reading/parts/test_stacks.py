"""Stacks in which every copy shows its title bar: type lines end them, gaps in their rhythm are filled."""

from collections.abc import Sequence

import pytest

from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.stacks import Bar, Span, complete, fill, is_type_line, pitch, read_bar, titles_in
from tests.fakes.engine import page_of
from tests.fakes.screen import Screen

STEP = 32
SPAN = Span(90, 310, 0, 800)


def stack(bars: Sequence[str], missed: Sequence[int] = (), unreadable: Sequence[int] = ()) -> Screen:
    """One column of bars, the first at 100; the detector does not find those in ``missed``."""
    screen = Screen()
    for number, name in enumerate(bars):
        if number not in unreadable:
            screen.write(name, 100, 100 + STEP * number, 20, 200, hidden=number in missed)
    return screen


def names_of(bars: Sequence[Bar]) -> list[str]:
    return [bar.title.reading.card.name if bar.title else "?" for bar in bars]


def completed(page: Page, expected: int | None = None) -> list[Bar]:
    return complete(page, titles_in(page, SPAN), STEP, expected, SPAN)


class TestTypeLines:
    @pytest.mark.parametrize(
        "text",
        [
            "Creature - Elf Druid",
            "Creature — Elf",
            "Legendary Creature - Human Wizard",
            "Basic Land - Island",
            "Instant",
            "Artifact Creature - Golem",
            "Sorcery",
            "Land",
            "· Creature - Elf",
            "Creature Elf",
        ],
    )
    def test_they_say_what_a_card_is(self, text: str, names: NameReader) -> None:
        assert is_type_line(page_of(Screen(), names), TextLine(text, Rect(0, 0, 100, 20), 0.9))

    @pytest.mark.parametrize(
        "text", ["Land Tax", "Artifact Blast", "Creature Bond", "Lightning Bolt", "Landslide", "creature", ""]
    )
    def test_names_and_other_words_are_none(self, text: str, names: NameReader) -> None:
        assert not is_type_line(page_of(Screen(), names), TextLine(text, Rect(0, 0, 100, 20), 0.9))


class TestTitlesOfAColumn:
    def test_below_the_first_type_line_is_rules_text(self, names: NameReader) -> None:
        screen = stack(["Opt", "Opt", "Negate"])
        screen.write("Instant", 100, 330)
        screen.write("Duress", 100, 360)

        assert [t.line.text for t in titles_in(page_of(screen, names), SPAN)] == ["Opt", "Opt", "Negate"]

    def test_what_stands_in_another_column_is_not_its_own(self, names: NameReader) -> None:
        screen = stack(["Opt", "Negate"])
        screen.write("Duress", 400, 100)
        screen.write("Abrade", 20, 120)

        assert [t.line.text for t in titles_in(page_of(screen, names), SPAN)] == ["Opt", "Negate"]

    def test_most_columns_decide_on_the_distance_of_bars(self, names: NameReader) -> None:
        one = titles_in(page_of(stack(["Opt", "Opt", "Negate", "Duress"]), names), SPAN)
        other = titles_in(page_of(stack(["Opt", "Negate", "Negate"], missed=[1]), names), SPAN)

        assert pitch([one, other]) == STEP
        assert pitch([one[:1]]) is None
        assert pitch([]) is None


class TestMissingBars:
    def test_a_bar_that_no_detector_found_is_read_at_its_place(self, names: NameReader) -> None:
        page = page_of(stack(["Opt", "Duress", "Negate", "Abrade"], missed=[1]), names)

        assert names_of(completed(page)) == ["Opt", "Duress", "Negate", "Abrade"]

    def test_one_between_two_copies_of_a_card_is_a_further_copy(self, names: NameReader) -> None:
        bars = completed(page_of(stack(["Opt", "Opt", "Opt", "Negate"], unreadable=[1]), names))

        assert names_of(bars) == ["Opt", "Opt", "Opt", "Negate"]
        assert [bar.guessed for bar in bars] == [False, True, False, False]
        assert bars[1].rect.y == bars[0].rect.y + STEP

    def test_one_between_two_cards_is_nobodys(self, names: NameReader) -> None:
        bars = completed(page_of(stack(["Opt", "Opt", "Negate", "Negate"], unreadable=[1, 2]), names))

        assert names_of(bars) == ["Opt", "?", "?", "Negate"]

    def test_several_in_a_row_are_filled_in(self, names: NameReader) -> None:
        page = page_of(stack(["Opt", "Duress", "Abrade", "Shock", "Negate"], missed=[1, 2, 3]), names)

        assert names_of(completed(page)) == ["Opt", "Duress", "Abrade", "Shock", "Negate"]

    def test_a_gap_out_of_rhythm_is_no_missing_bar(self, names: NameReader) -> None:
        screen = Screen()
        for top in (100, 132, 180):
            screen.write("Opt", 100, top, 20, 200)

        assert len(completed(page_of(screen, names))) == 3

    def test_farther_apart_than_a_stack_can_be_stays_apart(self, names: NameReader) -> None:
        page = page_of(stack(["Opt", *["Duress"] * 5, "Opt"], unreadable=range(1, 6)), names)
        bars = [Bar(title.rect, title) for title in page.titles]

        assert len(fill(page, bars, STEP, SPAN, farthest=3)) == 2
        assert len(fill(page, bars, STEP, SPAN)) == 7
        assert fill(page, [], STEP, SPAN) == []


class TestDisplayedCounts:
    def test_bars_below_the_last_one_are_read_until_the_count_is_reached(self, names: NameReader) -> None:
        page = page_of(stack(["Opt", "Negate", "Duress", "Abrade"], missed=[2, 3]), names)

        assert names_of(completed(page, 4)) == ["Opt", "Negate", "Duress", "Abrade"]
        assert names_of(completed(page)) == ["Opt", "Negate"]

    def test_nothing_is_made_up_to_reach_it(self, names: NameReader) -> None:
        assert len(completed(page_of(stack(["Opt", "Negate"]), names), 4)) == 2

    def test_more_than_it_are_cut_off(self, names: NameReader) -> None:
        assert len(completed(page_of(stack(["Opt", "Negate", "Duress"]), names), 2)) == 2

    def test_an_empty_column_has_no_bars(self, names: NameReader) -> None:
        assert completed(page_of(Screen(), names), 4) == []


class TestReadings:
    def test_of_two_readings_at_one_place_the_better_stays(self, names: NameReader) -> None:
        screen = stack(["Opt", "Negate"])
        screen.write("Shoct", 100, 122, 8, 100)
        bars = completed(page_of(screen, names))

        assert names_of(bars) == ["Opt", "Negate"]

    def test_a_bar_is_read_with_a_little_more_around_it(self, names: NameReader) -> None:
        page = page_of(stack(["Negate"], missed=[0]), names)
        title = read_bar(page, Rect(105, 103, 250, 123), SPAN)

        assert title is not None
        assert title.reading.card.name == "Negate"

    def test_an_empty_place_has_no_title(self, names: NameReader) -> None:
        assert read_bar(page_of(Screen(), names), Rect(100, 100, 300, 120), SPAN) is None
