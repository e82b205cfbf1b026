"""The ladder of load: what a rung says, and where the knee is; the real thing where Locust is."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.load.__main__ import climb
from tools.load.ladder import Rung, knee, rung

HEAD = "Type,Name,Request Count,Failure Count,50%,95%,99%\n"


def test_a_rung_is_read_from_what_locust_writes(tmp_path: Path) -> None:
    stats = tmp_path / "stats.csv"
    stats.write_text(f"{HEAD}DECK,picture to deck,100,10,50,90,99\n,Aggregated,300,10,5,9,9\n", encoding="utf-8")
    assert rung(stats, 10, 10, 7) == Rung(10, 9, 50, 90, 99, 0.1, 7)


def test_a_rung_on_which_nothing_came_back_is_not_borne(tmp_path: Path) -> None:
    stats = tmp_path / "stats.csv"
    stats.write_text(f"{HEAD},Aggregated,0,0,0,0,0\n", encoding="utf-8")
    assert not rung(stats, 10, 10, 0).is_borne


def test_the_knee_is_the_last_rung_that_is_borne_with_all_below() -> None:
    good, better = Rung(1, 1, 10, 20, 30, 0, 0), Rung(2, 1.9, 10, 4999, 5000, 0, 0)
    slow, failing, late = Rung(4, 3.3, 1, 1, 1, 0, 0), Rung(4, 4, 1, 1, 1, 0.01, 0), Rung(4, 4, 1, 5001, 6000, 0, 0)
    assert knee([good, better]) == better
    for one in (slow, failing, late):
        assert knee([one, better, good, Rung(8, 8, 1, 1, 1, 0, 0)]) == better
    assert knee([slow]) is None


@pytest.mark.slow
@pytest.mark.skipif(find_spec("locust") is None, reason="make setup-slow installs Locust")
def test_programs_get_their_decks() -> None:
    [one] = climb([1.0], seconds=8, workers=1, reading_s=0.01)
    assert (one.errors, one.done > 0.5, one.memory > 50e6) == (0, True, True)
