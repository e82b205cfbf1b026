"""A whole list: rows with counts in one or several columns, under headings that say what they are."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting, Unread
from ocr_worker.reading import tokens
from ocr_worker.reading.columns import by_left_edge
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.list_rows import ListRow, fill_counts, list_rows, own_counters
from ocr_worker.reading.parts.shared import (
    HALF_HIDDEN_FIT,
    buttons,
    displayed_sizes,
    is_beside,
    is_cut_by,
    sighting,
)
from ocr_worker.reading.tokens import Heading

LEAST_FIT = 0.72
WEAK_FIT = 0.5

Entry = tuple[Rect, ListRow | Heading]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its rows, and the span in which its headings stand."""

    rows: tuple[ListRow, ...]
    left: float
    right: float


def counted_rows(page: Page) -> list[ListRow]:
    """Rows with a count and a name that fits."""
    rows = list_rows(_card_names(page), page.lines)
    return [row for row in rows if row.count is not None and row.title.reading.fit >= LEAST_FIT]


def _card_names(page: Page) -> list[Title]:
    sizes = [line.rect for line, _ in displayed_sizes(page.lines)]
    return [t for t in page.titles if not _is_deck_name(t, sizes)]


def _is_deck_name(title: Title, sizes: Sequence[Rect]) -> bool:
    """The line right above a displayed size is the deck's name, whatever card it resembles."""
    above = any(
        0 < size.y - title.rect.y < 2.2 * size.height and abs(size.left - title.rect.left) < 3 * size.height
        for size in sizes
    )
    return above and not title.reading.exact


def list_columns(page: Page) -> list[Column]:
    """The list's columns, left to right, each with all of its rows; columns without counted rows are none."""
    counted = counted_rows(page)
    if not counted:
        return []
    height = median(row.rect.height for row in counted)
    groups = [
        g
        for g in by_left_edge(counted, lambda row: row.rect, 1.5 * height, lambda row: row.edge)
        if _is_column(g, counted)
    ]
    edges = [median(row.edge for row in group) for group in groups]
    taken = {id(row.title) for group in groups for row in group}
    columns = []
    for number, (edge, group) in enumerate(zip(edges, groups, strict=True)):
        right = edges[number + 1] - 3 * height if number + 1 < len(edges) else page.width
        extra = [r for r in _uncounted(page, edge, group, height) if id(r.title) not in taken]
        rows = fill_counts(page, own_counters(sorted([*group, *extra], key=lambda r: r.rect.y)))
        left = min([edge, *(r.counter.left if r.counter else r.rect.left for r in rows)])
        columns.append(Column(tuple(_distinct(rows)), left - 0.5 * height, right))
    return columns


def _is_column(group: Sequence[ListRow], counted: Sequence[ListRow]) -> bool:
    return len(group) >= 2 or len(counted) < 6 or any(row.title.reading.exact for row in group)


def _uncounted(page: Page, edge: float, group: Sequence[ListRow], height: float) -> list[ListRow]:
    """Titles that stand in line with a column and whose count was not read, or whose name is weak."""
    known = {id(row.title) for row in group}
    lined = [
        title
        for title in _card_names(page)
        if abs(title.rect.left - edge) < 1.2 * height
        and id(title) not in known
        and 0.6 * height < title.height < 1.7 * height
    ]
    rows = list_rows(lined, page.lines)
    clear = [r for r in rows if r.title.reading.fit >= 0.85]
    near = _reached(clear, [row.rect.y for row in group], 6 * height)
    ys = sorted(row.rect.y for row in [*group, *near])
    step = median([b - a for a, b in itertools.pairwise(ys) if b - a > 0.5 * height] or [2 * height])
    weak = [
        r
        for r in rows
        if WEAK_FIT <= r.title.reading.fit < 0.85
        and r.count is not None
        and abs(r.edge - edge) < 0.5 * height
        and any(abs(r.rect.y - y) < 1.3 * step for y in ys)
    ]
    return near + weak


def _reached(rows: Sequence[ListRow], from_ys: Sequence[float], reach: float) -> list[ListRow]:
    """The rows that stand within reach of the column, directly or through each other."""
    ys = list(from_ys)
    left = list(rows)
    found: list[ListRow] = []
    while True:
        near = [row for row in left if any(abs(row.rect.y - y) <= reach for y in ys)]
        if not near:
            return found
        found += near
        ys = [row.rect.y for row in near]
        left = [row for row in left if row not in near]


def _distinct(rows: Sequence[ListRow]) -> list[ListRow]:
    """Rows without second readings of the same place."""
    kept: list[ListRow] = []
    for row in rows:
        if kept and row.rect.overlap(kept[-1].rect) > 0.5:
            if row.title.reading.fit > kept[-1].title.reading.fit:
                kept[-1] = row
            continue
        kept.append(row)
    return kept


