"""MTG Arena's deck builder: columns of stacked cards with ``xN`` badges, and a list panel at the right.

What the client shows: each card's title bar, a strip of art with its badge (no badge, and a shorter strip, for a
single copy), the last card of a column whole. The panel at the right lists the sideboard, or the whole deck while
the collection is shown at the left: one bar per card with ``Nx`` before the name, or in best-of-three events one
bar per copy. A companion or commander stands alone in the first column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting, Unread
from ocr_worker.reading.columns import by_left_edge
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.badges import Badge, Offset, badges, owner, read_badges, usual_offset
from ocr_worker.reading.parts.lists import read_list
from ocr_worker.reading.parts.panel import Panel, read_panel
from ocr_worker.reading.parts.piles import ends_type_line, is_prose
from ocr_worker.reading.parts.shared import displayed_sizes, heading_lines, sighting
from ocr_worker.reading.parts.signals import Signals
from ocr_worker.reading.parts.stacks import Span, is_type_line, read_bar

USUAL_STRIP = 2.8
"""Distance from a card with a badge to the next title, in heights of titles, where the picture does not show it."""

FAR_BELOW = 1.6
"""Strips below a title where no other title of its column stands."""

WIDEST = 14
"""A card's width, in heights of its title, at most."""

IMPOSSIBLE = 0.1
"""Trust in a badge that counts more copies than a deck may hold: it was misread."""


class ArenaDeckBuilder:
    """See the module."""

    kind = "arena-deck-builder"

    def likeness(self, page: Page, signals: Signals) -> float:
        """Badges below names make a deck builder; without any, a size such as ``60/60 Cards`` over pictures does."""
        if signals.badged >= 3 and signals.badged >= 0.2 * signals.names:
            return 0.9
        if signals.of_sizes and signals.type_lines >= 3:
            return 0.88
        return 0.5 if signals.of_sizes and signals.listed < 0.6 else 0.0

    def read(self, page: Page) -> Observation:
        """Panel first, then the columns left of it."""
        panel = read_panel(page)
        displayed = _displayed(page)
        if panel.holds_main:
            # The cards at the left are the collection.
            return read_list(page.within(Rect(panel.left, 0, page.width, page.height)), "arena-list")
        top = _header_bottom(page, panel)
        columns = read_columns(page, Rect(0, top, panel.left, page.height))
        # Where the named cards are all that the picture counts, a badge over no title is none (a number in the art).
        named = sum(seen.count for seen in columns.sightings)
        unread = () if named == displayed.get(Section.MAIN) else columns.unread
        return Observation(self.kind, columns.sightings + panel.sightings(), displayed, unread=unread)


def _displayed(page: Page) -> dict[Section, int]:
    """Sizes by section: the one close below a sideboard heading is the sideboard's."""
    headings = heading_lines(page.lines, "side")
    displayed: dict[Section, int] = {}
    for line, size in displayed_sizes(page.lines):
        reach = 3 * line.rect.height
        side = any(
            abs(h.rect.left - line.rect.left) < 3 * reach and -0.3 * reach < line.rect.y - h.rect.y < reach
            for h in headings
        )
        displayed.setdefault(Section.SIDEBOARD if side else Section.MAIN, size)
    return displayed


def _header_bottom(page: Page, panel: Panel) -> float:
    """Where the header with the deck's name and size ends: cards stand below."""
    sizes = [line.rect for line, _ in displayed_sizes(page.lines) if line.rect.right < panel.left]
    return max((r.bottom for r in sizes if r.y < 0.45 * page.height), default=0.0)


@dataclass(frozen=True, slots=True)
class Columns:
    sightings: tuple[Sighting, ...]
    unread: tuple[Unread, ...]


def read_columns(page: Page, region: Rect) -> Columns:
    """The stacked cards of a region: titles by column, each with its badge."""
    titles = _card_titles(page, region)
    if not titles:
        return Columns((), ())
    height = median(t.height for t in titles)
    marks = [b for b in badges(page.lines) if b.rect.x < region.right and b.rect.y > region.top]
    columns = [_above_text(c, page) for c in by_left_edge(titles, lambda t: t.rect, 3 * height)]
    spans = _spans(columns, region, height)
    pairs = _pairs(columns, spans, marks, height)
    strip = _strip(columns, pairs)
    columns = [_with_hidden_bars(page, column, pairs, strip) for column in columns]
    columns = [_without_rules_text(column, pairs, strip or USUAL_STRIP * height) for column in columns]
    offset = usual_offset(list(pairs.values()))
    taken = {id(badge) for _, badge in pairs.values()}
    orphans = [badge for badge in marks if id(badge) not in taken]
    found, unread = _rescue(page, orphans, offset, height)
    held = [t.rect for column in columns for t in column]
    found = [(t, badge) for t, badge in found if not any(_same_place(t.rect, rect) for rect in held)]
    return _Assembly(page, columns, pairs, offset, height).columns(found, unread)


