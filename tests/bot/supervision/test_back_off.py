"""Waits grow, end growing, and differ by chance."""

import pytest

from bot.supervision.back_off import BackOff


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.2), (2, 0.4), (5, 3.2), (9, 30.0), (100_000, 30.0)])
def test_waits_double_up_to_the_longest(failures: int, seconds: float) -> None:
    assert BackOff().delay(failures, 0.0) == pytest.approx(seconds)


def test_chance_takes_up_to_a_quarter_away() -> None:
    assert BackOff().delay(9, 1.0) == pytest.approx(22.5)
    assert BackOff(jitter=0.0).delay(9, 1.0) == 30.0
