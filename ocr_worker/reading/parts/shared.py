"""What several layouts do alike: from titles to sightings, and totals in the page's headings."""

import math
from collections.abc import Iterable

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Option, Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Title


def sighting(title: Title, section: Section, count: int = 1, trust: float = 0.95, pile: str = "") -> Sighting:
    """A title as evidence of ``count`` copies in a section."""
    reading = title.reading
    return Sighting(
        section,
        tuple(Option(guess.card, guess.share) for guess in reading.guesses),
        reading.fit,
        count,
        trust,
        title.line.text,
        title.rect.box(),
        pile,
        reading.truncated,
    )


def near_right(anchor: Rect, other: Rect, reach: float) -> bool:
    """``other`` begins on the same row, at most ``reach`` pixels right of the anchor's end."""
    return anchor.same_row(other) and -0.3 * anchor.height <= other.left - anchor.right <= reach


def near_left(anchor: Rect, other: Rect, reach: float) -> bool:
    """``other`` ends on the same row, at most ``reach`` pixels left of the anchor's start."""
    return anchor.same_row(other) and -0.5 * anchor.height <= anchor.left - other.right <= reach


def displayed_sizes(lines: Iterable[TextLine]) -> list[tuple[TextLine, int]]:
    """Lines that display a number of cards (``60/60 Cards``), with that number."""
    found = ((line, tokens.deck_size(line.text)) for line in lines)
    return [(line, size) for line, size in found if size is not None and size <= 300]


def heading_lines(lines: Iterable[TextLine], name: str) -> list[TextLine]:
    """Lines that are a heading of that name."""
    return [line for line in lines if (h := tokens.heading(line.text)) is not None and h.name == name]


def tilt(line: TextLine) -> float:
    """The angle of a line's upper edge in radians, 0 for an upright screen."""
    if line.quad is None:
        return 0.0
    across = line.quad[1] - line.quad[0]
    return math.atan2(float(across[1]), float(across[0]))
