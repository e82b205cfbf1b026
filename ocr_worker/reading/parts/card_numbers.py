"""Numbers of copies that deck sites print on the pictures of cards, and the titles that they cover in part."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect, TextLine
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.badges import Offset
from ocr_worker.reading.parts.shared import near_left

HIGHEST, LOWEST = -3.0, 22.0
"""How far from its title a card's number can stand, above it and below the whole card, in heights of the title."""

FARTHEST_LEFT, FARTHEST_RIGHT = -1.5, 14.0
"""The same to the left and right of the title's left edge."""

ON_WHOLE_CARD = 8.0
"""Heights below a title where a number stands on the lower part of a whole card, or below it."""

_WITH_MANA = re.compile(r"[0-9]\S{0,2}[xX×]([1-9][0-9]?)")
_WITH_X = re.compile(r"^(?:[xX×]\s?[0-9]|[0-9]{1,2}\s?[xX×])|[xX×]\s?[0-9]{1,2}$|[0-9][xX×]$")

FEWEST = 3
"""Cards that must bear a number for it to be a number of copies."""

NO_NUMBER = 0.75
"""Trust in a single copy where a card bears no number and the page prints none on single copies."""

MISSED_NUMBER = 0.3
"""The same where the page prints ``1`` on others: the number was missed."""


WITH_MANA = 0.6
"""Factor of the trust in a number of which only the last digit is believed."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A number near a title: its centre relative to the title's left edge and centre, in pixels."""

    right: float
    down: float
    title: Title
    line: TextLine
    count: int

    @property
    def on_row(self) -> bool:
        return self.line.rect.same_row(self.title.rect)


def card_counts(page: Page, titles: Sequence[Title]) -> dict[int, tuple[int, float]] | None:
    """The number printed on each card, by the title's id, with its trust; None where cards bear no numbers.

    Such numbers (``4``, ``x4``, ``4x``) stand at the same place of every card, unlike mana costs, power and
    toughness or the numbers of rules texts. Where some have an x, the bare ones are none.
    """
    joined = _joined(page, titles)
    titles = [t for t in titles if id(t) not in joined]
    pairs = _pairs(page, titles)
    group = _regular([pair for pair in pairs if _is_explicit(pair.line)], titles) or _regular(pairs, titles)
    if not group:
        # Numbers that the engine reads as part of their titles show that there are such, if not where.
        return joined | {id(t): (1, NO_NUMBER) for t in titles} if joined else None
    place = Offset(median(pair.right for pair in group), median(pair.down for pair in group))
    size = max(pair.line.rect.width for pair in group), max(pair.line.rect.height for pair in group)
    counts = {id(pair.title): _believed(pair.title, pair.count, pair.line.confidence) for pair in group}
    single = MISSED_NUMBER if any(pair.count == 1 for pair in group) else NO_NUMBER
    return joined | counts | _closer_look(page, [t for t in titles if id(t) not in counts], place, size, single)


def _joined(page: Page, titles: Sequence[Title]) -> dict[int, tuple[int, float]]:
    """Numbers that were read as part of their titles; none where no x shows that they are no symbols of the cards."""
    counted = [t for t in titles if t.quantity is not None]
    alone = sum(_is_explicit(line) for line in page.lines)
    if not counted or alone + sum(bool(_WITH_X.search(t.line.text)) for t in counted) < FEWEST:
        return {}
    return {id(t): _believed(t, t.quantity or 1, t.line.confidence) for t in counted}


def _number(line: TextLine) -> int | None:
    """The number that the line is, or that follows the mana cost which was read with it (``4×3``)."""
    with_mana = _WITH_MANA.fullmatch(line.text.strip())
    return int(with_mana.group(1)) if with_mana else tokens.quantity(line.text)


def _is_explicit(line: TextLine) -> bool:
    text = line.text.strip()
    return tokens.badge(text) is not None or tokens.times(text) is not None or bool(_WITH_MANA.fullmatch(text))


def _pairs(page: Page, titles: Sequence[Title]) -> list[_Pair]:
    numbers = [(line, count) for line in page.lines if (count := _number(line)) is not None]
    return [
        _Pair(line.rect.x - t.rect.left, line.rect.y - t.rect.y, t, line, count)
        for line, count in numbers
        for t in titles
        if FARTHEST_LEFT * t.height < line.rect.x - t.rect.left < FARTHEST_RIGHT * t.height
        and HIGHEST * t.height < line.rect.y - t.rect.y < LOWEST * t.height
    ]


