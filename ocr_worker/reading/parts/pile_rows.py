"""Piles that stand in rows: their bars are level with each other, which shows where one was missed."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.piles import Pile
from ocr_worker.reading.parts.stacks import Bar, Span, read_bar

NEXT_PILE = 2.2
"""Steps between two bars of a column from which the lower one begins a pile of its own."""

SAME_ROW = 1.6
"""Steps by which the first bars of piles in one row differ at most: the first one of a pile may be missing."""

ADJACENT = 1.4
"""Steps above or below a pile within which its missing bar is looked for."""

LEVEL = 0.35
"""Steps by which level bars differ at most."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The bars of one pile, top to bottom, and the column in which it stands."""

    bars: tuple[Bar, ...]
    column: Pile

    @property
    def top(self) -> float:
        return self.bars[0].rect.y


def in_rows(page: Page, columns: Sequence[tuple[Pile, Sequence[Bar]]], step: float | None) -> list[Stack]:
    """The piles of all columns, row by row and from left to right, with the bars that their rows show to be missing.

    ``step`` is the usual distance of bars; where it is not known, every column is one pile.
    """
    if step is None:
        return [Stack(tuple(bars), pile) for pile, bars in columns if bars]
    stacks = [Stack(part, pile) for pile, bars in columns for part in _parted(bars, step)]
    rows = _rows(stacks, step)
    return [_completed(page, stack, row, step) for row in rows for stack in sorted(row, key=lambda s: s.column.left)]


def _parted(bars: Sequence[Bar], step: float) -> list[tuple[Bar, ...]]:
    """The bars of a column, cut where the next pile begins."""
    ends = [n + 1 for n, (a, b) in enumerate(itertools.pairwise(bars)) if b.rect.y - a.rect.y > NEXT_PILE * step]
    return [tuple(bars[a:b]) for a, b in itertools.pairwise([0, *ends, len(bars)]) if a < b]


def _rows(stacks: Sequence[Stack], step: float) -> list[list[Stack]]:
    rows: list[list[Stack]] = []
    for stack in sorted(stacks, key=lambda s: s.top):
        if rows and stack.top - rows[-1][0].top < SAME_ROW * step:
            rows[-1].append(stack)
        else:
            rows.append([stack])
    return rows


def _completed(page: Page, stack: Stack, row: Sequence[Stack], step: float) -> Stack:
    """The pile with the bars that can be read where most piles of its row have one."""
    first, last = stack.top - ADJACENT * step, stack.bars[-1].rect.y + ADJACENT * step
    near = [y for y in _levels(row, step) if first < y < last]
    levels = [y for y in near if _lacks(stack, y, step)]
    if not levels or len(near) - len(levels) < 2:
        return stack
    found = [bar for y in levels if (bar := _read_at(page, stack, y)) is not None]
    return Stack(tuple(sorted([*stack.bars, *found], key=lambda bar: bar.rect.y)), stack.column)


def _levels(row: Sequence[Stack], step: float) -> list[float]:
    """Heights at which most piles of a row have a bar."""
    groups: list[list[float]] = []
    for y in sorted(bar.rect.y for stack in row for bar in stack.bars):
        if groups and y - groups[-1][0] < 2 * LEVEL * step:
            groups[-1].append(y)
        else:
            groups.append([y])
    return [median(group) for group in groups if len(group) >= max(2, 0.5 * len(row))]


def _lacks(stack: Stack, y: float, step: float) -> bool:
    return all(abs(bar.rect.y - y) > LEVEL * step for bar in stack.bars)


def _read_at(page: Page, stack: Stack, y: float) -> Bar | None:
    height = median(bar.rect.height for bar in stack.bars)
    place = Rect(stack.column.left, y - 0.5 * height, stack.column.right, y + 0.5 * height)
    span = Span(stack.column.left - height, stack.column.right - height, 0, page.height)
    title = read_bar(page, place, span)
    return Bar(place, title) if title is not None and title.reading.strong else None
