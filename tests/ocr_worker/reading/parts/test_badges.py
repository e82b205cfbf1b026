"""``xN`` badges: which lines are some, whose they are, and how they are read where the detector found none."""

import pytest

from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Title
from ocr_worker.reading.parts.badges import Badge, Offset, badges, owner, read_badges, usual_offset, whites
from tests.fakes.engine import page_of
from tests.fakes.screen import Ink, Screen


def title(names: NameReader, text: str, left: float, top: float) -> Title:
    (found,) = page_of(Screen(), names).titles_of([TextLine(text, Rect(left, top, left + 100, top + 20), 0.9)])
    return found


def badge(x: float, y: float, count: int = 4) -> Badge:
    return Badge(Rect(x - 15, y - 10, x + 15, y + 10), count, 0.9)


def test_badges_are_lines_of_an_x_and_a_number() -> None:
    texts = ["x4", "Lightning Bolt", "4", "x", "x2", "4x"]
    lines = [TextLine(text, Rect(0, 20 * i, 30, 20 * i + 18), 0.9) for i, text in enumerate(texts)]

    assert [found.count for found in badges(lines)] == [4, 2]


class TestOwners:
    def test_a_badge_belongs_to_the_nearest_title_above(self, names: NameReader) -> None:
        column = [title(names, "Opt", 100, 100), title(names, "Negate", 100, 150), title(names, "Duress", 100, 200)]

        assert owner(badge(180, 185), column, 70) is column[1]

    def test_no_title_is_too_far_above_or_below(self, names: NameReader) -> None:
        column = [title(names, "Opt", 100, 100)]

        assert owner(badge(180, 300), column, 70) is None
        assert owner(badge(180, 60), column, 70) is None

    def test_a_mark_on_the_row_of_the_title_is_not_below_it(self, names: NameReader) -> None:
        assert owner(badge(180, 110), [title(names, "Opt", 100, 100)], 70) is None

    def test_badges_stand_at_the_same_place_of_every_card(self, names: NameReader) -> None:
        pairs = [(title(names, "Opt", 100, 100 + 60 * n), badge(180 + n, 140 + 60 * n)) for n in range(3)]

        assert usual_offset(pairs) == Offset(81, 30)
        assert usual_offset([]) is None


class TestCloserLook:
    @pytest.fixture
    def screen(self) -> Screen:
        screen = Screen()
        screen.write("x4", 100, 100, 20, 30, hidden=True)
        screen.write("x3", 100, 200, 20, 30, ink=Ink.FAINT)
        screen.write("Opt", 100, 300, 20, 30)
        return screen

    def test_a_badge_that_was_not_found_can_be_read_at_its_place(self, screen: Screen, names: NameReader) -> None:
        (found,) = read_badges(page_of(screen, names), [Rect(98, 98, 132, 122)])

        assert found is not None
        assert found.count == 4

    def test_white_ones_on_pale_art_are_brought_out(self, screen: Screen, names: NameReader) -> None:
        page = page_of(screen, names)
        place = Rect(98, 198, 132, 222)
        (found,) = read_badges(page, [place])

        assert [line.text for line in page.read_rects([place])] == [""]
        assert found is not None
        assert found.count == 3

    def test_where_no_badge_stands_there_is_none(self, screen: Screen, names: NameReader) -> None:
        places = [Rect(100, 300, 130, 320), Rect(500, 500, 530, 520), Rect(-50, -50, -20, -30)]

        assert read_badges(page_of(screen, names), places) == [None, None, None]
        assert read_badges(page_of(screen, names), []) == []


def test_only_what_is_nearly_white_stays_dark_on_white() -> None:
    screen = Screen(90, 30)
    crop = screen.image()
    crop[:, :30], crop[:, 30:60], crop[:, 60:] = (255, 255, 255), (200, 170, 140), (252, 250, 255)
    shown = whites(crop)

    assert (shown[:, :30] == 0).all()
    assert (shown[:, 30:60] == 255).all()
    assert (shown[:, 60:] < 30).all()
