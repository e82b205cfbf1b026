"""Cards shown as pictures that lie in piles: every visible title is a copy, or a badge says how many."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr_worker.cards.names import compact
from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.columns import by_left_edge, common_step
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.card_numbers import beheaded_titles
from ocr_worker.reading.parts.shared import near_left, sighting
from ocr_worker.reading.parts.stacks import Bar, Span, fill, is_type_line, read_bar
from ocr_worker.reading.tokens import Heading

CARD_BELOW_TYPE_LINE = 0.75
"""The rest of a card below its type line, as a share of the distance from title to type line."""


NEARLY_SPELLED = 0.92
"""Fit from which a title needs no card around it."""

_GOES_ON = r"\s?(?:is|to|in|or|and|has|from|into|with)\W?"
"""How a sentence goes on behind the name of a card, the space between them lost or not."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Titles with the same left edge, top to bottom, without what stands in text boxes."""

    titles: tuple[Title, ...]
    left: float
    right: float


def card_titles(page: Page, least_fit: float = 0.72) -> list[Title]:
    """Titles of the height that most clearly read ones have."""
    strong = [t for t in page.titles if t.reading.strong and not t.line.turned]
    if not strong:
        return []
    height = median(t.height for t in strong)
    beheaded = beheaded_titles(page)
    covered = {id(t.line) for t in beheaded}
    found = [
        t
        for t in page.titles
        if id(t.line) not in covered
        and not is_prose(t.line.text)
        and not is_type_line(page, t.line)
        and not ends_type_line(page, t)
        and not _in_paragraph(page, t)
        and not _is_sentence(page, t)
    ]
    return [
        t
        for t in [*found, *beheaded]
        if not t.line.turned
        and t.reading.fit >= least_fit
        and 0.6 * height <= t.height <= 1.7 * height
        and not is_second_face(t)
    ]


def is_prose(text: str) -> bool:
    """Titles begin with a capital, a digit or a quote; a lower-case beginning is the middle of a sentence."""
    return text.lstrip("(\"'“‘ ")[:1].islower()


def ends_type_line(page: Page, title: Title) -> bool:
    """The line goes on from a type line's beginning on its left (``Basic Land —`` and ``Swamp``)."""
    return any(
        near_left(title.rect, line.rect, 2 * title.height) and is_type_line(page, line)
        for line in page.lines
        if not line.turned and line is not title.line
    )


def _in_paragraph(page: Page, title: Title) -> bool:
    """A line that goes on in the middle of a sentence stands right above or below: this is rules text."""
    rect, height = title.rect, title.height
    return any(
        0.6 * height < abs(line.rect.y - rect.y) < 1.3 * height
        and min(line.rect.right, rect.right) - max(line.rect.left, rect.left) > 0.5 * min(line.rect.width, rect.width)
        and is_prose(line.text)
        and len(line.text.split()) >= 3
        for line in page.lines
        if not line.turned
    )


def _is_sentence(page: Page, title: Title) -> bool:
    """A whole name of a card goes on in small letters: it is quoted in a sentence (``Opt to your hand``)."""
    if title.reading.fit >= 0.9:
        return False
    words = title.line.text.split()
    quoted = any(words[n][0].islower() and page.names.index.exact(" ".join(words[:n])) for n in range(1, len(words)))
    return quoted or bool(re.fullmatch(re.escape(title.reading.spelled) + _GOES_ON, title.line.text))


def is_second_face(title: Title) -> bool:
    """The text is the name of an adventure or of a back, which no title bar of a deck shows first."""
    card = title.reading.card
    return not card.is_split and len(card.faces) > 1 and compact(title.reading.spelled) != compact(card.front)


def anchored(page: Page, titles: Sequence[Title]) -> list[Title]:
    """Titles that are spelled nearly exactly or belong to a card: a type line or a neighbour below."""
    types = [line for line in page.lines if not line.turned and is_type_line(page, line)]
    held = {id(t) for line in types if (t := _title_above(line, titles)) is not None}
    return [t for t in titles if _is_spelled(t) or id(t) in held or _has_neighbour(t, titles)]


