"""Figures as they are documented and limited."""

import pytest

from chatops.figures import FIGURES, Measured, condition, figure
from chatops.figures.known import KEY
from chatops.model import BadArgument
from config.ops import load_policy
from tests.shared import ROOT


def test_the_documentation_names_every_figure() -> None:
    text = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    assert [name for name in FIGURES if f"`{name}`" not in text] == []


def test_the_shipped_limits_are_the_runbooks() -> None:
    limits = {name: (one.warn, one.alert) for name, one in load_policy().thresholds.items()}
    assert limits == {
        "api_latency_p95": (0.5, 1.0),
        "error_rate": (0.01, 0.05),
        "cpu": (0.70, 0.85),
        "memory": (0.80, 0.90),
        "queue_length": (100, 500),
        "cache_hit_rate": (0.80, 0.60),
    }
    assert set(limits) == set(KEY)
    for name, (warn, alert) in limits.items():
        own = FIGURES[name].threshold
        assert own is not None
        assert (own.warn, own.alert) == (warn, alert)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("queue_length", 99, "normal"),
        ("queue_length", 100, "elevated"),
        ("queue_length", 500, "elevated"),
        ("queue_length", 501, "alert"),
        ("cache_hit_rate", 0.81, "normal"),
        ("cache_hit_rate", 0.80, "elevated"),
        ("cache_hit_rate", 0.59, "alert"),
        ("workers", 1, "normal"),
        ("workers", 0, "alert"),
    ],
)
def test_what_lies_between_the_limits_is_elevated(name: str, value: float, expected: str) -> None:
    assert condition(Measured(name, value), FIGURES[name].threshold) == expected


def test_values_are_shown_with_their_units() -> None:
    shown = {
        "api_latency_p95": (0.25, "250 ms"),
        "oldest_waiting": (605, "10 min 5 s"),
        "error_rate": (0.0123, "1.2 %"),
        "worker_memory": (358_797_312, "359 MB"),
        "throughput": (1.5, "1.50/min"),
        "requests": (0.5, "0.50/s"),
        "queue_length": (7.0, "7"),
    }
    assert {name: (value, FIGURES[name].shown(value)) for name, (value, _) in shown.items()} == shown


def test_a_wrong_name_is_told_the_nearest() -> None:
    with pytest.raises(BadArgument, match=r"did you mean queue_length\?"):
        figure("queue_lenght")
