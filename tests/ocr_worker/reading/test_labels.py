"""Labels keep off titles and each other where there is room, and on the page always."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.labels import Label, place_label
from ocr_worker.reading.lines import Rect

PAGE = Rect(0, 0, 400, 300)
LONG, SHORT = Label("4 Lightning Bolt", 120, 20), Label("4", 15, 20)


def test_a_label_stands_right_of_its_title() -> None:
    title = Rect(10, 100, 90, 120)
    text, place = place_label(title, [LONG, SHORT], [title], PAGE, gap=4)

    assert text == LONG.text
    assert (place.left, place.y) == (94, 110)


def test_it_stands_below_where_another_title_is_beside_it() -> None:
    title, beside = Rect(10, 100, 90, 120), Rect(100, 100, 200, 120)
    _, place = place_label(title, [LONG], [title, beside], PAGE, gap=4)

    assert (place.left, place.top) == (10, 124)


def test_a_shorter_text_is_taken_where_only_that_has_room() -> None:
    title = Rect(10, 100, 90, 120)
    around = [Rect(112, 90, 300, 130), Rect(0, 76, 120, 97), Rect(0, 122, 120, 150)]
    text, place = place_label(title, [LONG, SHORT], [title, *around], PAGE, gap=4)

    assert text == SHORT.text
    assert place.left == 94


def test_where_there_is_no_room_the_least_is_covered() -> None:
    everything = [Rect(0, 0, 400, 300)]
    text, _ = place_label(Rect(10, 100, 90, 120), [LONG, SHORT], everything, PAGE, gap=4)

    assert text == SHORT.text


def test_a_label_without_a_text_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="text"):
        place_label(Rect(0, 0, 5, 5), [], [], PAGE, gap=4)


@given(st.integers(0, 390), st.integers(0, 290), st.integers(1, 300), st.integers(1, 40))
def test_no_label_leaves_the_page(left: int, top: int, width: int, height: int) -> None:
    title = Rect(left, top, left + width, top + height)
    _, place = place_label(title, [LONG, SHORT], [title], PAGE, gap=4)

    assert place.left >= 0
    assert place.top >= 0
    assert place.right <= PAGE.right
    assert place.bottom <= PAGE.bottom
