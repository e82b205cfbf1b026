"""Columns: what stands below each other with the same left edge."""

import itertools
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from ocr_worker.reading.lines import Rect

T = TypeVar("T")


def by_left_edge(
    items: Sequence[T], rect: Callable[[T], Rect], tolerance: float, edge: Callable[[T], float] | None = None
) -> list[list[T]]:
    """Items grouped by their left edges, columns left to right, each top to bottom.

    A new column begins where an edge lies more than ``tolerance`` pixels right of the column's median edge; ``edge``
    gives it where it is not the left side of ``rect``.
    """
    start = edge or (lambda item: rect(item).left)
    columns: list[list[T]] = []
    for item in sorted(items, key=start):
        if columns and start(item) - median(start(i) for i in columns[-1]) <= tolerance:
            columns[-1].append(item)
        else:
            columns.append([item])
    return [sorted(column, key=lambda i: rect(i).y) for column in columns]


def common_step(values: Sequence[float], smallest: float, largest: float) -> float | None:
    """The distance at which most neighbours of a sorted sequence stand, None where there is no such rhythm.

    Distances outside ``smallest`` to ``largest`` are ignored; those within 12 % of each other count as equal.
    """
    steps = sorted(b - a for a, b in itertools.pairwise(values) if smallest <= b - a <= largest)
    best: list[float] = []
    for step in steps:
        near = [s for s in steps if abs(s - step) <= 0.12 * step]
        if len(near) > len(best):
            best = near
    return median(best) if best else None
