"""Magic Online's deck editor with cards shown as pictures: stacks in columns, or a grid with count badges.

What the client shows: a bar with ``Deck name: 60``, ``Lands: 22 Creatures: 18 Other: 20`` and drop-downs; above
each column the number of its cards; every copy as a title bar of the stack, the last card whole. The sideboard has
a pane of its own at the right or below, with the same bar and columns. In the grid form each card stands once, with
a badge of stacked sheets and its count on the lower part.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting, Unread
from ocr_worker.reading import tokens
from ocr_worker.reading.columns import by_left_edge
from ocr_worker.reading.lines import Rect, TextLine, bounds
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.grid import Grid, find_grid, find_shape, read_grid
from ocr_worker.reading.parts.piles import sideways
from ocr_worker.reading.parts.shared import heading_lines, sighting
from ocr_worker.reading.parts.signals import Signals
from ocr_worker.reading.parts.stacks import Bar, Span, complete, pitch, titles_in

_NAMED_TOTAL = re.compile(r"^(.{2,60}?)\s*[:;]\s*(\d{2,3})$")
LEAST_FIT, LEAST_SHARE = 0.45, 0.3
"""Below these the readings of a grid's title scatter: the card stays unnamed rather than guessed."""

SMALL = 15.5
GOOD = 27.0
"""Pixels: title boxes not much higher than SMALL are read again, enlarged to GOOD."""


GUESSED_COPIES = 0.3
"""Trust in the number of copies of a card of which only one shows its name."""


@dataclass(frozen=True, slots=True)
class Pane:
    """One half of the editor: the deck or its sideboard, with its total and the counts above its columns."""

    section: Section
    region: Rect
    displayed: int | None
    columns: tuple[tuple[float, int], ...] = ()


class MtgoVisual:
    """See the module."""

    kind = "mtgo-visual"

    def likeness(self, page: Page, signals: Signals) -> float:
        """The bar with the totals by type, or its controls, over names without counts."""
        if signals.listed >= 0.6:
            return 0.0
        return 0.95 if signals.types >= 2 and signals.controls else 0.7 * (signals.controls >= 2)

    def read(self, page: Page) -> Observation:
        """Pane by pane."""
        _enlarge_if_small(page)
        sightings: list[Sighting] = []
        unread: list[Unread] = []
        panes = find_panes(page)
        shape = None if any(len(pane.columns) >= 2 for pane in panes) else find_shape(page)
        for pane in panes:
            grid = find_grid(page, shape, pane.region) if shape else None
            seen, missed = read_cells(page, pane, grid) if grid else read_stacks(page, pane)
            sightings += seen
            unread += missed
        displayed = {pane.section: pane.displayed for pane in panes if pane.displayed is not None}
        return Observation(self.kind, tuple(sightings), displayed, _bar_totals(page.lines), unread=tuple(unread))


def _bar_totals(lines: Sequence[TextLine]) -> Mapping[str, int]:
    """Lands, creatures and other, as the bar displays them."""
    found: dict[str, int] = {}
    for line in lines:
        totals = tokens.labelled_totals(line.text)
        found.update({k: v for k, v in totals.items() if k in ("land", "creature", "other")})
    return found


def _enlarge_if_small(page: Page) -> None:
    strong = [t.height for t in page.titles if t.reading.strong]
    height = median(strong) if strong else 12.0
    if height < SMALL + 2:
        page.refine(Rect(0, 0, page.width, page.height), min(3.0, max(1.25 * page.base_scale, GOOD / height)))


def find_panes(page: Page) -> list[Pane]:
    """The deck's pane and, where a sideboard heading stands, the sideboard's."""
    whole = Rect(0, 0, page.width, page.height)
    headings = list(heading_lines(page.lines, "side"))
    if not headings:
        return [_pane(page, Section.MAIN, whole)]
    head = min(headings, key=lambda h: h.rect.top)
    if head.rect.left > 0.25 * page.width:
        edge = head.rect.left - 0.5 * head.rect.height
        main, side = Rect(0, 0, edge, page.height), Rect(edge, 0, page.width, page.height)
    else:
        edge = head.rect.top - 0.3 * head.rect.height
        main, side = Rect(0, 0, page.width, edge), Rect(0, edge, page.width, page.height)
    return [_pane(page, Section.MAIN, main), _pane(page, Section.SIDEBOARD, side)]


def _pane(page: Page, section: Section, region: Rect) -> Pane:
    inside = [line for line in page.lines if _within(line.rect, region)]
    displayed = _displayed(section, inside)
    bar = [line.rect.bottom for line in inside if _NAMED_TOTAL.match(line.text) or tokens.heading(line.text)]
    top = min(bar, default=region.top)
    titles = [t.rect for t in page.titles if t.reading.strong and not t.line.turned]
    columns = _column_counts(inside, top)
    first = min((rect.y for rect in titles if _within(rect, region) and rect.y > top), default=region.bottom)
    if any(line.rect.y > first for line, _ in columns):  # numbers on cards: the first row of badges
        columns = []
    columns = [c for c in columns if not any(c[0].rect.same_row(rect) for rect in titles)]
    bottom = median([line.rect.bottom for line, _ in columns]) if columns else top
    counts = tuple((line.rect.x, count) for line, count in columns)
    return Pane(section, replace(region, top=bottom), displayed, counts)


def _within(rect: Rect, region: Rect) -> bool:
    return region.left <= rect.x <= region.right and region.top <= rect.y <= region.bottom


