"""A page under the reader's eyes: searched in bands, read line by line, looked at closer where it helps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import MAX_DETECTION_PIXELS, Page, cut_out, merge_lines
from tests.fakes.engine import FakeEngine, page_of
from tests.fakes.screen import Screen

COORDINATE = st.floats(-2000, 2000)


def line(text: str, rect: Rect, confidence: float = 0.9) -> TextLine:
    return TextLine(text, rect, confidence)


def texts(lines: list[TextLine]) -> list[str]:
    return [each.text for each in lines]


class TestFirstLook:
    def test_lines_come_from_top_to_bottom_with_their_places(self, names: NameReader) -> None:
        screen = Screen()
        low = screen.write("Opt", 100, 500)
        high = screen.write("Lightning Bolt", 300, 40)
        page = page_of(screen, names)

        assert [(each.text, each.rect) for each in page.lines] == [("Lightning Bolt", high), ("Opt", low)]

    def test_a_page_is_read_once(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 300, 40)
        engine = FakeEngine(screen)
        page = Page(screen.image(), engine, names)
        first = page.lines

        assert page.lines is first
        assert [title.reading.card.name for title in page.titles] == ["Lightning Bolt"]
        assert (len(engine.searched), engine.reads) == (1, 1)

    @pytest.mark.parametrize(
        ("width", "height", "scale"),
        [(400, 300, 2.0), (1000, 800, 1.27), (1920, 1080, 1.0), (3840, 2160, 0.573), (1000, 9000, 1.0)],
    )
    def test_small_pages_are_enlarged_and_wide_ones_reduced(
        self, width: int, height: int, scale: float, names: NameReader
    ) -> None:
        page = page_of(Screen(width, height), names)

        assert page.base_scale == pytest.approx(scale, abs=0.01)

    def test_an_empty_page_has_no_lines(self, names: NameReader) -> None:
        assert page_of(Screen(), names).lines == []

    def test_text_that_runs_upwards_is_turned_for_reading(self, names: NameReader) -> None:
        screen = Screen()
        rect = screen.write_up("SIDEBOARD", 600, 200)
        (found,) = page_of(screen, names).lines

        assert (found.text, found.rect, found.turned) == ("SIDEBOARD", rect, 1)

    def test_tilted_text_is_read_and_keeps_its_corners(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 300, 300, tilt=0.05)
        (found,) = page_of(screen, names).lines

        assert found.text == "Lightning Bolt"
        assert found.quad is not None
        assert math.atan2(*(found.quad[1] - found.quad[0])[::-1]) == pytest.approx(0.05, abs=0.005)


class TestBands:
    def test_a_tall_page_is_searched_in_bands_and_every_line_found_once(self, names: NameReader) -> None:
        screen = Screen(1200, 6000)
        places = [screen.write(f"Line {number}", 100, 22 * number) for number in range(270)]
        engine = FakeEngine(screen)
        found = Page(screen.image(), engine, names).lines

        assert len(engine.searched) > 1
        assert [each.rect for each in found] == places

    def test_a_line_on_a_border_of_bands_is_whole(self, names: NameReader) -> None:
        screen = Screen(1200, 6000)
        for number in range(3):  # four bands
            screen.write(f"Line {number}", 100, 1490 + 1500 * number)
        found = page_of(screen, names).lines

        assert texts(found) == [f"Line {number}" for number in range(3)]
        assert all(each.rect.height == 20 for each in found)

    @pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
    def test_no_search_takes_many_more_pixels_than_the_detector_should(self, scale: float, names: NameReader) -> None:
        screen = Screen(1920, 1080)
        engine = FakeEngine(screen)
        Page(screen.image(), engine, names).look(Rect(0, 0, 1920, 1080), scale)

        assert max(engine.searched) < 2 * MAX_DETECTION_PIXELS


class TestCloserLook:
    def test_a_region_can_be_searched_at_another_scale(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Opt", 100, 100)
        rect = screen.write("Negate", 500, 500, found_from=3)
        page = page_of(screen, names)

        assert texts(page.lines) == ["Opt"]
        assert [(each.text, each.rect) for each in page.look(Rect(400, 400, 900, 700), 3)] == [("Negate", rect)]

    def test_a_place_can_be_read_without_searching(self, names: NameReader) -> None:
        screen = Screen()
        rect = screen.write("Opt", 100, 100, hidden=True)
        page = page_of(screen, names)

        assert page.lines == []
        assert texts(page.read_rects([rect, Rect(300, 300, 400, 320)])) == ["Opt", ""]

    def test_places_beyond_the_edge_are_cut_at_it(self, names: NameReader) -> None:
        page = page_of(Screen(100, 80), names)

        assert page.clip(Rect(-20, -5, 50, 500)) == Rect(0, 0, 50, 80)
        assert page.clip(Rect(200, 300, 400, 500)) == Rect(96, 76, 100, 80)
        assert len(page.read_rects([Rect(-50, -50, -10, -10)])) == 1

    @given(left=COORDINATE, top=COORDINATE, right=COORDINATE, bottom=COORDINATE)
    def test_whatever_is_clipped_can_be_cut_out(
        self, names: NameReader, left: float, top: float, right: float, bottom: float
    ) -> None:
        inside = page_of(Screen(100, 80), names).clip(Rect(left, top, right, bottom))

        assert inside.left >= 0
        assert inside.top >= 0
        assert inside.right <= 100
        assert inside.bottom <= 80
        assert min(inside.width, inside.height) > 3.99

    def test_a_page_within_a_region_has_only_its_lines(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Opt", 100, 100)
        screen.write("Negate", 600, 100)
        page = page_of(screen, names)

        assert texts(page.within(Rect(500, 0, 1000, 800)).lines) == ["Negate"]
        assert len(page.lines) == 2

    def test_refining_adds_what_the_first_look_missed(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Opt", 100, 100)
        screen.write("Negate", 100, 130, found_from=2)
        page = page_of(screen, names)
        before = [title.reading.card.name for title in page.titles]
        page.refine(Rect(0, 0, 1000, 800), 2)

        assert before == ["Opt"]
        assert [title.reading.card.name for title in page.titles] == ["Opt", "Negate"]

    def test_what_was_clear_at_first_is_not_read_again(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("Opt", 100, 40, confidence=0.97)
        screen.write("Negate", 100, 130, confidence=0.6)
        screen.write("Shock", 100, 220, confidence=0.97, found_from=2)
        engine = FakeEngine(screen)
        page = Page(screen.image(), engine, names)
        assert texts(page.lines) == ["Opt", "Negate"]
        page.refine(Rect(0, 0, 1000, 800), 2)

        assert texts(page.lines) == ["Opt", "Negate", "Shock"]
        assert engine.reads == 4

    def test_what_runs_upwards_is_found_by_turning_the_region(self, names: NameReader) -> None:
        screen = Screen()
        rects = [screen.write_up("Fire", 400, 300), screen.write_up("Ice", 400, 200)]
        found = page_of(screen, names).look_turned(Rect(350, 100, 500, 450), 2.0)

        assert {each.text: each.rect for each in found} == {"Fire": rects[0], "Ice": rects[1]}
        assert all(each.turned for each in found)

    def test_a_region_of_no_size_shows_nothing(self, names: NameReader) -> None:
        page = page_of(Screen(), names)

        assert page.look_turned(Rect(10, 10, 12, 12), 1) == []


class TestTitles:
    @pytest.mark.parametrize(
        ("text", "name", "quantity"),
        [
            ("Lightning Bolt", "Lightning Bolt", None),
            ("4 Lightning Bolt", "Lightning Bolt", 4),
            ("4x Lightning Bolt", "Lightning Bolt", 4),
            ("Lightning Bolt x4", "Lightning Bolt", 4),
            ("1996 World Champion", "1996 World Champion", None),
            ("Opt", "Opt", None),
            ("Mox Opa1", "Mox Opal", None),
        ],
    )
    def test_a_title_names_a_card_with_or_without_a_count(
        self, text: str, name: str, quantity: int | None, names: NameReader
    ) -> None:
        (title,) = page_of(Screen(), names).titles_of([line(text, Rect(0, 0, 200, 20))])

        assert (title.reading.card.name, title.quantity) == (name, quantity)

    @pytest.mark.parametrize("text", ["4", "x4", "60/60 Cards", "Sideboard (15)", "Search...", "Deck Builder", "", "~"])
    def test_counts_totals_headings_and_menus_are_no_titles(self, text: str, names: NameReader) -> None:
        assert page_of(Screen(), names).titles_of([line(text, Rect(0, 0, 200, 20))]) == []


class TestCuttingOut:
    def test_an_upright_quad_is_cut_out_as_it_is(self) -> None:
        image = np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)

        assert (cut_out(image, Rect(10, 20, 50, 40).quad()) == image[20:40, 10:50]).all()

    def test_a_tilted_one_is_put_upright(self) -> None:
        screen = Screen()
        screen.write("Lightning Bolt", 300, 300, 20, 200, tilt=0.1)
        crop = cut_out(screen.image(), screen.texts[0].quad())

        assert crop.shape == (20, 200, 3)
        inside = crop[3:-3, 3:-3].reshape(-1, 3)
        assert (inside == inside[0]).all()


class TestTwoReadings:
    HERE, ELSEWHERE = Rect(100, 100, 240, 120), Rect(100, 140, 240, 160)

    def test_the_one_that_names_a_card_better_stays(self, names: NameReader) -> None:
        worse, better = line("Ligntnig 8olt", self.HERE), line("Lightning Bolt", self.HERE)

        assert merge_lines([worse], [better], names) == [better]
        assert merge_lines([better], [worse], names) == [better]

    def test_lines_of_other_places_are_added_in_order(self, names: NameReader) -> None:
        first, second = line("Opt", self.ELSEWHERE), line("Lightning Bolt", self.HERE)

        assert merge_lines([first], [second], names) == [second, first]

    def test_one_line_that_replaces_two_halves(self, names: NameReader) -> None:
        halves = [line("Ligh", Rect(100, 100, 150, 120)), line("ng 8olt", Rect(170, 100, 240, 120))]
        whole = line("Lightning Bolt", self.HERE)

        assert merge_lines(halves, [whole], names) == [whole]

    def test_a_count_before_the_name_does_not_make_it_worse(self, names: NameReader) -> None:
        counted = line("4 Lightning Bolt", self.HERE)

        assert merge_lines([line("4 Ligntnig 8olt", self.HERE)], [counted], names) == [counted]

    def test_a_number_that_is_read_clearly_is_not_given_up_for_letters(self, names: NameReader) -> None:
        number = line("4", Rect(100, 100, 112, 120))

        assert merge_lines([number], [line("A", Rect(100, 100, 112, 120))], names) == [number]
