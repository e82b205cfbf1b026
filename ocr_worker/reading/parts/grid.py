"""Cards of equal size at equal distances, each once: where a title stands follows from the others' places.

On small pictures the detector misses or merges most titles, yet the grid is plain: text lines begin at the same
places of every card, badges stand in rows. So the grid is found first, and every title is read several times at
slightly shifted places, the readings voting for a name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Image, Rect, TextLine
from ocr_worker.reading.naming import NameReading
from ocr_worker.reading.page import Page, Title, cut_out
from ocr_worker.reading.parts.badges import whites
from ocr_worker.reading.parts.stacks import is_type_line

SURE_BADGE = 0.55
"""Share of a badge's readings that must agree for it to show that a card is there."""

_LAST_DIGITS = re.compile(r"(\d{1,2})\D{0,1}$")

SHIFTS = (-0.3, -0.18, -0.06, 0.06, 0.18, 0.3)
"""Vertical shifts of the readings, as shares of the title's height."""


CARD_HEIGHT = 1.2
"""The height of a card as a share of the distance from card to card, a little less than it is."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One card of the grid: the place of its title, what it says, and the count on the badge below it."""

    title: Rect
    reading: NameReading | None
    count: int | None
    confidence: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What all cards of the picture share, in pixels.

    ``pitch`` from card to card, ``height`` of a title's text box, ``badge_right`` and ``badge_down`` from a title's
    left edge and centre to the badge's right edge and centre, ``badge_size`` width and height.
    """

    pitch: float
    height: float
    badge_right: float
    badge_down: float
    badge_size: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """Left edges of a pane's columns and centres of its rows of titles."""

    shape: Shape
    lefts: tuple[float, ...]
    rows: tuple[float, ...]


def numbers_in(lines: Sequence[TextLine]) -> list[tuple[TextLine, int]]:
    """Short lines that end in a number: badges, the symbol before the number being read as anything."""
    found = ((line, tokens.trailing_number(line.text)) for line in lines if not line.turned)
    return [(line, count) for line, count in found if count is not None]


def find_shape(page: Page) -> Shape | None:
    """What the cards of a picture share, None where nothing shows a grid."""
    rows = _rows_of(numbers_in(page.lines))
    titles = [t for t in page.titles if t.reading.fit >= 0.75 and not t.line.turned and not is_type_line(page, t.line)]
    if not rows or not titles:
        return None
    badges = [line for row in rows for line, _ in row]
    height = median(t.height for t in titles)
    pitch = _pitch([line.rect.left for line in page.lines], 4 * height, 30 * height)
    owned = [(t, b) for t in titles if pitch and (b := _badge_of(t, badges, pitch)) is not None]
    if pitch is None or len(owned) < 3:
        return None
    return Shape(
        pitch,
        height,
        _commonest([b.rect.right - t.rect.left for t, b in owned], 0.25 * height),
        _commonest([b.rect.y - t.rect.y for t, b in owned], 0.25 * height),
        (median(b.rect.width for _, b in owned), median(b.rect.height for _, b in owned)),
    )


def _commonest(values: Sequence[float], tolerance: float) -> float:
    """The middle of the largest group of nearly equal values."""
    best = max(values, key=lambda value: sum(abs(other - value) <= tolerance for other in values))
    return median([value for value in values if abs(value - best) <= tolerance])


def find_grid(page: Page, shape: Shape, region: Rect) -> Grid | None:
    """The rows and columns of one pane; None where it holds no row of badges."""
    inside = [line for line in page.lines if _within(line.rect, region)]
    rows = _rows_of(numbers_in(inside))
    titles = [
        t
        for t in page.titles
        if _within(t.rect, region)
        and t.reading.fit >= 0.75
        and not t.line.turned
        and 0.6 * shape.height <= t.height <= 1.7 * shape.height
    ]
    anchors = [t.rect.left for t in titles] or [b.rect.right - shape.badge_right for row in rows for b, _ in row]
    if not anchors or not (rows or titles):
        return None
    lefts = _lattice(anchors, [line.rect.left for line in inside if not line.turned], shape.pitch)
    ys = [median(line.rect.y for line, _ in row) - shape.badge_down for row in rows]
    ys = _apart([y for y in ys if y > region.top - shape.height], _title_rows(page, shape, titles, inside), shape)
    return Grid(shape, tuple(lefts), tuple(ys))


