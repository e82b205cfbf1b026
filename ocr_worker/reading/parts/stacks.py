"""Stacks of cards in which every copy shows its title bar at a regular distance.

The distance is the strongest evidence: a bar that no detector found still has its place, which is read on its own;
where even that fails, a gap between two bars of one card is a further copy of it.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr_worker.cards.names import compact
from ocr_worker.reading.columns import common_step
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Page, Title

_TYPE_LINE = re.compile(
    r"^\W{0,3}(?:(?:Legendary|Basic|Snow|World|Kindred|Tribal|Token|Artifact|Enchantment)\s+)*"
    r"(?:Creature|Artifact|Enchantment|Instant|Sorcery|Planeswalker|Battle|Land)\b\s*(?:$|[-–—~:.]|[A-Z])"
)


def is_type_line(page: Page, line: TextLine) -> bool:
    """The line says what type a card is (``Creature - Elf Druid``) and is not the name of one (``Land Tax``)."""
    if not _TYPE_LINE.match(line.text):
        return False
    reading = page.names.read(line)
    return reading is None or not reading.exact


@dataclass(frozen=True, slots=True)
class Bar:
    """One title bar of a stack; ``title`` is None where nobody can read it, ``guessed`` where the gap names it."""

    rect: Rect
    title: Title | None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Where a column of cards stands: pixels from left to right, from top to bottom."""

    left: float
    right: float
    top: float
    bottom: float

    def holds(self, rect: Rect) -> bool:
        """The rectangle's centre lies in the column and it is hardly wider."""
        return (
            self.left <= rect.x <= self.right
            and self.top <= rect.y <= self.bottom
            and rect.left >= self.left - 0.15 * (self.right - self.left)
        )


def titles_in(page: Page, span: Span, least_fit: float = 0.6) -> list[Title]:
    """The titles of a column down to its first type line, below which is rules text; top to bottom."""
    inside = [t for t in page.titles if span.holds(t.rect) and t.line.turned == 0 and t.reading.fit >= least_fit]
    height = median(t.height for t in inside) if inside else 0.0
    first = min((t.rect.y for t in inside if t.reading.strong), default=0.0)
    types = [
        line.rect.y
        for line in page.lines
        if span.holds(line.rect) and line.rect.y > first + 0.8 * height and is_type_line(page, line)
    ]
    end = min(types, default=span.bottom)
    return sorted((t for t in inside if t.rect.y < end), key=lambda t: t.rect.y)


def pitch(columns: Sequence[Sequence[Title]]) -> float | None:
    """The distance of neighbouring bars that most columns share, None where no column has two."""
    centres = [[t.rect.y for t in column] for column in columns]
    height = median([t.height for column in columns for t in column] or [0.0])
    steps = [step for ys in centres if (step := common_step(ys, 0.9 * height, 4.5 * height)) is not None]
    weights = [len(ys) for ys in centres if common_step(ys, 0.9 * height, 4.5 * height) is not None]
    spread = [step for step, weight in zip(steps, weights, strict=True) for _ in range(weight)]
    return median(spread) if spread else None


def complete(page: Page, titles: Sequence[Title], step: float, expected: int | None, span: Span) -> list[Bar]:
    """The bars of one stack with the missing ones filled in.

    ``step`` is the distance of bars, ``expected`` the number of cards that a heading displays.
    """
    found = _without_strays([Bar(t.rect, t) for t in titles], step)
    bars = [_whole(page, bar, span, _is_part(bar, found)) for bar in found]
    if not bars:
        return []
    filled = fill(page, bars, step, span)
    if expected is None:
        return _without_loose_end(filled)
    while len(filled) < expected:
        below = _shifted(filled[-1].rect, step)
        if below.bottom > min(page.height, span.bottom) + 0.3 * below.height:
            break
        title = read_bar(page, below, span)
        if title is None or title.reading.fit < 0.7:
            break
        filled.append(Bar(below, title))
    return filled[:expected]


