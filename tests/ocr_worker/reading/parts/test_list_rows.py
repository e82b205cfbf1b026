"""Names joined with the counts on their rows."""

import pytest

from ocr_worker.reading import tokens
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.list_rows import ListRow, aligned, fill_counts, list_rows
from tests.fakes.engine import page_of
from tests.fakes.screen import Screen


def rows_of(page: Page) -> list[ListRow]:
    return list_rows(page.titles, page.lines)


def counted(rows: list[ListRow]) -> list[tuple[int | None, str]]:
    return [(row.count, row.title.reading.card.name) for row in rows]


class TestCountsOnRows:
    def test_a_count_stands_left_of_its_name(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("4", 80, 100)
        screen.write("Lightning Bolt", 110, 100)

        assert counted(rows_of(page_of(screen, names))) == [(4, "Lightning Bolt")]

    def test_it_may_be_one_line_with_the_name(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("4x Lightning Bolt", 110, 100)

        assert counted(rows_of(page_of(screen, names))) == [(4, "Lightning Bolt")]

    def test_a_digit_glued_to_the_name_is_the_count_unless_a_counter_stands_there(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("4Lightning Bolt", 110, 100)
        screen.write("2x", 80, 140)
        screen.write("4Treasure Cruise", 110, 140)

        assert counted(rows_of(page_of(screen, names))) == [(4, "Lightning Bolt"), (2, "Treasure Cruise")]

    def test_a_badge_may_stand_right_of_it(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 110, 100)
        screen.write("x4", 260, 100)

        assert counted(rows_of(page_of(screen, names))) == [(4, "Lightning Bolt")]

    def test_a_bare_number_right_of_it_is_a_price_or_a_cost(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 110, 100)
        screen.write("4", 260, 100)

        assert counted(rows_of(page_of(screen, names))) == [(None, "Lightning Bolt")]

    def test_the_nearest_count_at_the_left_wins(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("2", 50, 100)
        screen.write("4", 80, 100)
        screen.write("Lightning Bolt", 110, 100)

        assert counted(rows_of(page_of(screen, names))) == [(4, "Lightning Bolt")]

    @pytest.mark.parametrize(("left", "top"), [(80, 125), (80, 75), (10, 100)])
    def test_counts_of_other_rows_and_far_away_are_not_the_names_own(
        self, left: float, top: float, names: NameReader
    ) -> None:
        screen = Screen()
        screen.write("4", left, top)
        screen.write("Lightning Bolt", 210, 100)

        assert counted(rows_of(page_of(screen, names))) == [(None, "Lightning Bolt")]

    def test_more_copies_than_a_deck_may_hold_are_no_count(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("17", 80, 100)
        screen.write("Lightning Bolt", 110, 100)
        screen.write("17", 80, 130)
        screen.write("Island", 110, 130)

        assert counted(rows_of(page_of(screen, names))) == [(None, "Lightning Bolt"), (17, "Island")]

    def test_too_many_copies_in_one_line_with_the_name_are_hardly_believed(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("44 Lightning Bolt", 110, 100)
        screen.write("44 Relentless Rats", 110, 130)
        bolt, rats = rows_of(page_of(screen, names))

        assert bolt.confidence < 0.5 < rats.confidence

    def test_a_client_that_writes_4x_has_no_bare_counts(self, names: NameReader) -> None:
        screen = Screen()
        for number, text in enumerate(["4", "4x"]):
            screen.write(text, 75, 100 + 30 * number)
            screen.write("Lightning Bolt", 110, 100 + 30 * number)
        page = page_of(screen, names)

        assert [row.count for row in list_rows(page.titles, page.lines, 4.0, tokens.times)] == [None, 4]


class TestColumnsOfRows:
    def test_names_begin_at_one_edge_however_their_counts_were_read(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("4", 80, 100)
        screen.write("Lightning Bolt", 100, 100)
        screen.write("4 Opt", 80, 130)
        apart, together = rows_of(page_of(screen, names))

        assert apart.edge == 100
        assert together.edge == pytest.approx(100, abs=3)

    def test_rows_that_share_the_commonest_edge_are_kept_in_order(self, names: NameReader) -> None:
        screen = Screen()
        for number, (name, left) in enumerate([("Opt", 100), ("Negate", 400), ("Duress", 103), ("Abrade", 98)]):
            screen.write(name, left, 100 + 30 * number)
        rows = rows_of(page_of(screen, names))

        assert [row.title.line.text for row in aligned(rows[::-1], 10)] == ["Opt", "Duress", "Abrade"]
        assert aligned([], 10) == []


class TestMissingCounts:
    @pytest.fixture
    def screen(self) -> Screen:
        """Three rows; the detector missed the count of the last."""
        screen = Screen()
        for number, (count, name) in enumerate([("4", "Opt"), ("3", "Negate"), ("2", "Duress")]):
            screen.write(count, 80, 100 + 30 * number, hidden=number == 2)
            screen.write(name, 110, 100 + 30 * number)
        return screen

    def test_they_are_read_where_the_other_rows_have_theirs(self, screen: Screen, names: NameReader) -> None:
        page = page_of(screen, names)
        rows = rows_of(page)

        assert counted(rows) == [(4, "Opt"), (3, "Negate"), (None, "Duress")]
        assert counted(fill_counts(page, rows)) == [(4, "Opt"), (3, "Negate"), (2, "Duress")]

    def test_where_nothing_can_be_read_the_count_stays_open(self, screen: Screen, names: NameReader) -> None:
        screen.texts = [text for text in screen.texts if text.text != "2"]
        page = page_of(screen, names)

        assert counted(fill_counts(page, rows_of(page)))[2] == (None, "Duress")

    def test_one_known_place_is_too_little_to_tell(self, screen: Screen, names: NameReader) -> None:
        screen.texts = screen.texts[2:]
        page = page_of(screen, names)

        assert counted(fill_counts(page, rows_of(page))) == [(3, "Negate"), (None, "Duress")]
