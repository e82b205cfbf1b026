"""What figures are now and how they went.

What happened before now comes from Prometheus where ``PROMETHEUS_URL`` is set and it answers, otherwise from the
samples that the product keeps itself; a series says which.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chatops.figures import prometheus
from chatops.figures.counted import added, counted
from chatops.figures.known import FIGURES, Figure, figure
from chatops.figures.levels import levels
from chatops.parts import Parts
from config.ops import Threshold
from storage import samples, values
from storage.samples import SampleRecord

Condition = Literal["normal", "elevated", "alert", "unknown"]

WINDOW = timedelta(minutes=5)
"""Rates and delays of requests are those of so long."""
THRESHOLD = "threshold."
"""Keys of changed thresholds begin so."""
_MOST_POINTS = 240
_PROCESSOR = "cpu"
_FRESH = timedelta(seconds=30)
"""What was measured so lately is now."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure now. ``value`` is None where there is nothing to measure; ``note`` says why, or what to mind.

    ``is_telling`` is false where it comes from too few cases to judge by.
    """

    name: str
    value: float | None
    note: str = ""
    is_telling: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time; ``source`` is ``prometheus`` or ``samples``, ``note`` says why it is not the other."""

    name: str
    points: tuple[tuple[datetime, float], ...]
    source: str = "samples"
    note: str = ""


async def current(parts: Parts, name: str) -> Measured:
    """What a figure is now. Raises BadArgument for an unknown name, StorageError."""
    wanted = figure(name)
    return (await currents(parts, [wanted.name]))[wanted.name]


async def currents(parts: Parts, names: Sequence[str] = tuple(FIGURES)) -> dict[str, Measured]:
    """The same of several, which costs little more than of one."""
    wanted = [figure(name) for name in names]
    found: dict[str, Measured] = {}
    if any(one.tally for one in wanted):
        recent = await samples.between(parts.clock() - WINDOW, parts.clock())
        found |= {one.name: _counted(one, recent) for one in wanted if one.tally}
    looked_at = [one for one in wanted if not one.tally]
    if any(one.name == _PROCESSOR for one in looked_at) and (busy := await _processor(parts)) is not None:
        found[_PROCESSOR] = Measured(_PROCESSOR, busy)
        looked_at = [one for one in looked_at if one.name != _PROCESSOR]
    if looked_at:
        now = await levels(parts, [one.name for one in looked_at])
        for one in looked_at:
            missing = now.missing.get(one.name, "")
            found[one.name] = _measured(one, now.values.get(one.name), now.cases.get(one.name), missing)
    return {one.name: found[one.name] for one in wanted}


async def history(parts: Parts, name: str, since: datetime, until: datetime) -> Series:
    """How a figure went between two times. Raises BadArgument for an unknown name, StorageError."""
    return (await histories(parts, [name], since, until))[0]


async def histories(parts: Parts, names: Sequence[str], since: datetime, until: datetime) -> list[Series]:
    """The same of several."""
    wanted = [figure(name) for name in names]
    told = {} if parts.settings.prometheus_url is None else await prometheus.ranges(parts, wanted, since, until)
    lacking = [one for one in wanted if not isinstance(told.get(one.name), list) or not told[one.name]]
    kept = await samples.between(since - WINDOW, until) if lacking else []
    return [_series(one, told.get(one.name), kept, since, until) for one in wanted]


async def thresholds(parts: Parts) -> dict[str, Threshold]:
    """From where on each figure is elevated or an alert: as set in the chat, in ``ops.yaml``, or by default."""
    found = {one.name: one.threshold for one in FIGURES.values() if one.threshold is not None}
    found |= {name: one for name, one in parts.policy.thresholds.items() if name in FIGURES}
    for key, changed in (await values.values(THRESHOLD)).items():
        name = key.removeprefix(THRESHOLD)
        if name in found:
            found[name] = found[name].model_copy(update={"warn": changed["warn"], "alert": changed["alert"]})
    return found


def condition(measured: Measured, threshold: Threshold | None) -> Condition:
    """How a figure is; ``unknown`` where there is too little to judge by."""
    if measured.value is None or threshold is None or not measured.is_telling:
        return "unknown"
    return threshold.state(measured.value)


async def _processor(parts: Parts) -> float | None:
    """How busy it was when it was last measured: looking at it anew takes a moment, and sees only that."""
    kept = [one for one in await samples.between(parts.clock() - _FRESH, parts.clock()) if _PROCESSOR in one.levels]
    return max((one.levels[_PROCESSOR] for one in kept if one.at == kept[-1].at), default=None)


def _counted(one: Figure, recent: Sequence[SampleRecord]) -> Measured:
    if not recent:
        return Measured(one.name, None, "no bot process has measured it in the last 5 min")
    return _measured(one, counted(one.tally, recent), added(recent).get(one.cases, 0.0))


def _measured(one: Figure, value: float | None, cases: float | None, missing: str = "") -> Measured:
    if value is None:
        return Measured(one.name, None, missing or one.nothing)
    few = one.least_cases and cases is not None and cases < one.least_cases
    return Measured(one.name, value, f"only {cases:.0f} {one.of}" if few else "", is_telling=not few)


def _series(
    one: Figure, told: "prometheus.Points | str | None", kept: Sequence[SampleRecord], since: datetime, until: datetime
) -> Series:
    if isinstance(told, list) and told:
        return Series(one.name, tuple(told), "prometheus")
    note = told if isinstance(told, str) else "" if told is None else "Prometheus knows nothing of it."
    points = _counted_points(one, kept, since, until) if one.tally else _level_points(one, kept, since)
    return Series(one.name, tuple(points), "samples", note)


def _level_points(one: Figure, kept: Sequence[SampleRecord], since: datetime) -> list[tuple[datetime, float]]:
    """At most so many, of which each is the worst of its span."""
    found: dict[datetime, list[float]] = {}
    for sample in kept:
        if sample.at >= since and one.name in sample.levels:
            found.setdefault(sample.at, []).append(sample.levels[one.name])
    moments = sorted(found)
    step = max(1, -(-len(moments) // _MOST_POINTS))
    groups = [moments[start : start + step] for start in range(0, len(moments), step)]
    return [(group[-1], one.worst([value for at in group for value in found[at]])) for group in groups]


def _counted_points(
    one: Figure, kept: Sequence[SampleRecord], since: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    """What was counted in the window before each moment; samples come in order."""
    ats = [sample.at for sample in kept]
    moments = sorted({at for at in ats if at >= since})
    step = max(1, -(-len(moments) // _MOST_POINTS))
    window = max(WINDOW, (until - since) / _MOST_POINTS)
    found = []
    for at in moments[::-1][::step][::-1]:
        inside = kept[bisect_right(ats, at - window) : bisect_right(ats, at)]
        value = counted(one.tally, inside)
        if value is not None:
            found.append((at, value))
    return found