def _title_rows(page: Page, shape: Shape, titles: Sequence[Title], lines: Sequence[TextLine]) -> list[float]:
    """Centres of titles that stand on cards: a number where badges are, or a type line on the card's middle."""
    numbers = [line.rect for line, _ in numbers_in(lines)]
    types = [line.rect for line in lines if not line.turned and is_type_line(page, line)]
    return [
        t.rect.y
        for t in titles
        if any(_is_badge_of(t.rect, rect, shape) for rect in numbers)
        or any(_is_type_of(t.rect, rect, shape) for rect in types)
    ]


def _is_badge_of(title: Rect, number: Rect, shape: Shape) -> bool:
    across = number.right - title.left - shape.badge_right
    return abs(across) < shape.height and abs(number.y - title.y - shape.badge_down) < shape.height


def _is_type_of(title: Rect, line: Rect, shape: Shape) -> bool:
    return abs(line.left - title.left) < shape.height and 0.55 * shape.pitch < line.y - title.y < 1.0 * shape.pitch


def _apart(badged: Sequence[float], titled: Sequence[float], shape: Shape) -> list[float]:
    """Rows of badges and rows of titles as rows of cards: a row of titles tells noise and misses of the other."""
    rows: list[list[float]] = []
    for y in sorted(titled):
        if rows and y - rows[-1][-1] < shape.height:
            rows[-1].append(y)
        else:
            rows.append([y])
    sure = [median(row) for row in rows]
    kept = [y for y in badged if all(abs(y - other) > CARD_HEIGHT * shape.pitch for other in sure)]
    near = [min((b for b in badged if abs(b - y) < shape.height), default=y) for y in sure]
    return sorted([*near, *kept])


def _pitch(lefts: Sequence[float], least: float, most: float) -> float | None:
    """The distance at which left edges repeat: the first strong peak of their autocorrelation, in pixels."""
    if not lefts:
        return None
    signal = np.zeros(int(max(lefts)) + 8, np.float64)
    for left in lefts:
        signal[max(0, int(left)) : int(left) + 2] += 1
    signal = np.convolve(np.minimum(signal, 6), np.array([0.25, 0.5, 1.0, 0.5, 0.25]), mode="same")
    lags = range(int(least), min(int(most), len(signal) - 1))
    strength = np.array([float((signal[lag:] * signal[:-lag]).sum()) for lag in lags])
    if not len(strength) or strength.max() <= 0:
        return None
    first = int(np.flatnonzero(strength >= 0.75 * strength.max())[0])
    near = slice(max(0, first - 3), first + 4)
    return float(lags[0] + max(0, first - 3) + int(strength[near].argmax()))


def _within(rect: Rect, region: Rect) -> bool:
    return region.left <= rect.x <= region.right and region.top <= rect.y <= region.bottom


def _rows_of(numbers: Sequence[tuple[TextLine, int]]) -> list[list[tuple[TextLine, int]]]:
    """Numbers that share a height, rows of at least two."""
    rows: list[list[tuple[TextLine, int]]] = []
    for number in sorted(numbers, key=lambda n: n[0].rect.y):
        if rows and number[0].rect.same_row(rows[-1][0][0].rect):
            rows[-1].append(number)
        else:
            rows.append([number])
    return [row for row in rows if len(row) >= 2]


def _badge_of(title: Title, badges: Sequence[TextLine], pitch: float) -> TextLine | None:
    """The badge on the card whose title this is: below it, within a card's width and height."""
    below = [
        b
        for b in badges
        if -0.1 * pitch < b.rect.x - title.rect.left < 0.9 * pitch
        and 1.5 * title.height < b.rect.y - title.rect.y < 1.6 * pitch
    ]
    return min(below, key=lambda b: b.rect.y, default=None)


def _lattice(anchors: Sequence[float], lefts: Sequence[float], pitch: float) -> list[float]:
    """The left edges of columns: those at whole pitches from the anchors at which lines of text begin."""
    near = 0.05 * pitch
    start = max(anchors, key=lambda a: sum(_off(other - a, pitch) < near for other in [*anchors, *lefts]))
    on = [left for left in lefts if _off(left - start, pitch) < 2 * near]
    places = sorted({round((left - start) / pitch) for left in on})
    members = {place: [left for left in on if round((left - start) / pitch) == place] for place in places}
    sure = [place for place in places if len(members[place]) >= 2]
    # Between two columns no place is empty: rows are filled from the left.
    between = range(min(sure), max(sure) + 1) if sure else []
    return [median(members[place]) if members.get(place) else start + place * pitch for place in between]


