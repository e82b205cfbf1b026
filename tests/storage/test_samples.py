"""Figures that are kept, and how conversions ended in a span of time."""

from datetime import datetime, timedelta

import pytest

from storage import samples
from storage.endings import endings
from storage.records import State
from storage.samples import SampleRecord
from tests.making import NOW, REFUSAL, accepted, failed, finished, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")


def sample(at: datetime = NOW, source: str = "bot/1", **levels: float) -> SampleRecord:
    return SampleRecord(source, at, 15, levels, {"requests": 2.0})


async def test_samples_come_back_in_order() -> None:
    for at in (seconds(15), seconds(0), seconds(30)):
        await samples.add(sample(at, cpu=0.5))

    found = await samples.between(NOW, seconds(30))
    assert [one.at for one in found] == [seconds(0), seconds(15)]
    assert found[0] == sample(NOW, cpu=0.5)
    assert await samples.newest() == seconds(30)


async def test_a_process_has_one_sample_of_a_span() -> None:
    await samples.add(sample(cpu=0.5))
    await samples.add(sample(cpu=0.9))
    await samples.add(sample(source="bot/2", cpu=0.1))

    assert [one.levels["cpu"] for one in await samples.between(NOW, seconds(1))] == [0.5, 0.1]


async def test_old_samples_make_room_for_longer_ones() -> None:
    for at in (0, 15, 30):
        await samples.add(sample(seconds(at)))
    old = await samples.shorter_than(60, before=seconds(30), limit=10)
    assert [one.at for _, one in old] == [seconds(0), seconds(15)]

    longer = SampleRecord("bot/1", NOW, 60, {}, {})
    await samples.replace([identity for identity, _ in old], [longer])

    assert [one.seconds for one in await samples.between(NOW, seconds(60))] == [60, 15]
    assert await samples.remove(seconds(30)) == 1


async def test_endings_are_those_of_the_span() -> None:
    person = await somebody()
    await finished(person, "a", at=seconds(-3600))
    await finished(person, "b")
    await finished(person, "c", reading=REFUSAL)
    await failed(person, "d")
    await accepted(person, "e")

    found = await endings(NOW - timedelta(minutes=5), seconds(60))
    assert sorted(one.state for one in found) == [State.DONE, State.FAILED, State.REFUSED]
    assert not any(one.from_cache or one.is_again for one in found)


async def test_what_was_answered_a_moment_ago_should_come_from_the_cache() -> None:
    person = await somebody()
    await finished(person, "same", at=seconds(-60))
    await finished(person, "same", at=seconds(-30))
    await finished(person, "same", at=seconds(-20), is_fresh=True)
    await accepted(person, "same", at=seconds(-10))
    await finished(person, "other")

    found = await endings(NOW - timedelta(minutes=5), seconds(60))
    assert [(one.from_cache, one.is_again) for one in found] == [
        (False, False),
        (False, True),
        (False, False),
        (True, False),
        (False, False),
    ]
