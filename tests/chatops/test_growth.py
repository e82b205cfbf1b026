"""How fast disks fill and how often memory ran out, from samples."""

from datetime import timedelta

import pytest

from chatops.observing.growth import growth_of, new_kills
from chatops.observing.machine import Disk
from storage.samples import SampleRecord
from tests.making import NOW

GB = 10**9


def samples(name: str, *levels: float, every: timedelta = timedelta(hours=12)) -> list[SampleRecord]:
    return [SampleRecord("a", NOW + number * every, 15, {name: level}, {}) for number, level in enumerate(levels)]


def test_a_disk_that_fills_has_a_day_on_which_it_is_full() -> None:
    growth = growth_of(Disk("/", 14 * GB, 20 * GB), samples("disk_used:/", 10 * GB, 11 * GB, 12 * GB, 13 * GB))
    assert growth is not None
    assert growth.per_day == pytest.approx(2 * GB)
    assert growth.days_left == pytest.approx(3.0)


def test_one_that_empties_has_none() -> None:
    growth = growth_of(Disk("/", 14 * GB, 20 * GB), samples("disk_used:/", 15 * GB, 14 * GB))
    assert growth is not None
    assert (growth.per_day < 0, growth.days_left) == (True, None)


def test_of_minutes_nothing_is_said_of_a_day() -> None:
    minutes = samples("disk_used:/", 1, 2, 3, every=timedelta(minutes=5))
    assert growth_of(Disk("/", 3, 9), minutes) is None
    assert growth_of(Disk("/data", 3, 9), samples("disk_used:/", 1, 2)) is None


def test_kills_are_those_since_the_first_sample() -> None:
    found = new_kills({"container": 5, "machine": 9}, samples("oom_kills:container", 2, 2, 4, 4))
    assert found == {"container": (3, NOW + timedelta(hours=36))}


def test_a_counter_that_began_anew_is_understood() -> None:
    found = new_kills({"container": 1}, samples("oom_kills:container", 7, 0, 0))
    assert found == {"container": (1, NOW + timedelta(hours=24))}


def test_without_kills_there_is_no_time() -> None:
    assert new_kills({"machine": 4}, samples("oom_kills:machine", 4, 4)) == {"machine": (0, None)}
