"""Rows of a list: a card name with its count before it, behind it or, where each copy has its row, without one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.shared import near_left, near_right


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row; ``count`` is None where none was read, ``confidence`` that of the count's reading."""

    title: Title
    count: int | None
    confidence: float
    counter: Rect | None = None

    @property
    def rect(self) -> Rect:
        return self.title.rect

    @property
    def edge(self) -> float:
        """Where the name begins: the engine reads a count and its name as one line or as two."""
        if self.title.quantity is None:
            return self.rect.left
        text = self.title.line.text
        _, name = tokens.split_quantity(text)
        before = text.find(name) if text.find(name) > 0 else 0
        return self.rect.left + self.rect.width * before / max(1, len(text))


Counter = Callable[[str], int | None]
"""Takes the text of a token and gives the count that it shows, None where it shows none."""


def list_rows(
    titles: Iterable[Title], lines: Sequence[TextLine], reach: float = 4.0, counter: Counter = tokens.quantity
) -> list[ListRow]:
    """Titles joined with the counts that stand on their rows, at most ``reach`` text heights away."""
    counters = [(line, count) for line in lines if (count := counter(line.text)) is not None]
    return [_row(title, counters, reach) for title in titles]


def _row(title: Title, counters: Sequence[tuple[TextLine, int]], reach: float) -> ListRow:
    most = title.reading.card.max_copies or tokens.MAX_COUNT
    limit = reach * title.height
    possible = [c for c in counters if c[1] <= most]
    left = [c for c in possible if near_left(title.rect, c[0].rect, limit)]
    # A digit without a space before the name may be a symbol of the card, if a counter stands there as well.
    if title.quantity is not None and not (left and title.line.text.strip()[:3].lstrip("0123456789")[:1].isupper()):
        return ListRow(title, title.quantity, title.line.confidence if title.quantity <= most else 0.3, None)
    if left:
        line, count = max(left, key=lambda c: c[0].rect.right)
        return ListRow(title, count, line.confidence, line.rect)
    right = [c for c in possible if near_right(title.rect, c[0].rect, limit) and tokens.badge(c[0].text) is not None]
    if right:
        line, count = min(right, key=lambda c: c[0].rect.left)
        return ListRow(title, count, line.confidence, line.rect)
    return ListRow(title, None, 0.0)


def aligned(rows: Sequence[ListRow], tolerance: float) -> list[ListRow]:
    """The rows that share the commonest left edge, within ``tolerance`` pixels; top to bottom."""
    if not rows:
        return []
    best = max(rows, key=lambda row: sum(abs(row.edge - other.edge) <= tolerance for other in rows))
    near = [row for row in rows if abs(row.edge - best.edge) <= tolerance]
    return sorted(near, key=lambda row: row.rect.y)


def own_counters(rows: Sequence[ListRow]) -> list[ListRow]:
    """Rows without counters that stand elsewhere than those of the other rows: they belong to a neighbouring column."""
    offsets = [row.counter.right - row.rect.left for row in rows if row.counter is not None]
    if len(offsets) < 3:
        return list(rows)
    usual, reach = median(offsets), 0.9 * median(row.rect.height for row in rows)
    return [
        row
        if row.counter is None or abs(row.counter.right - row.rect.left - usual) <= reach
        else ListRow(row.title, None, 0.0)
        for row in rows
    ]


def fill_counts(page: Page, rows: Sequence[ListRow]) -> list[ListRow]:
    """Where other rows of the list have a counter and a row has none, its place is read on its own."""
    known = [row for row in rows if row.counter is not None]
    missing = [row for row in rows if row.count is None]
    if len(known) < 2 or not missing:
        return list(rows)
    places = {id(row): _expected_counter(row, known) for row in missing}
    readings = page.read_rects([places[id(row)] for row in missing])
    found = {id(row): line for row, line in zip(missing, readings, strict=True)}
    return [_with_count(row, found[id(row)]) if id(row) in found else row for row in rows]


def _expected_counter(row: ListRow, known: Sequence[ListRow]) -> Rect:
    pairs = [(other.counter, other.rect) for other in known if other.counter is not None]
    left = median(counter.left - rect.left for counter, rect in pairs)
    right = median(counter.right - rect.left for counter, rect in pairs)
    top = median(counter.top - rect.top for counter, rect in pairs)
    bottom = median(counter.bottom - rect.top for counter, rect in pairs)
    rect = row.rect
    return Rect(rect.left + left - 2, rect.top + top, rect.left + right + 2, rect.top + bottom)


def _with_count(row: ListRow, line: TextLine) -> ListRow:
    count = tokens.quantity(line.text)
    if count is None:
        return row
    return ListRow(row.title, count, line.confidence, line.rect)
