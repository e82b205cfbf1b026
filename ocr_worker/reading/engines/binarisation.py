"""Lines of text from the map of a detector with differentiable binarization, such as PP-OCR's.

The map says for every pixel how probably it lies in the core of a line, which is the line without its rim, so that
neighbours stay apart. What exceeds a threshold is a core; grown by what the training shrank it, it is the line.
Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020, section 3.5.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import pyclipper
from numpy.typing import NDArray

from ocr_worker.reading.lines import Quad

CORE = 0.3
"""Probability from which a pixel belongs to a core."""

LINE = 0.5
"""Mean probability from which a core is that of a line."""

GROWTH = 1.6
"""A core grows by its area over its perimeter times this."""

LOWEST_CORE, LOWEST = 3.0, 4.0
"""Pixels: least heights of cores, and of lines."""

MOST_LINES = 1000

Map = NDArray[np.float32]


def find_lines(probable: Map, shape: tuple[int, int]) -> list[Quad]:
    """The lines in a map (rows, columns), in pixels of the picture of that shape (height, width) that it covers."""
    mask = cv2.dilate((probable > CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    height, width = shape
    size = np.array([width, height], np.float32)
    scale = size / np.array(probable.shape[::-1], np.float32)
    corners = (np.round(grown * scale) for grown in _grown(probable, contours[:MOST_LINES]))
    quads = [_clockwise(np.clip(quad, 0, size - 1).astype(np.float32)) for quad in corners]
    return [quad for quad in quads if _is_line(quad)]


def _grown(probable: Map, contours: Sequence[Any]) -> Iterator[NDArray[np.float32]]:
    """Corners of the rectangles around the cores of lines, each grown to the whole line."""
    for contour in contours:
        corners, height = _rectangle(contour)
        if height < LOWEST_CORE or _mean_inside(probable, corners) < LINE:
            continue
        sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
        offset = pyclipper.PyclipperOffset()
        offset.AddPath(corners, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
        # In whole pixels and with round corners, as PP-OCR itself does it: the layouts' measures were found with it.
        yield _rectangle(np.array(offset.Execute(GROWTH * sides[0] * sides[1] / sides.sum())).reshape(-1, 1, 2))[0]


def _rectangle(points: Any) -> tuple[NDArray[np.float32], float]:
    """The corners of the smallest rectangle around points, and its shorter side."""
    rectangle = cv2.minAreaRect(points)
    return _clockwise(np.asarray(cv2.boxPoints(rectangle), np.float32)), min(rectangle[1])


def _mean_inside(probable: Map, corners: NDArray[np.float32]) -> float:
    rows, columns = probable.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - np.array([left, top])).astype(np.int32)], (1,))
    return float(cv2.mean(probable[top : bottom + 1, left : right + 1], mask)[0])


def _clockwise(corners: NDArray[np.float32]) -> Quad:
    """The corners from the top left on: of the two left ones the upper, of the two right ones the upper."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1], kind="stable")]
    top_right, bottom_right = right[np.argsort(right[:, 1], kind="stable")]
    return np.stack([top_left, top_right, bottom_right, bottom_left])


def _is_line(quad: Quad) -> bool:
    width, height = np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[0] - quad[3])
    return bool(width >= LOWEST and height >= LOWEST)
