"""Rows of one section, seen on several pictures, become one list: what several pictures show counts once.

A list that was scrolled between two pictures shows some rows on both, at the end of one and at the beginning
of the other. Such a run is told from chance by its order, and by how few rows stand out of line.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ocr_worker.decks.deck import DeckLine

Rows = tuple[DeckLine, ...]

CONVINCING = 4
"""Shared rows beyond which more of them prove nothing more."""

_MOSTLY_THE_SAME = 0.6
"""The share of the shorter list from which two lists show the same cards in another order."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows of one list, one a card.

    ``shared`` counts the rows that pictures show alike, at most CONVINCING for any two of them. ``repeated``
    names the cards that stand on two pictures without being part of what these share: they may be the same
    copies, or more.
    """

    rows: Rows
    shared: int = 0
    repeated: tuple[str, ...] = ()


def join_all(lists: Iterable[Rows], add_repeated: bool = False) -> Joined:
    """All lists as one: those that share the most rows are put together first, the others in their order.

    Repeated cards count once, or as often as seen if ``add_repeated``; they are in doubt in any case.
    """
    waiting = [rows for rows in lists if rows]
    whole = Joined(waiting.pop(0) if waiting else ())
    while waiting:
        attempts = [join(whole.rows, rows, add_repeated) for rows in waiting]
        best = max(range(len(attempts)), key=lambda place: attempts[place].shared)
        joined = attempts[best]
        del waiting[best]
        repeated = tuple(dict.fromkeys((*whole.repeated, *joined.repeated)))
        whole = Joined(joined.rows, whole.shared + min(joined.shared, CONVINCING), repeated)
    return whole


def join(first: Rows, second: Rows, add_repeated: bool = False) -> Joined:
    """Two lists as one; either may come first."""
    both = _common(first, second)
    if not both:
        return Joined((*first, *second))
    alike = sum(ours.count == theirs.count for ours, theirs in both)
    aligned = _align(first, second, both)
    if aligned and aligned.astray <= alike // 2:
        return Joined(aligned.rows(), alike)
    if alike >= _MOSTLY_THE_SAME * min(len(first), len(second)):
        return Joined(_combined(first, second, _same_row), alike)
    rows = _combined(first, second, _sum_in_doubt if add_repeated else _once_in_doubt)
    return Joined(rows, repeated=tuple(line.card.name for line, _ in both))


def _common(first: Rows, second: Rows) -> list[tuple[DeckLine, DeckLine]]:
    """The rows of cards that both lists have, in the order of the first."""
    named = {line.card.name: line for line in second}
    return [(line, named[line.card.name]) for line in first if line.card.name in named]


@dataclass(frozen=True, slots=True)
class _Alignment:
    """Two lists side by side: their common rows, and the rows before, between and after these."""

    common: list[tuple[DeckLine, DeckLine]]
    gaps: list[tuple[Rows, Rows]]

    @property
    def astray(self) -> int:
        """Rows that speak against one list: common ones that clearly differ in their counts, and those that
        only one list has where both should, between common rows or beyond both ends."""
        clear = [(ours, theirs) for ours, theirs in self.common if ours.certain and theirs.certain]
        differing = sum(ours.count != theirs.count for ours, theirs in clear)
        inner = sum(len(ours) + len(theirs) for ours, theirs in self.gaps[1:-1])
        outer = sum(min(len(ours), len(theirs)) for ours, theirs in (self.gaps[0], self.gaps[-1]))
        return differing + inner + outer

    def rows(self) -> Rows:
        """One list; rows astray are in doubt."""
        rows: list[DeckLine] = []
        for number, (ours, theirs) in enumerate(self.gaps):
            inside = 0 < number < len(self.common)
            for part, other in ((ours, theirs), (theirs, ours)):
                astray = inside or 0 < len(part) <= len(other)
                rows += [replace(line, certain=False) for line in part] if astray else part
            if number < len(self.common):
                rows.append(_same_row(*self.common[number]))
        return tuple(rows)


def _align(first: Rows, second: Rows, both: list[tuple[DeckLine, DeckLine]]) -> _Alignment | None:
    """The lists side by side, None where their common rows stand in different orders."""
    names = [line.card.name for line, _ in both]
    if [line.card.name for line in second if line.card.name in set(names)] != names:
        return None
    return _Alignment(both, list(zip(_gaps(first, set(names)), _gaps(second, set(names)), strict=True)))


def _gaps(rows: Rows, names: set[str]) -> list[Rows]:
    """What stands before the first row of these names, between them, and after the last."""
    places = [place for place, line in enumerate(rows) if line.card.name in names]
    starts, ends = [0, *(place + 1 for place in places)], [*places, len(rows)]
    return [rows[start:end] for start, end in zip(starts, ends, strict=True)]


def _combined(first: Rows, second: Rows, combine: Callable[[DeckLine, DeckLine], DeckLine]) -> Rows:
    """The first list, common rows combined in their places, then what only the second has."""
    named = {line.card.name: line for line in second}
    rows = [combine(line, named.pop(line.card.name)) if line.card.name in named else line for line in first]
    return (*rows, *named.values())


def _same_row(ours: DeckLine, theirs: DeckLine) -> DeckLine:
    """One row that two pictures show: the certain reading counts; two that differ leave a doubt."""
    if ours.count == theirs.count:
        return ours if ours.certain or not theirs.certain else theirs
    if ours.certain != theirs.certain:
        return ours if ours.certain else theirs
    return replace(ours, certain=False)


def _once_in_doubt(ours: DeckLine, theirs: DeckLine) -> DeckLine:
    return replace(ours, count=max(ours.count, theirs.count), certain=False)


def _sum_in_doubt(ours: DeckLine, theirs: DeckLine) -> DeckLine:
    return replace(ours, count=ours.count + theirs.count, certain=False)
