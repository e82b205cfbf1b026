"""What was measured on each rung of a ladder of rates, and where the knee is. Pure."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WHOLE = "picture to deck"
"""As the scenario calls it, which cannot be imported without Locust."""
ANSWER_S = 5.0
KEPT_UP = 0.85
"""Share of what is offered: pictures that are on their way when a rung ends are not counted."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rate: pictures a second that were offered and that were done, milliseconds, shares and bytes."""

    offered: float
    done: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: float
    memory: int

    @property
    def is_borne(self) -> bool:
        """Whether the product keeps up: no error, all that is offered, in the time that players wait."""
        return self.errors == 0 and self.p95_ms <= ANSWER_S * 1000 and self.done >= KEPT_UP * self.offered


def rung(stats: Path, offered: float, seconds: float, memory: int) -> Rung:
    """Of the file ``…_stats.csv`` that Locust writes."""
    with stats.open(encoding="utf-8", newline="") as file:
        rows: Mapping[str, Mapping[str, str]] = {row["Name"]: row for row in csv.DictReader(file)}
    whole = rows.get(WHOLE)
    if whole is None:
        return Rung(offered, 0, 0, 0, 0, 1, memory)
    count, failed = int(whole["Request Count"]), int(rows["Aggregated"]["Failure Count"])
    times = [float(whole[name]) for name in ("50%", "95%", "99%")]
    return Rung(offered, (count - int(whole["Failure Count"])) / seconds, *times, failed / max(1, count), memory)


def knee(rungs: Sequence[Rung]) -> Rung | None:
    """The highest rung that is borne with all below it."""
    found = None
    for one in sorted(rungs, key=lambda one: one.offered):
        if not one.is_borne:
            break
        found = one
    return found
