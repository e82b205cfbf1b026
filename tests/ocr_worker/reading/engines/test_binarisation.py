"""From a detector's map to the lines on the picture."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_worker.reading.engines.binarisation import find_lines
from ocr_worker.reading.lines import Rect, quad_rect

SHAPE = (96, 320)


def map_with(*cores: Rect, probability: float = 0.9) -> NDArray[np.float32]:
    """A map that shows these cores."""
    found = np.zeros(SHAPE, np.float32)
    for core in cores:
        left, top, right, bottom = core.box()
        found[top:bottom, left:right] = probability
    return found


def test_an_empty_map_has_no_lines() -> None:
    assert find_lines(map_with(), SHAPE) == []


def test_a_core_grows_to_its_line() -> None:
    core = Rect(40, 30, 240, 38)
    (quad,) = find_lines(map_with(core), SHAPE)
    found = quad_rect(quad)

    assert found.left < core.left
    assert found.right > core.right
    assert found.height == pytest.approx(21, abs=2)
    assert found.y == pytest.approx(core.y, abs=1)


def test_corners_go_clockwise_from_the_top_left() -> None:
    (quad,) = find_lines(map_with(Rect(40, 30, 240, 38)), SHAPE)
    (left, top), (right, _), (_, bottom), _ = quad.tolist()

    assert quad.tolist() == [[left, top], [right, top], [right, bottom], [left, bottom]]
    assert left < right
    assert top < bottom


def test_lines_are_told_in_pixels_of_the_picture() -> None:
    core = map_with(Rect(40, 30, 240, 38))
    (small,), (large,) = find_lines(core, SHAPE), find_lines(core, (2 * SHAPE[0], 2 * SHAPE[1]))

    assert large == pytest.approx(2 * small, abs=1)


def test_neighbours_stay_apart() -> None:
    assert len(find_lines(map_with(Rect(20, 20, 140, 30), Rect(160, 20, 280, 30), Rect(20, 50, 140, 60)), SHAPE)) == 3


def test_what_is_hardly_probable_or_tiny_is_none() -> None:
    assert find_lines(map_with(Rect(40, 30, 240, 38), probability=0.4), SHAPE) == []
    assert find_lines(map_with(Rect(40, 30, 41, 31)), SHAPE) == []


def test_lines_end_where_the_picture_does() -> None:
    (quad,) = find_lines(map_with(Rect(0, 0, 320, 10)), SHAPE)

    assert quad.min() == 0
    assert quad[:, 0].max() == SHAPE[1] - 1


def test_a_slanting_line_keeps_its_slope() -> None:
    slanting = np.zeros(SHAPE, np.float32)
    cv2.line(slanting, (40, 30), (260, 60), (1.0,), 9)
    (quad,) = find_lines(slanting, SHAPE)
    (left, top), (right, lower), *_ = quad.tolist()

    assert (lower - top) / (right - left) == pytest.approx(30 / 220, abs=0.03)
