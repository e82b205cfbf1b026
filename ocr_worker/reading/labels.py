"""Where the label of a box fits on a picture: beside it, off all other boxes and labels if there is room."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ocr_worker.reading.lines import Rect


class Label(NamedTuple):
    """A text, and the pixels that it needs."""

    text: str
    width: float
    height: float


def place_label(
    title: Rect, variants: Sequence[Label], taken: Sequence[Rect], page: Rect, gap: float
) -> tuple[str, Rect]:
    """The text to write beside ``title``, and where on the page.

    The first of the variants that covers nothing of what is taken, else the one that covers the least.
    """
    best: tuple[float, str, Rect] | None = None
    for label, left, top in _places(title, variants, gap):
        place = _kept_on(page, left, top, label)
        covered = _covered(place, taken)
        if covered == 0:
            return label.text, place
        if best is None or covered < best[0]:
            best = covered, label.text, place
    if best is None:
        raise ValueError("a label needs a text")
    return best[1], best[2]


def _places(title: Rect, variants: Sequence[Label], gap: float) -> Iterator[tuple[Label, float, float]]:
    """Each variant right of the title, below and above; only then left of it, where counts stand."""
    for label in variants:
        yield label, title.right + gap, title.y - label.height / 2
        yield label, title.left, title.bottom + gap
        yield label, title.left, title.top - gap - label.height
    for label in variants:
        yield label, title.left - gap - label.width, title.y - label.height / 2


def _kept_on(page: Rect, left: float, top: float, label: Label) -> Rect:
    left = max(page.left, min(left, page.right - label.width))
    top = max(page.top, min(top, page.bottom - label.height))
    return Rect(left, top, left + label.width, top + label.height)


def _covered(place: Rect, taken: Iterable[Rect]) -> float:
    """Pixels of what is taken that the place would cover."""
    area = 0.0
    for other in taken:
        width = min(place.right, other.right) - max(place.left, other.left)
        height = min(place.bottom, other.bottom) - max(place.top, other.top)
        area += max(0.0, width) * max(0.0, height)
    return area