def _card_titles(page: Page, region: Rect) -> list[Title]:
    """Titles of normal height: the badge's cards, no menu and no rules text."""
    inside = [
        t for t in page.titles if region.top <= t.rect.top and t.rect.left < region.right and t.reading.fit >= 0.72
    ]
    strong = [t for t in inside if t.reading.strong]
    if not strong:
        return []
    height = median(t.height for t in strong)
    fitting = [
        t
        for t in inside
        if 0.65 * height <= t.height <= 1.6 * height and not is_prose(t.line.text) and not ends_type_line(page, t)
    ]
    types = [line.rect for line in page.lines if not line.turned and is_type_line(page, line)]
    return [t for t in fitting if not any(_in_text_box(t.rect, line, height) for line in types)]


def _in_text_box(rect: Rect, type_line: Rect, height: float) -> bool:
    """The place lies below a type line, on the same card: a column ends with its whole card."""
    return rect.y > type_line.y + 0.5 * height and -2 * height < rect.left - type_line.left < 7 * height


def _strip(columns: Sequence[Sequence[Title]], pairs: dict[int, tuple[Title, Badge]]) -> float | None:
    """The usual distance from a card with a badge to the next title, in pixels."""
    gaps = [b.rect.y - a.rect.y for column in columns for a, b in pairwise(column) if id(a) in pairs]
    return median(gaps) if gaps else None


def _with_hidden_bars(
    page: Page, column: Sequence[Title], pairs: dict[int, tuple[Title, Badge]], strip: float | None
) -> list[Title]:
    """The column with the single copies whose title bars were missed.

    A card without a badge shows only its title bar, half a strip high; where the next title stands a whole strip
    away, another single copy must lie between.
    """
    if strip is None:
        return list(column)
    filled: list[Title] = []
    for above, below in pairwise([*column, None]):
        if above is None:
            continue
        filled.append(above)
        if below is None or id(above) in pairs or below.rect.y - above.rect.y < 0.8 * strip:
            continue
        rect, down = above.rect, 0.52 * strip
        span = Span(rect.left - 0.5 * above.height, rect.left + 9 * above.height, 0, page.height)
        place = Rect(rect.left, rect.top + down, rect.right, rect.bottom + down)
        title = read_bar(page, place, span)
        if title is not None and title.reading.strong and title.reading.card != above.reading.card:
            filled.append(title)
    return filled


def _without_rules_text(column: Sequence[Title], pairs: dict[int, tuple[Title, Badge]], strip: float) -> list[Title]:
    """The column without doubtful titles farther below their neighbour than cards stand: on the last, whole card."""
    kept: list[Title] = []
    for title in column:
        far = bool(kept) and title.rect.y - kept[-1].rect.y > FAR_BELOW * strip
        again = any(title.reading.card == other.reading.card for other in kept)
        sure = title.reading.strong and not title.reading.truncated and not again
        if sure or id(title) in pairs or not far:
            kept.append(title)
    return kept


def _above_text(column: Sequence[Title], page: Page) -> list[Title]:
    """The titles down to the column's first type line: what follows is rules text."""
    left = median(t.rect.left for t in column)
    height = median(t.height for t in column)
    top = column[0].rect.y
    types = [
        line.rect.y
        for line in page.lines
        if abs(line.rect.left - left) < 3 * height and line.rect.y > top + height and is_type_line(page, line)
    ]
    end = min(types, default=float("inf"))
    return [t for t in column if t.rect.y < end]


def _spans(columns: Sequence[Sequence[Title]], region: Rect, height: float) -> list[tuple[float, float]]:
    """Horizontal extent of each column: from its left edge to the next one's, at most a card's width."""
    lefts = [median(t.rect.left for t in column) if column else region.right for column in columns]
    return [(a, min(b, a + WIDEST * height)) for a, b in zip(lefts, [*lefts[1:], region.right], strict=True)]


def _pairs(
    columns: Sequence[Sequence[Title]],
    spans: Sequence[tuple[float, float]],
    marks: Sequence[Badge],
    height: float,
) -> dict[int, tuple[Title, Badge]]:
    """Titles with their badges, by the title's id."""
    pairs: dict[int, tuple[Title, Badge]] = {}
    for column, (left, right) in zip(columns, spans, strict=True):
        for badge in marks:
            title = owner(badge, column, 3.2 * height) if left < badge.rect.x < right else None
            if title is not None and id(title) not in pairs:
                pairs[id(title)] = (title, badge)
    return pairs