def _is_spelled(title: Title) -> bool:
    return title.reading.exact or (title.reading.strong and title.reading.fit >= NEARLY_SPELLED)


def _has_neighbour(title: Title, titles: Sequence[Title]) -> bool:
    return any(
        other is not title
        and abs(other.rect.left - title.rect.left) < 1.5 * title.height
        and abs(other.rect.y - title.rect.y) < 5 * title.height
        for other in titles
    )


def find_piles(page: Page, titles: Sequence[Title]) -> list[Pile]:
    """Titles grouped into piles by their left edges."""
    if not titles:
        return []
    height = median(t.height for t in titles)
    groups = by_left_edge(titles, lambda t: t.rect, 1.5 * height)
    lefts = [median(t.rect.left for t in group) for group in groups]
    steps = [b - a for a, b in itertools.pairwise(lefts) if b - a > 4 * height]
    width = median(steps) if steps else 12 * height
    return [
        Pile(tuple(_outside_text_boxes(page, group, left, width)), left, left + width)
        for group, left in zip(groups, lefts, strict=True)
    ]


def _outside_text_boxes(page: Page, titles: Sequence[Title], left: float, width: float) -> list[Title]:
    """Titles that do not stand in the text box of a whole card above them."""
    types = sorted(
        line.rect.y
        for line in page.lines
        if left - 0.15 * width < line.rect.left < left + 0.3 * width and is_type_line(page, line)
    )
    reaches = [y - max(t.rect.y for t in titles if t.rect.y < y) for y in types if titles[0].rect.y < y]
    usual = median(reaches) if reaches else 0.0
    kept: list[Title] = []
    for title in titles:
        above = [y for y in types if y < title.rect.y]
        if kept and above and above[-1] > kept[-1].rect.y:
            # Where the type line's own title was missed, the last one kept is another card's, farther above.
            reach = min(above[-1] - kept[-1].rect.y, 1.15 * usual)
            if title.rect.y < above[-1] + CARD_BELOW_TYPE_LINE * reach:
                continue
        kept.append(title)
    return kept


def pile_bars(page: Page, pile: Pile, usual: float | None) -> list[Bar]:
    """The bars of a pile; those missing in its rhythm are filled in where they can be read or follow."""
    bars = [Bar(t.rect, t) for t in pile.titles]
    height = median(t.height for t in pile.titles)
    own = common_step([b.rect.y for b in bars], 0.9 * height, 4.5 * height) if len(bars) >= 4 else None
    step = own or usual
    if step is None or not _has_rhythm(bars, step):
        return bars
    span = Span(pile.left - height, pile.right - height, 0, page.height)
    filled = fill(page, bars, step, span, farthest=3)
    return [bar for bar in filled if bar.title is not None and (bar.guessed or bar.title.reading.strong or bar in bars)]


def _has_rhythm(bars: Sequence[Bar], step: float) -> bool:
    """At least two neighbours stand one step apart: a column of staggered cards has no such pair."""
    return any(abs(b.rect.y - a.rect.y - step) < 0.15 * step for a, b in itertools.pairwise(bars))


def untitled(page: Page, titles: Sequence[Title]) -> list[Title]:
    """Titles of whole cards that were missed: above a type line, where other cards have theirs."""
    types = [line for line in page.lines if not line.turned and is_type_line(page, line)]
    pairs = [(t, line) for line in types if (t := _title_above(line, titles)) is not None]
    if len(pairs) < 3:
        return []
    down = median(line.rect.y - t.rect.y for t, line in pairs)
    right = median(line.rect.left - t.rect.left for t, line in pairs)
    height = median(t.height for t, _ in pairs)
    length = max(t.rect.width for t, _ in pairs)
    found = []
    for line in types:
        x, y = line.rect.left - right, line.rect.y - down
        if y < height or any(abs(t.rect.left - x) < 3 * height and abs(t.rect.y - y) < height for t in titles):
            continue
        place = Rect(x, y - 0.5 * height, x + length, y + 0.5 * height)
        title = read_bar(page, place, Span(x - 0.5 * height, x + length, 0, page.height))
        if title is not None and title.reading.strong and title.reading.fit >= 0.85:
            found.append(title)
    return found


