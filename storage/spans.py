"""Spans of time counted into buckets, as Prometheus' histograms are, in a form that travels as JSON."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds; what is above the last is counted beyond."""


@dataclass(slots=True)
class Spans:
    """Counts by bucket, the last beyond all bounds, and the sum of all in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def to_json(self) -> dict[str, Any]:
        """As it travels."""
        return {"counts": self.counts, "total": round(self.total, 3)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Spans":
        """Back again; a process of another release may have other buckets, which count for nothing."""
        counts = [int(one) for one in stored.get("counts", ())]
        return cls(counts, float(stored.get("total", 0.0))) if len(counts) == len(BUCKETS) + 1 else cls()

    def cumulative(self) -> list[tuple[str, float]]:
        """Upper bound and how many are at most so long, as Prometheus wants them."""
        found, count = [], 0
        for bound, one in zip([*map(str, BUCKETS), "+Inf"], self.counts, strict=True):
            count += one
            found.append((bound, float(count)))
        return found


def quantile(share: float, counts: Sequence[float], bounds: Sequence[float] = BUCKETS) -> float | None:
    """The value below which ``share`` of all lie, None of none.

    Within a bucket they are taken to lie evenly, as Prometheus' ``histogram_quantile`` does it; beyond the last
    bound it is that bound.
    """
    rank, below = share * sum(counts), 0.0
    if not sum(counts):
        return None
    for number, count in enumerate(counts[: len(bounds)]):
        if count and below + count >= rank:
            lower = bounds[number - 1] if number else 0.0
            return lower + (bounds[number] - lower) * (rank - below) / count
        below += count
    return bounds[-1]