def _off(distance: float, pitch: float) -> float:
    """How far a distance is from a whole number of pitches."""
    return abs(distance - round(distance / pitch) * pitch)


def read_grid(page: Page, grid: Grid) -> list[Cell]:
    """Every cell that holds a card, row by row; what stands before a card of its row is one, if nobody can read it."""
    found: list[Cell] = []
    for y in grid.rows:
        cells = [_read_cell(page, grid, left, y) for left in grid.lefts]
        last = max((number for number, cell in enumerate(cells) if cell is not None), default=-1)
        for left, cell in zip(grid.lefts[: last + 1], cells, strict=False):
            found.append(cell or Cell(_title_place(page, grid.shape, left, y), None, None, 0.0))
    return found


def _title_place(page: Page, shape: Shape, left: float, y: float) -> Rect:
    half = 0.62 * shape.height
    return page.clip(Rect(left - 0.2 * shape.height, y - half, left + 0.9 * shape.pitch, y + half))


def _read_cell(page: Page, grid: Grid, left: float, y: float) -> Cell | None:
    title = _title_place(page, grid.shape, left, y)
    known = [t for t in page.titles if t.rect.overlap(title) > 0.6 and t.reading.strong]
    if known:
        reading: NameReading | None = known[0].reading
        text = known[0].line.text
    else:
        shifted = [crop for shift in SHIFTS for crop in _crops(page, title, shift * grid.shape.height)]
        readings = page.engine.recognise(shifted)
        reading = page.names.vote(readings, cut=True)
        text = max((r.text for r in readings), key=len)
    many = reading is None or reading.card.max_copies is None
    count, confidence = _read_badge(page, grid.shape, left, y, many)
    if not known and confidence < SURE_BADGE and (reading is None or not reading.strong):
        return None
    return Cell(title, reading, count, confidence, text)


def _crops(page: Page, rect: Rect, shift: float) -> list[Image]:
    """A title as it is, and sharpened: what is 7 pixels high gains from either."""
    place = Rect(rect.left, rect.top + shift, rect.right, rect.bottom + shift)
    plain = cut_out(page.image, page.clip(place).quad())
    return [plain, sharpened(plain)]


def sharpened(crop: Image) -> Image:
    """The crop at four times its size, edges strengthened (unsharp mask)."""
    large = cv2.resize(crop, None, fx=4, fy=4, interpolation=cv2.INTER_LANCZOS4)
    blurred = cv2.GaussianBlur(large, (0, 0), 2.5)
    return np.asarray(cv2.addWeighted(large, 1.8, blurred, -0.8, 0), np.uint8)


def _read_badge(page: Page, shape: Shape, left: float, y: float, many: bool) -> tuple[int | None, float]:
    """The count below a title with its confidence; ``many`` allows more than nine copies.

    The sheets drawn before the number are easily read as digits, so several crops vote, most without them.
    """
    width, height = shape.badge_size
    right, down = left + shape.badge_right, y + shape.badge_down
    place = Rect(right - width, down - 0.5 * height, right + 0.05 * width, down + 0.5 * height)
    starts = (1.5, 1.25, 1.0) if many else (1.1, 0.95, 0.8)  # widths of digits as shares of the badge's height
    crops = [
        cut_out(
            page.image,
            page.clip(Rect(right - share * height, place.top, place.right + 0.1 * height, place.bottom)).quad(),
        )
        for share in starts
    ]
    readings = page.engine.recognise([*crops, *(whites(crop) for crop in crops)])
    votes: dict[int, float] = {}
    for reading in readings:
        digits = _LAST_DIGITS.search(reading.text)
        if digits:
            number = int(digits.group(1) if many else digits.group(1)[-1])
            votes[number] = votes.get(number, 0.0) + reading.confidence
    votes.pop(0, None)
    if not votes:
        return None, 0.0
    best = max(votes, key=lambda n: votes[n])
    return best, votes[best] / len(readings)
