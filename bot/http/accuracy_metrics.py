"""Accuracy in use for Prometheus: what readings promised, and what people put right.

The numbers lie in the database, so that all bot processes tell the same and no restart sets them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from storage import accuracy_counts
from storage.accuracy_counts import Counted

_OF = ("layout", "engine")


@dataclass(frozen=True, slots=True)
class _Family:
    """A metric: the columns that it tells, by the value of its own label."""

    name: str
    text: str
    label: str
    columns: Mapping[str, str]


_FAMILIES = (
    _Family(
        "screen2deck_decks",
        "Decks that people were given.",
        "doubt",
        {"no": "decks_verified", "yes": "decks_doubtful"},
    ),
    _Family(
        "screen2deck_lines",
        "Lines of these decks.",
        "certain",
        {"yes": "lines_certain", "no": "lines_flagged"},
    ),
    _Family(
        "screen2deck_corrections",
        "Corrections that people made.",
        "kind",
        {
            "card": "by_card",
            "count": "by_count",
            "section": "by_section",
            "removed": "by_removed",
            "added": "by_added",
            "confirmed": "by_confirmed",
            "merged": "by_merged",
            "undone": "by_undone",
        },
    ),
    _Family(
        "screen2deck_flagged_lines_settled",
        "Flagged lines that people changed, or said to be right.",
        "outcome",
        {"changed": "flagged_changed", "confirmed": "flagged_confirmed"},
    ),
    _Family("screen2deck_certain_lines_corrected", "Certain lines that people changed.", "", {"": "certain_changed"}),
    _Family(
        "screen2deck_certain_decks_corrected",
        "Decks of which people changed a certain line.",
        "",
        {"": "certain_decks"},
    ),
)


async def add_accuracy(registry: CollectorRegistry) -> None:
    """Add all that is counted; raises DatabaseUnreachable."""
    registry.register(_Accuracy(await accuracy_counts.counts()))


@dataclass(slots=True, eq=False)
class _Accuracy(Collector):
    counts: Sequence[Counted]

    def collect(self) -> Iterable[Metric]:
        for family in _FAMILIES:
            labels = [*_OF, *([family.label] if family.label else [])]
            found = CounterMetricFamily(family.name, family.text, labels=labels)
            for one in self.counts:
                for value, column in family.columns.items():
                    own = [value] if family.label else []
                    found.add_metric([one.layout, one.engine, *own], one.numbers[column])
            yield found
