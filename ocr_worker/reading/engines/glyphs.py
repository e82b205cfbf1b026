"""Single digits and short counts that a detector of words overlooks: compact marks on an even ground.

CRAFT looks for letters that belong together; of the numbers above a column or in a circle beside a card it finds about
three in four. What is left has its own look: one to three marks of a letter's size and shape, all darker or all
brighter than the even ground around them. Few places of a picture's art look like that.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.lines import Image, Quad, Rect, bounds, quad_rect

LOWEST, HIGHEST = 8, 44
"""Pixels: the heights of marks."""

NARROWEST, WIDEST = 0.12, 1.3
"""Widths of marks, as shares of their heights: the figure one, the letter x."""

FILLED = 0.18
"""Least share of a mark's rectangle that it covers."""

NEIGHBOURHOOD = 31
"""Pixels: marks stand out from the mean of a square of this side."""

STANDS_OUT = 28
"""Grey levels by which a mark's pixels differ from that mean."""

CONTRAST = 50
"""Grey levels by which a mark differs from the ground around it."""

UNEVEN = 26
"""Mean deviation in grey levels from which the ground is no even one."""

MOST_MARKS = 3
MARGIN = 0.2
"""Space around a count, as a share of its height: what the recogniser is used to."""


def find_counts(image: Image, known: Sequence[Quad]) -> list[Quad]:
    """Where marks that may be counts stand, apart from the lines that are ``known``; pixels of the image."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    taken = _covered(grey.shape, known)
    marks = [mark for brighter in (True, False) for mark in _marks(grey, taken, brighter)]
    return [_with_margin(bounds(group)).quad() for group in _groups(marks) if _is_count(group)]


def _covered(shape: tuple[int, ...], known: Sequence[Quad]) -> NDArray[np.bool_]:
    taken = np.zeros(shape, np.bool_)
    for rect in map(quad_rect, known):
        taken[max(0, int(rect.top)) : int(rect.bottom) + 1, max(0, int(rect.left)) : int(rect.right) + 1] = True
    return taken


def _marks(grey: NDArray[np.uint8], taken: NDArray[np.bool_], brighter: bool) -> Iterator[Rect]:
    sign = 1 if brighter else -1
    mean = cv2.blur(grey, (NEIGHBOURHOOD, NEIGHBOURHOOD)).astype(np.int16)
    standing_out = ((grey.astype(np.int16) - mean) * sign > STANDS_OUT).astype(np.uint8)
    _, found, stats, _ = cv2.connectedComponentsWithStats(standing_out, connectivity=8)
    labels = np.asarray(found, np.int32)
    left, top, width, height, cells = stats.T
    fits = (height >= LOWEST) & (height <= HIGHEST) & (width <= WIDEST * height) & (width >= NARROWEST * height)
    fits &= cells >= FILLED * width * height
    fits[0] = False
    for label in np.flatnonzero(fits):
        x, y = int(left[label]), int(top[label])
        right, bottom = x + int(width[label]), y + int(height[label])
        rect = Rect(x, y, right, bottom)
        if taken[y:bottom, x:right].mean() <= 0.3 and _on_even_ground(grey, labels, int(label), rect, sign):
            yield rect


def _on_even_ground(grey: NDArray[np.uint8], labels: NDArray[np.int32], label: int, rect: Rect, sign: int) -> bool:
    """A frame around the mark shows one shade that differs from the mark's."""
    space = max(2, round(0.18 * rect.height))
    left, top, right, bottom = rect.box()
    window = np.s_[max(0, top - space) : bottom + space, max(0, left - space) : right + space]
    inside = labels[window] == label
    frame = np.ones(inside.shape, np.bool_)
    frame[2:-2, 2:-2] = False
    frame &= cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    ground = grey[window][frame].astype(np.float32)
    if len(ground) < 8:
        return False
    shade = float(np.median(ground))
    contrast = (float(grey[window][inside].mean()) - shade) * sign
    return contrast >= CONTRAST and float(np.abs(ground - shade).mean()) <= UNEVEN


def _groups(marks: Sequence[Rect]) -> list[list[Rect]]:
    """Marks that stand side by side."""
    groups: list[list[Rect]] = []
    for mark in sorted(marks, key=lambda mark: mark.left):
        beside = next((group for group in groups if _is_beside(bounds(group), mark)), None)
        if beside is None:
            groups.append([mark])
        else:
            beside.append(mark)
    return groups


def _is_beside(left: Rect, right: Rect) -> bool:
    lower, higher = sorted((left.height, right.height))
    near = -0.2 * higher < right.left - left.right < 0.6 * higher
    return near and abs(left.y - right.y) < 0.3 * higher and lower > 0.55 * higher


def _is_count(group: Sequence[Rect]) -> bool:
    whole = bounds(group)
    return len(group) <= MOST_MARKS and whole.width <= 2.6 * whole.height


def _with_margin(rect: Rect) -> Rect:
    space = MARGIN * rect.height
    return Rect(rect.left - space, rect.top - space, rect.right + space, rect.bottom + space)
