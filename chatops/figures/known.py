"""Which figures there are: their unit, from where on they are not normal, how Prometheus is asked for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chatops.parameters import one_of
from chatops.times import span
from config.ops import Threshold

Unit = Literal["seconds", "share", "count", "bytes", "per second", "per minute"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    ``query`` is PromQL, whose answer is one series at most. ``tally`` names how it comes from what is counted;
    without one it is a level that can be looked at. With fewer than ``least_cases`` of ``of`` it says nothing.
    ``action`` is what to run when it is not normal, ``nothing`` what to say where there is nothing to measure.
    """

    name: str
    title: str
    unit: Unit
    query: str
    threshold: Threshold | None = None
    tally: str = ""
    cases: str = ""
    least_cases: int = 0
    of: str = ""
    nothing: str = ""
    action: str = ""
    low_is_bad: bool = False

    def worst(self, values: Sequence[float]) -> float:
        """The one to worry about; raises ValueError where there is none."""
        return min(values) if self.low_is_bad else max(values)

    def shown(self, value: float) -> str:
        """In letters, with its unit."""
        match self.unit:
            case "seconds":
                return f"{value * 1000:.0f} ms" if value < 10 else span(value)
            case "share":
                return f"{value * 100:.1f} %"
            case "bytes":
                return f"{value / 1e6:.0f} MB" if value < 1e9 else f"{value / 1e9:.1f} GB"
            case "per second" | "per minute":
                return f"{value:.2f}/{'s' if self.unit == 'per second' else 'min'}"
            case _:
                return f"{value:.0f}"


def _limits(warn: float, alert: float, unit: Literal["seconds", "share", "count"]) -> Threshold:
    return Threshold(warn=warn, alert=alert, unit=unit)


_NO_PROBES = 'route!~"/metrics|/health.*"'
_ALL = (
    Figure(
        "api_latency_p95",
        "HTTP answers, p95",
        "seconds",
        f"histogram_quantile(0.95, sum by (le) (rate(screen2deck_http_request_seconds_bucket{{{_NO_PROBES}}}[5m])))",
        _limits(0.5, 1.0, "seconds"),
        tally="latency",
        nothing="no requests in the last 5 min",
        action="diagnose site",
    ),
    Figure(
        "error_rate",
        "HTTP answers that are errors (5xx)",
        "share",
        f'(sum(rate(screen2deck_http_requests_total{{status=~"5..",{_NO_PROBES}}}[5m])) or vector(0)) '
        f"/ sum(rate(screen2deck_http_requests_total{{{_NO_PROBES}}}[5m]))",
        _limits(0.01, 0.05, "share"),
        tally="errors",
        cases="requests",
        # One request in ten seconds, as the alert of the same name asks for.
        least_cases=30,
        of="requests in 5 min",
        nothing="no requests in the last 5 min",
        action="logs errors",
    ),
    Figure("cpu", "Processor", "share", "max(screen2deck_cpu_share)", _limits(0.70, 0.85, "share"), action="host top"),
    Figure(
        "memory",
        "Memory",
        "share",
        "max(screen2deck_memory_share)",
        _limits(0.80, 0.90, "share"),
        action="diagnose memory",
    ),
    Figure(
        "queue_length",
        "Pictures that wait",
        "count",
        'max(screen2deck_conversions_open{state="queued"})',
        _limits(100, 500, "count"),
        action="queue inspect",
    ),
    Figure(
        "cache_hit_rate",
        "Pictures seen before that the cache answered",
        "share",
        "max(screen2deck_cache_hit_rate)",
        _limits(0.80, 0.60, "share"),
        low_is_bad=True,
        least_cases=20,
        of="pictures seen before in 15 min",
        nothing="no picture seen before in the last 15 min",
        action="cache stats",
    ),
    Figure(
        "oldest_waiting",
        "Longest wait of a picture",
        "seconds",
        "max(screen2deck_queue_oldest_seconds)",
        _limits(120, 600, "seconds"),
        action="queue inspect",
    ),
    Figure(
        "reading_p95",
        "From picture to answer, p95",
        "seconds",
        "max(screen2deck_reading_p95_seconds)",
        _limits(30, 120, "seconds"),
        least_cases=5,
        of="pictures in 15 min",
        nothing="no pictures in the last 15 min",
        action="diagnose ocr",
    ),
    Figure(
        "failure_rate",
        "Pictures that we failed to read",
        "share",
        "max(screen2deck_failure_rate)",
        _limits(0.01, 0.05, "share"),
        least_cases=20,
        of="pictures in 15 min",
        nothing="no pictures in the last 15 min",
        action="diagnose ocr",
    ),
    Figure("throughput", "Pictures read", "per minute", "max(screen2deck_throughput)", nothing="no pictures in 15 min"),
    Figure(
        "workers",
        "Workers that live",
        "count",
        "max(screen2deck_workers)",
        # Below one: none.
        _limits(0.9, 0.5, "count"),
        low_is_bad=True,
        action="service status",
    ),
    Figure("workers_busy", "Workers that read", "count", "sum(screen2deck_worker_busy)"),
    Figure("worker_memory", "Largest worker", "bytes", "max(screen2deck_worker_memory_bytes)"),
    Figure(
        "outbox",
        "Messages that wait to be sent",
        "count",
        "max(screen2deck_outbox_pending)",
        _limits(50, 200, "count"),
        action="health ready",
    ),
    Figure(
        "delivery_error_rate",
        "Messages that could not be sent",
        "share",
        '(sum(rate(screen2deck_deliveries_total{outcome="failed"}[5m])) or vector(0)) '
        "/ sum(rate(screen2deck_deliveries_total[5m]))",
        _limits(0.05, 0.25, "share"),
        tally="delivery errors",
        cases="deliveries",
        least_cases=20,
        of="messages in 5 min",
        nothing="no messages in the last 5 min",
        action="logs errors",
    ),
    Figure(
        "requests",
        "HTTP answers",
        "per second",
        f"sum(rate(screen2deck_http_requests_total{{{_NO_PROBES}}}[5m]))",
        tally="requests",
        nothing="no process has measured it in the last 5 min",
    ),
    Figure(
        "dead_letters",
        "Pictures that were given up",
        "count",
        "max(screen2deck_dead_letters)",
        _limits(1, 20, "count"),
        action="queue dead",
    ),
    Figure(
        "certain_corrected",
        "Decks of a day of which players changed a certain line",
        "count",
        "sum(max by (layout, engine) (increase(screen2deck_certain_decks_corrected_total[1d])))",
        _limits(3, 10, "count"),
        action="ocr accuracy",
    ),
    Figure(
        "disk", "Fullest disk", "share", "max(screen2deck_disk_share)", _limits(0.80, 0.90, "share"), action="host disk"
    ),
)
FIGURES: Mapping[str, Figure] = {one.name: one for one in _ALL}
KEY = ("api_latency_p95", "error_rate", "cpu", "memory", "queue_length", "cache_hit_rate")
"""Those of the runbook's table, in its order."""


def figure(name: str) -> Figure:
    """One by its name; raises BadArgument with the nearest."""
    return FIGURES[one_of(name, list(FIGURES))]
