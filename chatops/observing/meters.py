"""What a process counts while it works: requests, pictures taken in, deliveries, actions.

Rate, errors and duration of each, for Prometheus and for the product's own samples. Labels are few and of few values:
a route is its pattern, never a path; nobody's name or id is a label.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from chatops.parts import Need
from storage.spans import BUCKETS

PROBES = ("/health", "/health/ready", "/health/detailed", "/metrics")
"""Routes that machines ask now and then: they would hide what players and programs see."""


@dataclass(slots=True)
class Tally:
    """How one piece of work went; ``outcome`` is set by whoever knows it."""

    outcome: str = "done"


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._http = Counter(
            "screen2deck_http_requests", "Answers over HTTP.", ["method", "route", "status"], registry=registry
        )
        self._http_seconds = _histogram("http_request", "Time to answer over HTTP.", ["method", "route"], registry)
        self.http_open = Gauge("screen2deck_http_open_requests", "Requests being answered.", registry=registry)
        self._intake = Counter("screen2deck_intake", "Pictures by what became of them.", ["outcome"], registry=registry)
        self._intake_seconds = _histogram("intake", "Time to accept a picture.", [], registry)
        self._deliveries = Counter(
            "screen2deck_deliveries", "Messages sent or edited.", ["platform", "outcome"], registry=registry
        )
        self._delivery_seconds = _histogram("delivery", "Time that a platform takes.", ["platform"], registry)
        self._actions = Counter("screen2deck_actions", "Console actions.", ["action", "outcome"], registry=registry)
        self._action_seconds = _histogram("action", "Time of console actions.", ["group"], registry)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """An answer over HTTP; without ``seconds`` it is one that was kept open."""
        self._http.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._http_seconds.labels(method, route).observe(seconds)

    def executed(self, action: str, outcome: str, seconds: float) -> None:
        """An action of the console has ended."""
        self._actions.labels(action, outcome).inc()
        self._action_seconds.labels(action.partition(" ")[0]).observe(seconds)

    @contextmanager
    def intake(self) -> Iterator[Tally]:
        """Around the acceptance of a picture."""
        with _timed(self._intake, self._intake_seconds) as tally:
            yield tally

    @contextmanager
    def delivery(self, platform: str) -> Iterator[Tally]:
        """Around the sending or editing of a message."""
        with _timed(self._deliveries, self._delivery_seconds, platform) as tally:
            yield tally

    def tallies(self) -> Mapping[str, float]:
        """What has been counted so far that the product's own samples keep; probes are left out."""
        found = dict.fromkeys(("requests", "request_errors", "deliveries", "delivery_errors"), 0.0)
        found |= {f"request_le:{bound}": 0.0 for bound in [*map(str, BUCKETS), "+Inf"]}
        for sample in (one for family in self._http.collect() for one in family.samples):
            if sample.name.endswith("_total") and sample.labels["route"] not in PROBES:
                found["requests"] += sample.value
                found["request_errors"] += sample.value if sample.labels["status"].startswith("5") else 0.0
        for sample in (one for family in self._http_seconds.collect() for one in family.samples):
            if sample.name.endswith("_bucket") and sample.labels["route"] not in PROBES:
                found[f"request_le:{sample.labels['le']}"] += sample.value
        for sample in (one for family in self._deliveries.collect() for one in family.samples):
            if sample.name.endswith("_total"):
                found["deliveries"] += sample.value
                found["delivery_errors"] += sample.value if sample.labels["outcome"] == "failed" else 0.0
        return found


METERS: Need[Meters] = Need("meters", "Only the bot process counts what it does.")


def _histogram(name: str, text: str, labels: list[str], registry: CollectorRegistry) -> Histogram:
    return Histogram(f"screen2deck_{name}_seconds", text, labels, buckets=BUCKETS, registry=registry)


@contextmanager
def _timed(counter: Counter, histogram: Histogram, *labels: str) -> Iterator[Tally]:
    tally, began = Tally(), time.monotonic()
    try:
        yield tally
    except Exception:
        tally.outcome = "failed" if tally.outcome == "done" else tally.outcome
        raise
    finally:
        counter.labels(*labels, tally.outcome).inc()
        (histogram.labels(*labels) if labels else histogram).observe(time.monotonic() - began)


@dataclass(slots=True)
class Since:
    """What was counted since it was last taken."""

    meters: Meters
    _before: Mapping[str, float] = field(default_factory=dict)
    _seen: Mapping[str, float] = field(default_factory=dict)

    def peek(self) -> dict[str, float]:
        """Differences of all tallies; those of zero are left out."""
        self._seen = self.meters.tallies()
        found = {name: value - self._before.get(name, 0.0) for name, value in self._seen.items()}
        return {name: value for name, value in found.items() if value}

    def forget(self) -> None:
        """What was peeked at is taken."""
        self._before = self._seen
