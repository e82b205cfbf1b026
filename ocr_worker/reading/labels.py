"""Where the label of a box fits on a picture: beside it, off all other boxes and labels if there is room."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ocr_worker.reading.lines import Rect


class Place(NamedTuple):
    """What a label needs, in pixels."""

    width: float
    height: float


def place_label(title: Rect, need: Place, taken: Sequence[Rect], page: Rect, gap: float) -> Rect:
    """The place near ``title`` that covers the least of what is ``taken``, within the page where that is possible."""
    return min(_places(title, need, page, gap), key=lambda place: _covered(place, taken))


def _places(title: Rect, need: Place, page: Rect, gap: float) -> Iterator[Rect]:
    """Right of the title, below, above and left of it, then again further away; kept on the page."""
    width, height = need
    middle = title.y - height / 2
    for distance in (gap, gap + height, gap + 2 * height):
        for left, top in (
            (title.right + distance, middle),
            (title.left, title.bottom + distance),
            (title.left, title.top - distance - height),
            (title.left - distance - width, middle),
        ):
            yield _kept_on(page, Rect(left, top, left + width, top + height))


def _kept_on(page: Rect, place: Rect) -> Rect:
    left = max(page.left, min(place.left, page.right - place.width))
    top = max(page.top, min(place.top, page.bottom - place.height))
    return Rect(left, top, left + place.width, top + place.height)


def _covered(place: Rect, taken: Iterable[Rect]) -> float:
    """Pixels of what is taken that the place would cover."""
    area = 0.0
    for other in taken:
        width = min(place.right, other.right) - max(place.left, other.left)
        height = min(place.bottom, other.bottom) - max(place.top, other.top)
        area += max(0.0, width) * max(0.0, height)
    return area