def _displayed(section: Section, lines: Sequence[TextLine]) -> int | None:
    if section is Section.SIDEBOARD:
        counts = [h.count for line in lines if (h := tokens.heading(line.text)) and h.name == "side"]
        return next((count for count in counts if count is not None), None)
    types = _bar_totals(lines)
    if len(types) == 3:
        return sum(types.values())
    first = sorted(lines, key=lambda line: line.rect.top)[:12]
    named = [m for line in first if not tokens.labelled_totals(line.text) and (m := _NAMED_TOTAL.match(line.text))]
    return int(named[0].group(2)) if named else None


def _column_counts(lines: Sequence[TextLine], top: float) -> list[tuple[TextLine, int]]:
    """The row of numbers above the columns: the first row of bare numbers below the bar."""
    numbers = [
        (line, int(line.text))
        for line in lines
        if line.text.strip().isdigit() and len(line.text.strip()) <= 2 and line.rect.top > top - 2
    ]
    if not numbers:
        return []
    first = min(numbers, key=lambda n: n[0].rect.y)[0]
    row = [n for n in numbers if first.rect.same_row(n[0].rect)]
    if first.rect.top - top > 4 * first.rect.height:
        return []
    return sorted(row, key=lambda n: n[0].rect.x)


# --- grid -------------------------------------------------------------------------------------------------------


def read_cells(page: Page, pane: Pane, grid: Grid) -> tuple[list[Sighting], list[Unread]]:
    """All cells of a grid: a card with its badge each."""
    sightings: list[Sighting] = []
    unread: list[Unread] = []
    for cell in read_grid(page, grid):
        if cell.reading is None or cell.reading.fit < LEAST_FIT or cell.reading.share < LEAST_SHARE:
            unread.append(Unread(pane.section, cell.count, cell.title.box()))
            continue
        line = TextLine(cell.text, cell.title, 1.0)
        trust = min(0.98, 1.3 * cell.confidence) if cell.count is not None else 0.1
        sightings.append(sighting(Title(line, cell.reading), pane.section, cell.count or 1, trust))
    return sightings, unread


# --- stacks -----------------------------------------------------------------------------------------------------


def read_stacks(page: Page, pane: Pane) -> tuple[list[Sighting], list[Unread]]:
    """All columns of a pane, each copy a sighting."""
    spans = _spans(page, pane)
    columns = [titles_in(page, span) for span, _ in spans]
    step = pitch(columns)
    sightings: list[Sighting] = []
    unread: list[Unread] = []
    for number, ((span, expected), titles) in enumerate(zip(spans, columns, strict=True)):
        bars = complete(page, titles, step, expected, span) if step else [Bar(t.rect, t) for t in titles]
        pile = f"{pane.section.value} column {number}"
        trust = 0.98 if expected is not None and len(bars) == expected else 0.8
        for bar in bars:
            if bar.title is None:
                unread.append(Unread(pane.section, 1, bar.rect.box()))
            else:
                seen = sighting(bar.title, pane.section, 1, trust if not bar.guessed else 0.8 * trust, pile)
                sightings.append(replace(seen, box=bar.rect.box()))
        if expected is not None and len(bars) < expected:
            lying = _sideways(page, span, pane.section, pile, expected - len(bars))
            sightings += lying
            found = sum(seen.count for seen in lying)
            if expected - len(bars) > found:
                unread.append(Unread(pane.section, expected - len(bars) - found))
    return sightings, unread


def _spans(page: Page, pane: Pane) -> list[tuple[Span, int | None]]:
    """The columns' places with their displayed counts: around the counts, else around the titles."""
    region = pane.region
    if pane.columns:
        centres = [x for x, _ in pane.columns]
        gaps = [b - a for a, b in itertools.pairwise(centres)]
        half = 0.5 * (min(gaps) if gaps else min(region.width, 2 * (centres[0] - region.left)))
        return [(Span(x - half, x + half, region.top, region.bottom), count) for x, count in pane.columns]
    inside = [t for t in page.titles if _within(t.rect, region) and t.reading.strong]
    if not inside:
        return []
    height = median(t.height for t in inside)
    columns = by_left_edge(inside, lambda t: t.rect, 4 * height)
    lefts = [median(t.rect.left for t in column) - height for column in columns]
    return [
        (Span(a, b - 1, region.top, region.bottom), None)
        for a, b in zip(lefts, [*lefts[1:], region.right], strict=True)
    ]


def _sideways(page: Page, span: Span, section: Section, pile: str, missing: int) -> list[Sighting]:
    """Split cards that lie on their side at the end of a column: their halves' names run upwards.

    Of several copies only the last shows its names: where one card lies there, what its column lacks are its copies.
    """
    turned = [line.rect for line in page.lines if line.turned and span.holds(line.rect)]
    if len(turned) < 2:
        return []
    around = bounds(turned)
    height = span.right - span.left
    region = Rect(span.left, around.top - height, span.right, min(span.bottom, around.bottom + height))
    found = sideways(page, page.look_turned(region, 2.0))[:missing]
    if len(found) == missing:
        return [sighting(t, section, 1, 0.9, pile) for t in found]
    if len(found) == 1 and missing <= (found[0].reading.card.max_copies or missing):
        return [sighting(found[0], section, missing, GUESSED_COPIES, pile)]
    return [sighting(t, section, 1, GUESSED_COPIES, pile) for t in found]
