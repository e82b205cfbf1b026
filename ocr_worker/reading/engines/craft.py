"""Lines of text from the score maps of CRAFT, EasyOCR's detector.

CRAFT gives two scores for every second pixel: how near it lies to the centre of a letter, and how surely it joins two
letters of a word. What exceeds a threshold in either is a word; words that follow each other on a row are a line, as
PP-OCR's detector finds it. Source of the maps' meaning: Baek et al., "Character Region Awareness for Text Detection",
2019. The thresholds are those at which most titles, counts and headings of the development pictures were found whole:
the library's own (0.7, 0.4, 0.4) miss single digits and cut long names.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.lines import Quad, Rect, bounds

PIXELS = 2
"""Pixels of the picture for each cell of the maps."""

LETTER = 0.25
"""Score from which a cell belongs to a letter."""

LINK = 0.2
"""Score from which a cell joins letters."""

PEAK = 0.35
"""Score that the best cell of a word reaches."""

LEAST_CELLS = 8

GAP = 0.7
"""Widest space between words of a line, in heights of the lower one."""

UPRIGHT = 0.012
"""Radians below which a line counts as level: the maps are too coarse to tell."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Word:
    """A connected part of the maps: the cells of its outline (n, 2) and the rectangle around it, in pixels."""

    outline: NDArray[np.float32]
    rect: Rect


def find_lines(letters: Scores, links: Scores) -> list[Quad]:
    """The lines in both score maps (shape rows, columns), in pixels of the picture that the maps were made of."""
    return [_quad(line) for line in _joined(_words(letters, links))]


def _words(letters: Scores, links: Scores) -> list[_Word]:
    mask = ((letters > LETTER) | (links > LINK)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    words = []
    for label in range(1, count):
        left, top, width, height, cells = (int(value) for value in stats[label])
        if cells < LEAST_CELLS:
            continue
        window = np.s_[top : top + height, left : left + width]
        inside = labels[window] == label
        if float(letters[window][inside].max()) < PEAK:
            continue
        # The scores fall off before the letters end, by the more the larger these are (as in the library).
        grown = math.sqrt(cells * min(width, height) / (width * height))
        words.append(_word(inside, left, top, grown))
    return words


def _word(inside: NDArray[np.bool_], left: int, top: int, grown: float) -> _Word:
    found, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    # A cell covers the pixels up to the next one.
    cells = np.concatenate([contour.reshape(-1, 2) for contour in found])
    corners = np.concatenate([cells, cells + 1]) + np.array([left, top])
    low, high = corners.min(axis=0) - grown, corners.max(axis=0) + grown
    outline = corners + np.sign(corners - corners.mean(axis=0)) * grown
    rect = Rect(*(float(value) * PIXELS for value in (low[0], low[1], high[0], high[1])))
    return _Word((outline * PIXELS).astype(np.float32), rect)


def _joined(words: Iterable[_Word]) -> list[list[_Word]]:
    """Words that follow each other on a row, left to right."""
    lines: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.rect.left):
        before = [line for line in lines if _follows(line[-1].rect, word.rect)]
        if before:
            max(before, key=lambda line: line[-1].rect.right).append(word)
        else:
            lines.append([word])
    return lines


def _follows(left: Rect, right: Rect) -> bool:
    lower, higher = sorted((left.height, right.height))
    if lower < 0.6 * higher or abs(left.y - right.y) > 0.35 * lower or _is_upward(left) or _is_upward(right):
        return False
    return -0.5 * lower < right.left - left.right < GAP * lower


def _is_upward(rect: Rect) -> bool:
    return rect.height > 1.6 * rect.width and rect.height > 24


def _quad(line: list[_Word]) -> Quad:
    """The corners of a line: upright where it is level or short, else along its slope."""
    rect = bounds(word.rect for word in line)
    if max(rect.width, rect.height) < 3 * min(rect.width, rect.height):
        return rect.quad()
    centre, size, degrees = cv2.minAreaRect(np.concatenate([word.outline for word in line]))
    angle = math.radians(degrees)
    turns = round(angle / (math.pi / 2))
    slope = angle - turns * math.pi / 2
    if abs(slope) < UPRIGHT:
        return rect.quad()
    width, height = size if turns % 2 == 0 else (size[1], size[0])
    across = np.array([math.cos(slope), math.sin(slope)])
    down = np.array([-across[1], across[0]])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [np.array(centre) + x * width / 2 * across + y * height / 2 * down for x, y in signs]
    return np.asarray(corners, np.float32)
