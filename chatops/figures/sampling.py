"""Keeps figures: a sample every 15 seconds from each bot process, made fewer as it grows old.

So there is something to look back at without Prometheus: 15 seconds for two hours, a minute for a day, ten minutes
for 30 days, which makes about 6,300 rows for each process.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chatops.figures.known import FIGURES
from chatops.figures.levels import levels
from chatops.observing.machine import Machine, Processor
from chatops.observing.meters import Meters, Since
from chatops.parts import Need, Parts
from storage import samples
from storage.samples import SampleRecord

EVERY_S = 15
KEPT = timedelta(days=30)
STEPS = ((60, timedelta(hours=2)), (600, timedelta(days=1)))
"""Spans in seconds, and from which age on."""
_AT_ONCE = 2000


@dataclass(slots=True)
class Sampler:
    """Measures for one process, which it names."""

    meters: Meters
    machine: Machine = field(default_factory=Machine)
    source: str = field(default_factory=lambda: f"{platform.node() or 'localhost'}/{os.getpid()}")
    _since: Since = field(init=False)
    _processor: Processor = field(init=False)

    def __post_init__(self) -> None:
        self._since = Since(self.meters)
        self._processor = self.machine.processor()

    async def sample(self, parts: Parts) -> SampleRecord:
        """Measure and keep; raises DatabaseUnreachable, and what was counted is then in the next one."""
        now = self.machine.processor()
        found = await levels(parts, machine=self.machine, since=self._processor)
        self._processor = now
        values = {name: round(value, 6) for name, value in found.values.items()}
        sample = SampleRecord(self.source, beginning(parts.clock(), EVERY_S), EVERY_S, values, self._since.peek())
        await samples.add(sample)
        self._since.forget()
        return sample


SAMPLER: Need[Sampler] = Need("sampler", "Only the bot process measures all the time.")


def beginning(at: datetime, seconds: int) -> datetime:
    """When the span began in which a moment lies."""
    stamp = at.timestamp()
    return datetime.fromtimestamp(stamp - stamp % seconds, UTC)


async def thin_out(now: datetime) -> int:
    """Make samples fewer that have grown old, drop the oldest; return how many rows were saved."""
    saved = await samples.remove(now - KEPT)
    for seconds, age in STEPS:
        before = beginning(now - age, seconds)
        while old := await samples.shorter_than(seconds, before=before, limit=_AT_ONCE):
            merged = merge([one for _, one in old], seconds)
            await samples.replace([identity for identity, _ in old], merged)
            saved += len(old) - len(merged)
            if len(old) < _AT_ONCE:
                break
    return saved


def merge(some: Sequence[SampleRecord], seconds: int) -> list[SampleRecord]:
    """Longer spans: of levels the worst is kept, what was counted is added up."""
    spans: dict[tuple[str, datetime], list[SampleRecord]] = {}
    for one in some:
        spans.setdefault((one.source, beginning(one.at, seconds)), []).append(one)
    return [_merged(source, at, seconds, together) for (source, at), together in spans.items()]


def _merged(source: str, at: datetime, seconds: int, together: Sequence[SampleRecord]) -> SampleRecord:
    found: dict[str, list[float]] = {}
    tallies: dict[str, float] = {}
    for one in together:
        for name, value in one.levels.items():
            found.setdefault(name, []).append(value)
        for name, count in one.tallies.items():
            tallies[name] = tallies.get(name, 0.0) + count
    kept = {name: FIGURES[name].worst(values) if name in FIGURES else max(values) for name, values in found.items()}
    return SampleRecord(source, at, seconds, kept, tallies)
