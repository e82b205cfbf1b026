"""How fast disks fill, and how often memory ran out, from the samples that the product keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops.observing.machine import Disk
from storage.samples import SampleRecord

_SHORTEST = timedelta(hours=1)
"""From less nothing can be said about a day."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes a day (less than none where a disk empties), and days until it is full, None where it does not fill."""

    per_day: float
    days_left: float | None


def growth_of(disk: Disk, kept: Sequence[SampleRecord]) -> Growth | None:
    """By the line that fits the samples best (least squares); None where they span less than an hour."""
    name = f"disk_used:{disk.mount}"
    points = [(sample.at, sample.levels[name]) for sample in kept if name in sample.levels]
    if len(points) < 2 or points[-1][0] - points[0][0] < _SHORTEST:
        return None
    days = [(at - points[0][0]) / timedelta(days=1) for at, _ in points]
    used = [value for _, value in points]
    middle, mean = sum(days) / len(days), sum(used) / len(used)
    spread = sum((one - middle) ** 2 for one in days)
    slope = sum((day - middle) * (value - mean) for day, value in zip(days, used, strict=True)) / spread
    free = disk.size - disk.used
    return Growth(slope, free / slope if slope > 0 else None)


def new_kills(now: dict[str, int], kept: Sequence[SampleRecord]) -> dict[str, tuple[int, datetime | None]]:
    """By who counted: how often memory ran out since the first of these samples, and which span saw the last."""
    found: dict[str, tuple[int, datetime | None]] = {}
    for who, count in now.items():
        name = f"oom_kills:{who}"
        points = [(sample.at, sample.levels[name]) for sample in kept if name in sample.levels]
        if not points:
            continue
        steps = zip(points, [*points[1:], (None, float(count))], strict=True)
        # A counter that is lower than before began anew: all that it counts is new.
        rises = [(at, after if after < before else after - before) for (at, before), (_, after) in steps]
        seen = [at for at, rise in rises if rise]
        found[who] = (int(sum(rise for _, rise in rises)), seen[-1] if seen else None)
    return found
