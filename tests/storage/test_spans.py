"""Times counted into buckets."""

import pytest

from storage.spans import BUCKETS, Spans, quantile


def test_a_span_is_counted_where_prometheus_counts_it() -> None:
    spans = Spans()
    for length in (0.001, 0.25, 0.26, 100.0):
        spans.add(length)

    found = dict(spans.cumulative())
    assert (found["0.1"], found["0.25"], found["0.5"], found["30.0"], found["+Inf"]) == (1, 2, 3, 3, 4)
    assert spans.total == pytest.approx(100.511)
    assert Spans.from_json(spans.to_json()) == spans


def test_buckets_of_another_release_count_for_nothing() -> None:
    assert Spans.from_json({"counts": [1, 2], "total": 5.0}) == Spans()


@pytest.mark.parametrize(
    ("share", "counts", "expected"),
    [
        (0.95, [0] * 13, None),
        # All of a hundred between 0.25 and 0.5: the 95th lies at 95 % of that way.
        (0.95, [0] * 6 + [100] + [0] * 6, 0.25 + 0.25 * 0.95),
        (0.5, [10, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0], 0.005),
        # Beyond the last bound nothing is known but that.
        (0.95, [0] * 12 + [7], BUCKETS[-1]),
    ],
)
def test_quantiles_are_prometheus_own(share: float, counts: list[int], expected: float | None) -> None:
    found = quantile(share, counts)
    assert found == (expected if expected is None else pytest.approx(expected))
