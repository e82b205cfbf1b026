"""Rectangles: what covers, holds and stands beside what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.lines import Rect, bounds, quad_rect

sizes = st.floats(1, 500)
places = st.floats(-500, 500)


@st.composite
def rects(draw: st.DrawFn) -> Rect:
    left, top = draw(places), draw(places)
    return Rect(left, top, left + draw(sizes), top + draw(sizes))


def test_a_rectangle_has_a_size_and_a_centre() -> None:
    rect = Rect(10, 20, 110, 40)

    assert (rect.width, rect.height) == (100, 20)
    assert (rect.x, rect.y) == (60, 30)


def test_its_box_is_whole_pixels() -> None:
    assert Rect(9.6, 20.4, 110.2, 39.7).box() == (10, 20, 110, 40)


def test_overlap_is_a_share_of_the_smaller_one() -> None:
    page, word = Rect(0, 0, 100, 100), Rect(90, 90, 110, 100)

    assert page.overlap(word) == pytest.approx(0.5)
    assert word.overlap(page) == pytest.approx(0.5)


def test_likeness_is_a_share_of_what_either_covers() -> None:
    assert Rect(0, 0, 10, 10).alike(Rect(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert Rect(0, 0, 10, 10).alike(Rect(0, 0, 10, 10)) == pytest.approx(1)
    assert Rect(0, 0, 10, 10).alike(Rect(20, 0, 30, 10)) == 0


def test_what_only_touches_does_not_overlap() -> None:
    assert Rect(0, 0, 10, 10).overlap(Rect(10, 0, 20, 10)) == 0


def test_a_rectangle_holds_what_has_its_centre_inside() -> None:
    pane = Rect(0, 0, 100, 100)

    assert pane.holds(Rect(80, 10, 115, 20))
    assert not pane.holds(Rect(90, 10, 130, 20))


@pytest.mark.parametrize(("down", "same"), [(0, True), (8, True), (12, False), (30, False)])
def test_words_share_a_row_when_each_centre_lies_within_the_other(down: float, same: bool) -> None:
    word, other = Rect(0, 100, 50, 120), Rect(300, 100 + down, 320, 120 + down)

    assert word.same_row(other) is same
    assert other.same_row(word) is same


def test_a_tall_picture_shares_no_row_with_the_words_beside_its_edge() -> None:
    assert not Rect(0, 0, 100, 200).same_row(Rect(110, 10, 160, 30))


def test_the_bounds_of_several_hold_them_all() -> None:
    assert bounds([Rect(5, 8, 10, 12), Rect(1, 9, 4, 30)]) == Rect(1, 8, 10, 30)


def test_nothing_has_no_bounds() -> None:
    with pytest.raises(ValueError, match="empty"):
        bounds([])


def test_a_tilted_quad_has_an_upright_rectangle_around_it() -> None:
    quad = np.array([[10, 12], [50, 10], [51, 30], [11, 32]], np.float32)

    assert quad_rect(quad) == Rect(10, 10, 51, 32)


@given(rects())
def test_corners_and_rectangle_say_the_same(rect: Rect) -> None:
    again = quad_rect(rect.quad())

    assert (again.left, again.top) == pytest.approx((rect.left, rect.top), abs=1e-3)
    assert (again.right, again.bottom) == pytest.approx((rect.right, rect.bottom), abs=1e-3)


@given(rects(), rects())
def test_overlap_is_mutual_and_a_share(one: Rect, other: Rect) -> None:
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0 <= one.overlap(other) <= 1.0001
    assert one.overlap(one) == pytest.approx(1)


@given(st.lists(rects(), min_size=1, max_size=6))
def test_bounds_hold_everything(several: list[Rect]) -> None:
    around = bounds(several)

    assert all(around.holds(rect) and around.overlap(rect) == pytest.approx(1) for rect in several)
