"""A picture under the reader's eyes: what stands on it, and a closer look wherever a layout asks for one."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_worker.reading import tokens
from ocr_worker.reading.engines.port import Engine
from ocr_worker.reading.lines import Image, Quad, Rect, TextLine, quad_rect
from ocr_worker.reading.naming import NameReader, NameReading

MAX_DETECTION_PIXELS = 2_300_000
"""Pixels on which the detector works at once: bounds its memory. (About 1080p: with smaller bands it sees less of what
is around a line, and reads pictures with small titles worse.)"""

USUAL_PIXELS = 1_300_000
"""Pictures of fewer pixels are enlarged up to twice: their titles are small."""

USUAL_WIDTH = 2200
"""Wider pictures are reduced to this width for the search; what is found is read at full size."""

CLEAR = 0.95
"""Confidence from which a line says what stands there, so that a larger picture of it says nothing else."""

SAME_PLACE = 0.6
"""Shared area, as a share of what both cover, from which two rectangles hold the same line."""

BAND_OVERLAP = 60
"""Pixels by which bands of a tall page overlap, more than the height of a line."""


@dataclass(frozen=True, slots=True)
class Title:
    """A line of text that names a card; ``quantity`` is a count that stands on the same line (``4x Opt``)."""

    line: TextLine
    reading: NameReading
    quantity: int | None = None

    @property
    def rect(self) -> Rect:
        return self.line.rect

    @property
    def height(self) -> float:
        return self.line.rect.height


class Page:
    """One picture with the engine that reads it."""

    def __init__(self, image: Image, engine: Engine, names: NameReader) -> None:
        self.image = image
        self.engine = engine
        self.names = names
        self._lines: list[TextLine] | None = None
        self._titles: list[Title] | None = None

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    @property
    def lines(self) -> list[TextLine]:
        """All lines of the page, top to bottom, read once."""
        if self._lines is None:
            self._lines = self.look(Rect(0, 0, self.width, self.height), self.base_scale)
        return self._lines

    @property
    def base_scale(self) -> float:
        """By how much the page is resized for its first detection: small ones are enlarged, wide ones reduced."""
        area = min(self.width * self.height, 1.5 * self.width * self.width)
        if area < USUAL_PIXELS:
            return float(min(2.0, (USUAL_PIXELS / area) ** 0.5))
        return float(min(1.0, USUAL_WIDTH / self.width))

    @property
    def titles(self) -> list[Title]:
        """Those lines that name a card, however weakly."""
        if self._titles is None:
            self._titles = self.titles_of(self.lines)
        return self._titles

    def titles_of(self, lines: Iterable[TextLine], cut: bool = False) -> list[Title]:
        """The lines that name a card; ``cut`` allows names that are cut without dots."""
        return [title for line in lines if (title := self._title(line, cut)) is not None]

    def _title(self, line: TextLine, cut: bool) -> Title | None:
        text = line.text
        if tokens.quantity(text) is not None or tokens.deck_size(text) is not None or tokens.heading(text):
            return None
        count, rest = tokens.split_quantity(text)
        if count is not None and self.names.index.exact(text) is None:
            counted = self.names.read_text(rest, line.lattice, cut)
            if counted:
                return Title(line, counted, count)
        plain = self.names.read(line, cut)
        if plain is None or (tokens.is_interface(text) and not (plain.exact and plain.spelled_front)):
            return None
        return Title(line, plain)

    def look(self, region: Rect, scale: float) -> list[TextLine]:
        """Find and read the lines of a region; ``scale`` is the enlargement for the search."""
        lines = self.read_quads(self._search(region, scale))
        return sorted(lines, key=lambda line: (line.rect.top, line.rect.left))

    def _find(self, band: "_Band", scale: float) -> list[Quad]:
        """Quads of a band whose centre it owns, in pixels of the page."""
        part = self.image[band.top : band.bottom, band.left : band.right]
        if min(part.shape[:2]) < 4:
            return []
        offset = np.array([band.left, band.top], np.float32)
        found = [quad + offset for quad in self.engine.detect(part, scale)]
        return [quad for quad in found if band.owns_from <= float(quad[:, 1].mean()) < band.owns_to]

    def read_quads(self, quads: Sequence[Quad]) -> list[TextLine]:
        """Read the lines that stand in these quads; those of tall ones are turned upright first."""
        crops, turns = [], []
        for quad in quads:
            crop = cut_out(self.image, quad)
            turned = int(crop.shape[0] > 1.6 * crop.shape[1] and crop.shape[0] > 24)
            crops.append(np.ascontiguousarray(np.rot90(crop, -1)) if turned else crop)
            turns.append(turned)
        found = self.engine.recognise(crops)
        return [
            TextLine(r.text, quad_rect(quad), r.confidence, quad, r.lattice, turned)
            for quad, r, turned in zip(quads, found, turns, strict=True)
        ]

    def look_turned(self, region: Rect, scale: float) -> list[TextLine]:
        """Find and read the lines of a region whose text runs upwards."""
        left, top = max(0, int(region.left)), max(0, int(region.top))
        part = self.image[top : round(region.bottom), left : round(region.right)]
        if min(part.shape[:2]) < 4:
            return []
        upright = np.ascontiguousarray(np.rot90(part, -1))
        quads = self.engine.detect(upright, scale)
        found = self.engine.recognise([cut_out(upright, quad) for quad in quads])
        lines = []
        for quad, seen in zip(quads, found, strict=True):
            # A quarter turn clockwise took (x, y) of the part to (height - y, x).
            back = np.stack([quad[:, 1] + left, part.shape[0] - quad[:, 0] + top], axis=1).astype(np.float32)
            lines.append(TextLine(seen.text, quad_rect(back), seen.confidence, back, seen.lattice, 1))
        return lines

    def read_rects(self, rects: Sequence[Rect]) -> list[TextLine]:
        """Read one line in each of these rectangles, without searching."""
        inside = [self.clip(rect) for rect in rects]
        return self.read_quads([rect.quad() for rect in inside])

    def clip(self, rect: Rect) -> Rect:
        """The part of a rectangle that lies on the page, at least 4 pixels wide and high."""
        left, top = min(max(0.0, rect.left), self.width - 4), min(max(0.0, rect.top), self.height - 4)
        return Rect(left, top, max(left + 4, min(rect.right, self.width)), max(top + 4, min(rect.bottom, self.height)))

    def within(self, region: Rect) -> "Page":
        """The same page with only the lines whose centres lie in a region."""
        part = Page(self.image, self.engine, self.names)
        part._lines = [line for line in self.lines if region.holds(line.rect)]
        return part

    def refine(self, region: Rect, scale: float) -> None:
        """Read a region again, enlarged, and keep the better reading of each line; what was clear is not read again."""
        clear = [line.rect for line in self.lines if line.confidence >= CLEAR]
        quads = [quad for quad in self._search(region, scale) if not _is_among(quad_rect(quad), clear)]
        self._lines = merge_lines(self.lines, self.read_quads(quads), self.names)
        self._titles = None

    def _search(self, region: Rect, scale: float) -> list[Quad]:
        """Where lines stand in a region."""
        return [quad for band in _bands(self.clip(region), scale) for quad in self._find(band, scale)]


def _is_among(rect: Rect, others: Sequence[Rect]) -> bool:
    return any(rect.alike(other) >= SAME_PLACE for other in others)


@dataclass(frozen=True, slots=True)
class _Band:
    """Whole pixels of a part of the page; it owns the lines whose centres lie in ``owns_from`` to ``owns_to``."""

    left: int
    top: int
    right: int
    bottom: int
    owns_from: float
    owns_to: float


def _bands(region: Rect, scale: float) -> list[_Band]:
    """The region cut into overlapping bands that the detector can take at once."""
    left, top, right, bottom = region.box()
    count = math.ceil((right - left) * (bottom - top) * scale * scale / MAX_DETECTION_PIXELS)
    edges = [top + (bottom - top) * number / count for number in range(count + 1)]
    return [
        _Band(
            left,
            max(top, int(a) - BAND_OVERLAP),
            right,
            min(bottom, int(b) + BAND_OVERLAP),
            -1.0 if number == 0 else a,
            math.inf if number == count - 1 else b,
        )
        for number, (a, b) in enumerate(itertools.pairwise(edges))
    ]


def cut_out(image: Image, quad: Quad) -> Image:
    """The upright picture of what stands in a quad; whole pixels where the quad is upright already."""
    if quad[0, 1] == quad[1, 1] and quad[2, 1] == quad[3, 1] and quad[0, 0] == quad[3, 0] and quad[1, 0] == quad[2, 0]:
        left, top = max(0, round(float(quad[0, 0]))), max(0, round(float(quad[0, 1])))
        part = image[top : round(float(quad[2, 1])), left : round(float(quad[2, 0]))]
        if part.shape[0] >= 2 and part.shape[1] >= 2:
            return np.ascontiguousarray(part)
    width = max(2, round(float(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3])))))
    height = max(2, round(float(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(quad, np.float32), target)
    warped = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def merge_lines(first: Sequence[TextLine], second: Sequence[TextLine], names: NameReader) -> list[TextLine]:
    """Both readings of a page as one: where lines cover each other, the one that names a card better stays."""
    merged = list(first)
    for line in second:
        rivals = [other for other in merged if other.rect.overlap(line.rect) > 0.5]
        if not rivals:
            merged.append(line)
        elif _worth(line, names) > max(_worth(other, names) for other in rivals):
            merged = [other for other in merged if other not in rivals]
            merged.append(line)
    return sorted(merged, key=lambda line: (line.rect.top, line.rect.left))


def _worth(line: TextLine, names: NameReader) -> float:
    _, rest = tokens.split_quantity(line.text)
    reading = names.read(replace(line, text=rest))
    if tokens.quantity(line.text) is not None:
        return 1.0 + line.confidence
    return (2 * reading.fit * reading.share if reading else 0.0) + 0.5 * line.confidence