def _title_above(line: TextLine, titles: Sequence[Title]) -> Title | None:
    """The nearest title above a type line that begins at about the same place."""
    near = [
        t
        for t in titles
        if abs(t.rect.left - line.rect.left) < 3 * t.height and 3 * t.height < line.rect.y - t.rect.y < 16 * t.height
    ]
    return max(near, key=lambda t: t.rect.y, default=None)


def section_of(page: Page) -> "SectionMap":
    """Where the page's headings say what is: upright ones for what is below, upward ones for what is right of them."""
    found = [(line, h) for line in page.lines if (h := tokens.heading(line.text)) is not None]
    upright = tuple(
        (line.rect, h) for line, h in found if not line.turned and not (h.count is None and is_type_line(page, line))
    )
    vertical = [line.rect for line, h in found if line.turned and h.name == "side"]
    return SectionMap(upright, vertical[0] if vertical else None, page.width)


@dataclass(frozen=True, slots=True)
class SectionMap:
    """Tells sections apart by their place under or beside headings."""

    headings: tuple[tuple[Rect, Heading], ...]
    vertical: Rect | None
    width: float

    def over(self, rect: Rect) -> tuple[Rect, Heading] | None:
        """The heading under which a card stands: the nearest of its column, else of the page's left edge."""
        above = [(r, h) for r, h in self.headings if r.y < rect.y and r.left <= rect.left + 2 * rect.height]
        column = [(r, h) for r, h in above if abs(r.left - rect.left) < 3 * rect.height]
        beside = [(r, h) for r, h in above if r.left >= 0.2 * self.width and h.name == "side"]
        rows = [(r, h) for r, h in above if r.left < 0.2 * self.width]
        return max(column or beside or rows, key=lambda item: item[0].y, default=None)

    def at(self, rect: Rect) -> Section:
        if self.vertical is not None:
            return Section.SIDEBOARD if rect.left > self.vertical.right - 2 else Section.MAIN
        over = self.over(rect)
        return (over[1].section or Section.MAIN) if over else Section.MAIN

    def pile(self, rect: Rect) -> str:
        """A name for what stands under one heading with a count, empty elsewhere."""
        over = self.over(rect)
        return _pile_name(*over) if over and over[1].count is not None else ""

    def displayed(self) -> dict[str, int]:
        """The counts of those headings by the names of their piles."""
        return {_pile_name(r, h): h.count for r, h in self.headings if h.count is not None}


def _pile_name(rect: Rect, heading: Heading) -> str:
    return f"{heading.label or heading.name} at {round(rect.left)},{round(rect.top)}"


def copies(bars: Iterable[Bar], sections: SectionMap, pile: str, trust: float) -> list[Sighting]:
    """Each bar as one copy."""
    seen = []
    for bar in bars:
        if bar.title is not None:
            under = sections.pile(bar.rect) or pile
            one = sighting(bar.title, sections.at(bar.rect), 1, trust * (0.8 if bar.guessed else 1), under)
            seen.append(replace(one, box=bar.rect.box()))
    return seen


def sideways(page: Page, lines: Sequence[TextLine] | None = None) -> list[Title]:
    """Split cards that lie on their side: one title a card, from either half's name."""
    turned = [line for line in (page.lines if lines is None else lines) if line.turned]
    found: dict[str, Title] = {}
    for title in page.titles_of(turned):
        card = title.reading.card
        if card.is_split and title.reading.exact and title.reading.spelled in card.faces:
            found.setdefault(card.name, title)
    return list(found.values())
