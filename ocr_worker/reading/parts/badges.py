"""``xN`` badges on cards, and which card each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Image, Rect, TextLine
from ocr_worker.reading.page import Page, Title, cut_out


@dataclass(frozen=True, slots=True)
class Badge:
    """A count on a card."""

    rect: Rect
    count: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a card's badge stands: its centre relative to the title's left edge and centre, in pixels."""

    right: float
    down: float


def badges(lines: Sequence[TextLine]) -> list[Badge]:
    """All badges among the lines."""
    found = ((line, tokens.badge(line.text)) for line in lines)
    return [Badge(line.rect, count, line.confidence) for line, count in found if count]


def usual_offset(pairs: Sequence[tuple[Title, Badge]]) -> Offset | None:
    """The median place of the badges of titles whose badge is known."""
    if not pairs:
        return None
    return Offset(median(b.rect.x - t.rect.left for t, b in pairs), median(b.rect.y - t.rect.y for t, b in pairs))


def owner(badge: Badge, column: Sequence[Title], reach: float) -> Title | None:
    """The title of this column that stands closest above the badge, within ``reach`` pixels."""
    above = [t for t in column if 0.3 * t.height < badge.rect.y - t.rect.y <= reach]
    return max(above, key=lambda t: t.rect.y, default=None)


def read_badges(page: Page, places: Sequence[Rect]) -> list[Badge | None]:
    """The badge at each of these places, None where none can be read; white ones on pale art are brought out."""
    crops = [cut_out(page.image, page.clip(place).quad()) for place in places]
    tries = [page.engine.recognise(crops), page.engine.recognise([whites(crop) for crop in crops])]
    found: list[Badge | None] = []
    for place, *readings in zip(places, *tries, strict=True):
        counts = [(tokens.badge(r.text), r.confidence) for r in readings]
        known = [(count, confidence) for count, confidence in counts if count]
        best = max(known, key=lambda k: k[1], default=None)
        found.append(Badge(place, best[0], best[1]) if best else None)
    return found


def whites(crop: Image) -> Image:
    """What is nearly white, black on white: badges are pure white, the palest art is not."""
    darkest = crop.min(axis=2).astype(np.float32)
    shade = 255 - np.clip((darkest - 190) * (255 / 60), 0, 255)
    return np.repeat(shade.astype(np.uint8)[:, :, None], 3, axis=2)
