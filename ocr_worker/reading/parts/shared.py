"""What several layouts do alike: from titles to sightings, and totals in the page's headings."""

import math
from collections.abc import Iterable

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Option, Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Title

BUTTONS = frozenset({"done", "fertig", "terminé", "fatto", "hecho", "listo"})
"""What the button over the foot of Arena's list says."""

HALF_HIDDEN_FIT = 0.6
"""Fit of a row beside a button that covers its end: never certain."""


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


def buttons(lines: Iterable[TextLine], height: float) -> list[Rect]:
    """Buttons that may cover rows of a list, whose text is ``height`` pixels high: their words are larger."""
    large = (line for line in lines if line.rect.height > 1.1 * height)
    return [line.rect for line in large if line.text.strip().casefold() in BUTTONS]


def is_beside(button: Rect, row: Rect) -> bool:
    """The button may cover a part of the row."""
    return abs(button.y - row.y) < 1.3 * button.height


def is_cut_by(button: Rect, row: Rect) -> bool:
    """The row's text ends where the button's frame begins, about a width of its word beside the word."""
    return button.left - 2 * button.width < row.right < button.right


def tilt(line: TextLine) -> float:
    """The angle of a line's upper edge in radians, 0 for an upright screen."""
    if line.quad is None:
        return 0.0
    across = line.quad[1] - line.quad[0]
    return math.atan2(float(across[1]), float(across[0]))