def read_list(page: Page, kind: str) -> Observation:
    """The deck that the list shows."""
    columns = list_columns(page)
    headings = _headings(page)
    covers = buttons(page.lines, median([row.rect.height for column in columns for row in column.rows] or [0.0]))
    sightings: list[Sighting] = []
    unread: list[Unread] = []
    piles: dict[str, int] = {}
    displayed: dict[Section, int] = {}
    state = _State()
    opened = 0
    for number, column in enumerate(columns):
        for item in _in_order(column, headings):
            if isinstance(item, Heading):
                opened += 1
                state = state.under(item, f"{number}:{opened}")
                if item.count is not None and item.name != "size":
                    piles[state.pile] = item.count
                    if item.section:
                        displayed.setdefault(item.section, item.count)
            elif state.section is not None:
                state = state.before_card(item)
                section = state.section or Section.MAIN
                beside = [button for button in covers if is_beside(button, item.rect)]
                if any(is_cut_by(button, item.rect) for button in beside):
                    unread.append(Unread(section, item.count, item.rect.box()))
                else:
                    sightings.append(_sighting(item, section, state.pile, bool(beside)))
                state = replace(state, held=state.held + 1)
    displayed = _displayed(page, piles, sightings) | displayed
    seen = _split_by_gap(sightings, columns, displayed)
    return Observation(kind, tuple(seen), displayed, piles=piles, unread=tuple(unread))


@dataclass(frozen=True, slots=True)
class _State:
    """What the rows that follow belong to; ``section`` is None for what is no part of the deck."""

    section: Section | None = Section.MAIN
    pile: str = ""
    held: int = 0

    def under(self, heading: Heading, pile: str) -> "_State":
        if heading.name == "out":
            return _State(None, pile)
        if heading.name == "size":  # the size of what follows, which ends a command zone
            ends = self.held > 0 and self.section in (Section.COMMANDER, Section.COMPANION)
            return _State(Section.MAIN, self.pile) if ends else self
        if heading.section is not None:
            return _State(heading.section, pile)
        keep = self.section in (Section.MAIN, Section.SIDEBOARD)
        return _State(self.section if keep else Section.MAIN, pile)

    def before_card(self, row: ListRow) -> "_State":
        """A command zone holds one companion, or one or two legendary commanders; what follows is the main deck."""
        if self.section not in (Section.COMPANION, Section.COMMANDER) or self.held == 0:
            return self
        second = self.section is Section.COMMANDER and self.held == 1 and row.count in (1, None)
        legendary = "Legendary" in row.title.reading.card.type_line
        return self if second and legendary else _State(Section.MAIN)


def _headings(page: Page) -> list[tuple[Rect, Heading]]:
    found = ((line.rect, tokens.heading(line.text)) for line in page.lines if not line.turned)
    sizes = [(line.rect, Heading("size", size)) for line, size in displayed_sizes(page.lines)]
    return [(rect, heading) for rect, heading in found if heading is not None] + sizes


def _in_order(column: Column, headings: Sequence[tuple[Rect, Heading]]) -> list[ListRow | Heading]:
    inside: list[Entry] = [
        (rect, heading) for rect, heading in headings if column.left - rect.height < rect.left < column.right
    ]
    # A word beside a name is a cell of its row (``Sorcery``), whatever it would open on a row of its own.
    inside = [(rect, h) for rect, h in inside if not any(_is_cell(rect, row) for row in column.rows)]
    rows: list[Entry] = [(row.rect, row) for row in column.rows]
    last = max((rect.y for rect, _ in rows), default=0.0)
    ordered = sorted(inside + rows, key=lambda entry: entry[0].y)
    return [item for rect, item in ordered if rect.y <= last]


def _is_cell(rect: Rect, row: ListRow) -> bool:
    return rect.left > row.rect.x and rect.same_row(row.rect)


def _sighting(row: ListRow, section: Section, pile: str, hidden: bool) -> Sighting:
    """A row as evidence; what may be half ``hidden`` under a button may spell another card's whole name."""
    seen = sighting(row.title, section, row.count or 1, 0.2 if row.count is None else row.confidence, pile)
    return replace(seen, fit=min(seen.fit, HALF_HIDDEN_FIT)) if hidden else seen


def _displayed(page: Page, piles: Mapping[str, int], sightings: Sequence[Sighting]) -> dict[Section, int]:
    """Totals from lines such as ``60 cards`` or ``Deck: 60``, else from type headings that cover the main deck."""
    sizes = [size for _, size in displayed_sizes(page.lines)]
    main = [s for s in sightings if s.section is Section.MAIN]
    covered = {s.pile for s in main}
    if main and covered and all(pile in piles for pile in covered):
        return {Section.MAIN: sum(piles[pile] for pile in covered)}
    read = sum(s.count for s in main)
    if read in sizes:
        return {Section.MAIN: read}
    return {Section.MAIN: sizes[0]} if len(sizes) == 1 and sizes[0] >= 30 else {}


def _split_by_gap(
    sightings: list[Sighting], columns: Sequence[Column], displayed: Mapping[Section, int]
) -> list[Sighting]:
    """A list of 75 without headings, whose first 60 end at a blank line, has its sideboard below it."""
    total = sum(s.count for s in sightings)
    if len(columns) != 1 or Section.SIDEBOARD in displayed or any(s.section is not Section.MAIN for s in sightings):
        return sightings
    if total not in (75, 55) or len(columns[0].rows) != len(sightings):
        return sightings
    ys = [row.rect.y for row in columns[0].rows]
    step = median([b - a for a, b in itertools.pairwise(ys)] or [1.0])
    read = 0
    for number, seen in enumerate(sightings[:-1]):
        read += seen.count
        if read == total - 15 and ys[number + 1] - ys[number] > 1.5 * step:
            rest = [replace(s, section=Section.SIDEBOARD) for s in sightings[number + 1 :]]
            return [*sightings[: number + 1], *rest]
    return sightings