def _is_part(bar: Bar, others: Sequence[Bar]) -> bool:
    """The bar's name is part of another's in the stack (``Misinformation`` of ``Disinformation Campaign``)."""
    if bar.title is None:
        return False
    name = compact(bar.title.reading.spelled)[2:-2]
    return any(
        o.title is not None
        and o.title.reading.card != bar.title.reading.card
        and name in compact(o.title.reading.spelled)
        for o in others
    )


def _whole(page: Page, bar: Bar, span: Span, doubtful: bool) -> Bar:
    """A bar whose text begins right of the column's edge may lack its first letters: read it in full."""
    height = bar.rect.height
    starts_late = bar.rect.left >= span.left + 0.12 * (span.right - span.left) + 0.5 * height
    if bar.title is None or not (starts_late or doubtful):
        return bar
    again = read_bar(page, Rect(span.left + 0.3 * height, bar.rect.top, span.right, bar.rect.bottom), span)
    if again is None or again.reading.card == bar.title.reading.card:
        return bar
    longer = len(again.reading.spelled) > len(bar.title.reading.spelled)
    return Bar(bar.rect, again) if longer and again.reading.strong else bar


def _without_loose_end(bars: Sequence[Bar]) -> list[Bar]:
    """Without the places at the end that nothing readable confirms: they are rules text."""
    last = max((i for i, bar in enumerate(bars) if bar.title and bar.title.reading.strong), default=-1)
    return list(bars[: last + 1])


def _without_strays(bars: list[Bar], step: float) -> list[Bar]:
    """Drop readings that stand closer to their neighbour than bars can, the weaker one of each pair."""
    kept: list[Bar] = []
    for bar in bars:
        if kept and bar.rect.y - kept[-1].rect.y < 0.55 * step:
            if _fit(bar) > _fit(kept[-1]):
                kept[-1] = bar
            continue
        kept.append(bar)
    return kept


def _fit(bar: Bar) -> float:
    return bar.title.reading.fit * bar.title.reading.share if bar.title else 0.0


def fill(page: Page, bars: Sequence[Bar], step: float, span: Span, farthest: int = 12) -> list[Bar]:
    """The bars, and between those that stand up to ``farthest`` steps apart the ones that must be there."""
    return list(_filled(page, bars, step, span, farthest)) if bars else []


def _filled(page: Page, bars: Sequence[Bar], step: float, span: Span, farthest: int) -> Iterator[Bar]:
    yield bars[0]
    for above, below in itertools.pairwise(bars):
        distance = below.rect.y - above.rect.y
        missing = round(distance / step) - 1
        if 0 < missing <= farthest and abs(distance / step - missing - 1) < 0.12 * (missing + 1) + 0.15:
            for number in range(1, missing + 1):
                yield _between(page, above, below, distance * number / (missing + 1), span)
        yield below


def _between(page: Page, above: Bar, below: Bar, down: float, span: Span) -> Bar:
    place = _shifted(above.rect, down)
    title = read_bar(page, place, span)
    if title is not None and title.reading.strong:
        return Bar(place, title)
    same = above.title and below.title and above.title.reading.card == below.title.reading.card
    if same and above.title:
        return Bar(place, replace(above.title, line=replace(above.title.line, rect=place)), guessed=True)
    return Bar(place, title if title is not None and title.reading.fit >= 0.6 else None)


def _shifted(rect: Rect, down: float) -> Rect:
    return Rect(rect.left, rect.top + down, rect.right, rect.bottom + down)


def read_bar(page: Page, place: Rect, span: Span, cut: bool = False) -> Title | None:
    """The best of several readings of a title bar whose place is known, shifted a little each time."""
    height = place.height
    left, right = max(place.left - 0.4 * height, span.left), span.right - 0.02 * (span.right - span.left)
    rects = [Rect(left, place.top + shift * height, right, place.bottom + shift * height) for shift in (-0.12, 0, 0.12)]
    return best_title(page, page.read_rects(rects), cut)


def best_title(page: Page, lines: Sequence[TextLine], cut: bool = False) -> Title | None:
    """The title that fits best among several readings of one place."""
    titles = page.titles_of(lines, cut)
    return max(titles, key=lambda t: t.reading.fit * t.reading.share, default=None)