def _regular(pairs: Sequence[_Pair], titles: Sequence[Title]) -> list[_Pair]:
    """The pairs that stand at the place where most numbers stand; none where that is chance."""
    if not pairs:
        return []
    reach = 0.8 * median(t.height for t in titles)
    groups = {id(pair): _alike(pair, pairs, reach) for pair in pairs}
    costs = {id(pair.line) for pair in pairs if pair.on_row and _may_be_mana(groups[id(pair)], titles)}
    if costs:
        return _regular([pair for pair in pairs if id(pair.line) not in costs], titles)
    most = max(len(group) for group in groups.values())
    likely = [pair for pair in pairs if len(groups[id(pair)]) >= 0.8 * most]
    best = _nearest(likely, {key: len(group) for key, group in groups.items()}, reach)
    group = groups[id(best)]
    return group if len({id(pair.title) for pair in group}) >= max(FEWEST, 0.25 * len(titles)) else []


def _alike(one: _Pair, others: Sequence[_Pair], reach: float) -> list[_Pair]:
    return [o for o in others if abs(o.right - one.right) < reach and abs(o.down - one.down) < reach]


def _may_be_mana(group: Sequence[_Pair], titles: Sequence[Title]) -> bool:
    """Bare numbers on the titles' rows are mana costs, unless lands bear them too."""
    if not any(pair.on_row and not _is_explicit(pair.line) for pair in group):
        return False
    lands = sum(t.reading.card.is_land for t in titles)
    bearing = sum(pair.title.reading.card.is_land for pair in group)
    return bearing < max(2, 0.5 * lands)


def _nearest(pairs: Sequence[_Pair], crowds: Mapping[int, int], reach: float) -> _Pair:
    """The pair that shows where the page prints the numbers of its cards.

    In a stack the numbers of the cards above and below stand at regular places too: the nearest one is the card's.
    Between rows of whole cards a number may belong to the card above it or below: to whichever never lacks one.
    """
    height = reach / 0.8
    below_card = [pair for pair in pairs if pair.down > ON_WHOLE_CARD * height]
    above_card = [pair for pair in pairs if pair.down < -reach]
    if below_card and len(below_card) + len(above_card) == len(pairs):
        return max(pairs, key=lambda pair: crowds[id(pair)])
    return min(pairs, key=lambda pair: (pair.down < -reach, abs(pair.down), abs(pair.right)))


def _closer_look(
    page: Page, titles: Sequence[Title], place: Offset, size: tuple[float, float], single: float
) -> dict[int, tuple[int, float]]:
    """Counts of the other cards, read where their number would stand: none means one copy, trusted as ``single``."""
    if not titles:
        return {}
    width, height = 0.6 * size[0], 0.6 * size[1]
    rects = [
        Rect(
            t.rect.left + place.right - width,
            t.rect.y + place.down - height,
            t.rect.left + place.right + width,
            t.rect.y + place.down + height,
        )
        for t in titles
    ]
    found = [(_number(line), line.confidence) for line in page.read_rects(rects)]
    return {
        id(t): _believed(t, n, 0.8 * confidence) if n and confidence > 0.6 else (1, single)
        for t, (n, confidence) in zip(titles, found, strict=True)
    }


def _believed(title: Title, count: int, trust: float) -> tuple[int, float]:
    """The count, or its last digit where that alone is possible: the mana cost beside it was read with it."""
    most = title.reading.card.max_copies
    if most is None or count <= max(most, 4):
        return count, trust
    return (count % 10 or 1), WITH_MANA * trust


def beheaded_titles(page: Page) -> list[Title]:
    """Titles right of a number that covers their first letters (``×2`` over ``Swamp`` leaves ``wamp``)."""
    marks = [line.rect for line in page.lines if _is_explicit(line)]
    found = []
    for line in page.lines:
        if line.turned or _is_explicit(line) or not any(near_left(line.rect, m, 0.4 * m.height) for m in marks):
            continue
        reading = page.names.read_beheaded(line)
        if reading is not None:
            found.append(Title(line, reading))
    return found
