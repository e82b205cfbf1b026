"""The list panel at the right of MTG Arena's deck builder: the sideboard, or the whole deck beside the collection."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.list_rows import ListRow, aligned, fill_counts, list_rows
from ocr_worker.reading.parts.shared import (
    HALF_HIDDEN_FIT,
    buttons,
    displayed_sizes,
    heading_lines,
    is_beside,
    sighting,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """The list panel; ``left`` is where it begins (the page's width where there is none)."""

    left: float
    rows: tuple[ListRow, ...] = ()
    side_from: float = 0.0
    holds_main: bool = False
    buttons: tuple[Rect, ...] = ()

    def sightings(self) -> tuple[Sighting, ...]:
        """One a row; rows without counts are one copy each where no row has one."""
        counted = any(row.count is not None for row in self.rows)
        return tuple(self._sighting(row, counted) for row in self.rows)

    def _sighting(self, row: ListRow, counted: bool) -> Sighting:
        section = Section.SIDEBOARD if row.rect.y > self.side_from else Section.MAIN
        if any(is_beside(button, row.rect) for button in self.buttons):
            # Half a name may spell another card's whole name.
            seen = sighting(row.title, section, row.count or 1, 0.3, "panel")
            return replace(seen, fit=min(seen.fit, HALF_HIDDEN_FIT))
        if row.count is not None:
            return sighting(row.title, section, row.count, row.confidence, "panel")
        return sighting(row.title, section, 1, 0.4 if counted else 0.95, "panel")


def read_panel(page: Page) -> Panel:
    """Find the panel's rows by their common left edge and read them."""
    headings = heading_lines(page.lines, "side")
    titles = [t for t in page.titles if t.reading.fit >= 0.7]
    rows = list_rows(titles, page.lines, 2.5, tokens.times)
    counted = [row for row in rows if row.count is not None and row.rect.left > 0.4 * page.width]
    sizes = [line for line, _ in displayed_sizes(page.lines) if line.rect.left > 0.5 * page.width]
    start = [h for h in headings if h.rect.left > 0.4 * page.width] or sizes
    if len(counted) >= 2:
        height = median(row.rect.height for row in counted)
        edge = median(row.rect.left for row in aligned(counted, height))
    elif start:
        height = 1.0 * start[0].rect.height
        below = [r for r in rows if r.rect.left > start[0].rect.left - 6 * height and r.rect.y > start[0].rect.y]
        lined = aligned(below, 0.7 * height)
        if not lined:
            return Panel(start[0].rect.left - 4 * height)
        edge, height = median(r.rect.left for r in lined), median(r.rect.height for r in lined)
    else:
        return Panel(float(page.width))
    return _panel_at(page, edge, height, [h for h in headings if h.rect.left > edge - 8 * height])


def _panel_at(page: Page, edge: float, height: float, headings: Sequence[TextLine]) -> Panel:
    lines = [
        line
        for line in page.lines
        if abs(line.rect.left - edge) < 1.2 * height or (line.rect.left < edge < line.rect.right)
    ]
    titles = [t for t in page.titles_of(lines, cut=True) if t.reading.fit >= 0.6]
    rows = [r for r in list_rows(titles, page.lines, 2.5, tokens.times) if r.rect.height > 0.6 * height]
    rows = fill_counts(page, sorted(rows, key=lambda r: r.rect.y))
    counters = [r.counter.left for r in rows if r.counter]
    left = min([edge - (1.5 if counters else 3.5) * height, *counters])
    first = min((r.rect.y for r in rows), default=0.0)
    side_from = min((h.rect.y for h in headings), default=0.0)
    holds_main = bool(headings and side_from > first) or not headings
    covers = [button for button in buttons(page.lines, height) if button.left > left]
    return Panel(left, tuple(rows), side_from if headings else float("inf"), holds_main, tuple(covers))
