"""Figures that come from what processes count: rates and delays of the last minutes."""

from collections.abc import Callable, Mapping, Sequence

from storage.samples import SampleRecord
from storage.spans import BUCKETS, quantile

Tallies = Mapping[str, float]


def added(kept: Sequence[SampleRecord]) -> dict[str, float]:
    """All counts of some samples together."""
    found: dict[str, float] = {}
    for sample in kept:
        for name, count in sample.tallies.items():
            found[name] = found.get(name, 0.0) + count
    return found


def covered(kept: Sequence[SampleRecord]) -> float:
    """How many seconds samples cover together; those of several processes lie beside each other."""
    return float(sum({sample.at: sample.seconds for sample in kept}.values()))


def counted(how: str, kept: Sequence[SampleRecord]) -> float | None:
    """The figure of some samples, None where there is nothing to measure."""
    return _COUNTED[how](added(kept), covered(kept))


def _share(part: str, whole: str) -> Callable[[Tallies, float], float | None]:
    def share(total: Tallies, _: float) -> float | None:
        return total.get(part, 0.0) / total[whole] if total.get(whole) else None

    return share


def _latency(total: Tallies, _: float) -> float | None:
    cumulative = [total.get(f"request_le:{bound}", 0.0) for bound in [*map(str, BUCKETS), "+Inf"]]
    return quantile(0.95, [after - before for before, after in zip([0.0, *cumulative], cumulative, strict=False)])


def _per_second(total: Tallies, seconds: float) -> float | None:
    return total.get("requests", 0.0) / seconds if seconds else None


_COUNTED: Mapping[str, Callable[[Tallies, float], float | None]] = {
    "latency": _latency,
    "errors": _share("request_errors", "requests"),
    "delivery errors": _share("delivery_errors", "deliveries"),
    "requests": _per_second,
}