def _rescue(
    page: Page, orphans: Sequence[Badge], offset: Offset | None, height: float
) -> tuple[list[tuple[Title, Badge]], list[Unread]]:
    """Read the title bars where badges without a title say that one must stand."""
    if offset is None:  # no card shows both: full-art cards without titles
        return [], [Unread(Section.MAIN, badge.count, badge.rect.box()) for badge in orphans]
    if not orphans:
        return [], []
    places = [
        Rect(
            b.rect.x - offset.right - 3,
            b.rect.y - offset.down - 0.6 * height,
            b.rect.x + 0.5 * height,
            b.rect.y - offset.down + 0.6 * height,
        )
        for b in orphans
    ]
    found, unread = [], []
    for badge, line in zip(orphans, page.read_rects(places), strict=True):
        titles = page.titles_of([line])
        if titles and titles[0].reading.strong:
            found.append((titles[0], badge))
        else:
            unread.append(Unread(Section.MAIN, badge.count, badge.rect.box()))
    return found, unread


def _same_place(one: Rect, other: Rect) -> bool:
    """Both are the title of one card, which was read twice."""
    return one.same_row(other) and abs(one.left - other.left) < 3 * other.height


@dataclass(frozen=True, slots=True)
class _Assembly:
    """Columns, badges and what is known of their places, put together."""

    page: Page
    stacks: Sequence[Sequence[Title]]
    pairs: dict[int, tuple[Title, Badge]]
    offset: Offset | None
    height: float

    def columns(self, rescued: Sequence[tuple[Title, Badge]], unread: Sequence[Unread]) -> Columns:
        single = self._read_missing_badges()
        sightings: list[tuple[int, Sighting]] = []
        for number, stack in enumerate(self.stacks):
            for title in _without_second_faces(stack):
                count, trust = self._count(title, single)
                sightings.append((number, sighting(title, Section.MAIN, count, trust, f"column {number}")))
        for title, badge in rescued:
            number = self._column_of(title)
            seen = sighting(title, Section.MAIN, badge.count, badge.confidence, f"column {number}")
            sightings.append((number, seen))
        ordered = sorted(sightings, key=lambda s: (s[0], s[1].box[1] if s[1].box else 0))
        return Columns(tuple(s for _, s in ordered), tuple(unread))

    def _count(self, title: Title, single: dict[int, tuple[int, float]]) -> tuple[int, float]:
        if id(title) in self.pairs:
            badge = self.pairs[id(title)][1]
            count, trust = badge.count, badge.confidence
        else:
            count, trust = single.get(id(title), (1, 0.5))
        most = title.reading.card.max_copies
        return count, trust if most is None or count <= max(most, 4) else IMPOSSIBLE

    def _column_of(self, title: Title) -> int:
        distances = [
            abs(median(t.rect.left for t in stack) - title.rect.left) if stack else float("inf")
            for stack in self.stacks
        ]
        return distances.index(min(distances))

    def _read_missing_badges(self) -> dict[int, tuple[int, float]]:
        """Counts of titles without a badge, from a closer look at where it would stand."""
        offset = self.offset
        titles = [t for stack in self.stacks for t in stack if id(t) not in self.pairs]
        if offset is None or not titles:
            return {}
        marks = [badge for _, badge in self.pairs.values()]
        half = 0.5 * median(b.rect.height for b in marks)
        wide = 0.5 * median(b.rect.width for b in marks)
        places = [
            Rect(
                t.rect.left + offset.right - 1.6 * wide,
                t.rect.y + offset.down - half,
                t.rect.left + offset.right + 1.6 * wide,
                t.rect.y + offset.down + half,
            )
            for t in titles
        ]
        open_places = [(t, p) for t, p in zip(titles, places, strict=True) if not self._covered(t, p)]
        found = read_badges(self.page, [place for _, place in open_places])
        counts: dict[int, tuple[int, float]] = {id(t): (1, 0.95) for t in titles}
        for (title, _), badge in zip(open_places, found, strict=True):
            last = any(stack and stack[-1] is title for stack in self.stacks)
            counts[id(title)] = (badge.count, 0.9 * badge.confidence) if badge else (1, 0.7 if last else 0.1)
        return counts

    def _covered(self, title: Title, place: Rect) -> bool:
        """Another title stands where the badge would be: the strip is that of a single copy."""
        return any(
            other is not title
            and abs(other.rect.left - title.rect.left) < 3 * self.height
            and place.top - self.height < other.rect.y < place.bottom + 0.2 * self.height
            for stack in self.stacks
            for other in stack
        )


def _without_second_faces(stack: Sequence[Title]) -> list[Title]:
    """Both halves of a room or split card have a title bar; the second one is no further card."""
    kept: list[Title] = []
    for title in stack:
        card = title.reading.card
        second = len(card.faces) > 1 and title.reading.spelled in card.faces[1:]
        if second and kept and kept[-1].reading.card == card:
            continue
        kept.append(title)
    return kept
