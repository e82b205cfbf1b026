"""What a process measures is kept, looked back at, and made less as it grows old."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chatops import figures
from chatops.figures.sampling import KEPT, SAMPLER, Sampler, beginning, thin_out
from chatops.jobs import jobs
from chatops.observing.meters import Meters
from storage import samples
from storage.errors import DatabaseUnreachable
from storage.samples import SampleRecord
from tests.chatops.acting import Ops
from tests.making import NOW, accepted, finished, somebody
from tests.storage.test_queue import ANNA


def sampler(meters: Meters | None = None, source: str = "bot/1") -> Sampler:
    return Sampler(meters or Meters(), source=source)


async def test_a_sample_tells_of_queue_workers_and_machine(ops: Ops) -> None:
    person = await somebody()
    await accepted(person, "a", at=NOW - timedelta(seconds=90))
    await accepted(person, "b")
    await finished(person, "c", at=NOW - timedelta(seconds=1))
    await ops.parts.queue.say_alive(replace(ANNA, conversion="x", memory=7_000_000))

    found = (await sampler().sample(ops.parts)).levels
    assert (found["queue_length"], found["oldest_waiting"], found["outbox"]) == (2, 90, 0)
    assert (found["workers"], found["workers_busy"], found["worker_memory"]) == (1, 1, 7_000_000)
    assert found["failure_rate"] == 0
    assert "cache_hit_rate" not in found  # nothing that it should have known
    for share in ("cpu", "memory", "disk"):
        assert 0 <= found[share] <= 1
    assert await samples.newest() == beginning(NOW, 15)


async def test_what_was_counted_is_in_one_sample_only(ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    meters = Meters()
    measuring = sampler(meters)
    meters.answered("GET", "/api/ocr", 200, 0.2)
    meters.answered("GET", "/metrics", 200, 9.0)

    async def away(_: SampleRecord) -> None:
        raise DatabaseUnreachable("The database does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(samples, "add", away)
        with pytest.raises(DatabaseUnreachable):
            await measuring.sample(ops.parts)
    assert (await measuring.sample(ops.parts)).tallies["requests"] == 1
    ops.later(seconds=15)
    assert (await measuring.sample(ops.parts)).tallies == {}


async def test_every_bot_process_measures_for_itself(ops: Ops) -> None:
    (job,) = [one for one in jobs() if one.name == "measure figures"]
    assert job.everywhere
    await job.work(ops.parts)
    assert await samples.newest() is None

    for source in ("a", "b"):
        await job.work(replace(ops.parts, provided={SAMPLER.name: sampler(source=source)}))
    assert [one.source for one in await samples.between(NOW, NOW + timedelta(seconds=1))] == ["a", "b"]


async def test_rates_and_delays_are_those_of_five_minutes_of_all_processes(ops: Ops) -> None:
    one, other = Meters(), Meters()
    for meters, count in ((one, 30), (other, 10)):
        for _ in range(count):
            meters.answered("POST", "/api/ocr", 500 if meters is other else 202, 2.0 if meters is other else 0.01)
    await sampler(one, "a").sample(ops.parts)
    await sampler(other, "b").sample(ops.parts)
    ops.later(seconds=15)

    errors, latency = [await figures.current(ops.parts, name) for name in ("error_rate", "api_latency_p95")]
    assert errors.value == 0.25
    # The 38th of 40 is the eighth of ten between 1 and 2.5 s.
    assert latency.value == pytest.approx(1.0 + 1.5 * 0.8)
    ops.later(minutes=6)
    gone = await figures.current(ops.parts, "error_rate")
    assert (gone.value, gone.note) == (None, "no bot process has measured it in the last 5 min")


async def test_the_processor_is_told_as_it_was_measured_last(ops: Ops) -> None:
    for source, busy in (("a", 0.25), ("b", 0.75)):
        await samples.add(SampleRecord(source, ops.now, 15, {"cpu": busy}, {}))
    ops.later(seconds=15)
    assert (await figures.current(ops.parts, "cpu")).value == 0.75

    ops.later(minutes=1)
    anew = (await figures.current(ops.parts, "cpu")).value
    assert anew is not None
    assert 0 <= anew <= 1


async def test_a_series_is_what_each_moment_would_have_told(ops: Ops) -> None:
    meters = Meters()
    measuring = sampler(meters)
    since = ops.now
    for minute in range(12):
        for _ in range(10):
            meters.answered("GET", "/api/ocr", 500 if minute == 3 else 200, 0.01)
        await measuring.sample(ops.parts)
        ops.later(minutes=1)

    series = await figures.history(ops.parts, "error_rate", since, ops.now)
    assert series.source == "samples"
    assert [round(value, 3) for _, value in series.points[:5]] == [0, 0, 0, 0.25, 0.2]
    assert [value for _, value in series.points[-4:]] == [0, 0, 0, 0]


async def test_long_series_are_thinned_and_keep_the_worst(ops: Ops) -> None:
    await samples.replace(
        [],
        [
            SampleRecord("a", NOW + timedelta(seconds=15 * number), 15, {"queue_length": length}, {})
            for number, length in enumerate([3.0] * 501 + [900.0] + [3.0] * 498)
        ],
    )

    series = await figures.history(ops.parts, "queue_length", NOW, NOW + timedelta(hours=5))
    assert len(series.points) <= 240
    assert max(value for _, value in series.points) == 900


async def test_old_samples_become_minutes_then_ten_minutes_and_go(ops: Ops) -> None:
    for source in ("a", "b"):
        for age in (timedelta(minutes=30), timedelta(hours=3), timedelta(hours=30), KEPT + timedelta(hours=1)):
            for number in range(8):
                at = beginning(NOW - age, 600) + timedelta(seconds=15 * number)
                levels = {"cpu": number / 10, "cache_hit_rate": 1 - number / 10}
                await samples.add(SampleRecord(source, at, 15, levels, {"requests": 1.0}))

    await thin_out(NOW)

    kept = [one for one in await samples.between(NOW - KEPT, NOW) if one.source == "a"]
    assert [one.seconds for one in kept] == [600, 60, 60] + [15] * 8
    oldest = kept[0]
    assert oldest.levels == {"cpu": 0.7, "cache_hit_rate": pytest.approx(0.3)}
    assert oldest.tallies == {"requests": 8}
    assert await thin_out(NOW) == 0


async def test_nothing_to_measure_is_no_zero(ops: Ops) -> None:
    await sampler().sample(ops.parts)
    ops.later(seconds=15)

    found = await figures.currents(ops.parts)
    assert set(found) == set(figures.FIGURES)
    assert (found["error_rate"].value, found["error_rate"].note) == (None, "no requests in the last 5 min")
    assert (found["reading_p95"].value, found["reading_p95"].note) == (None, "no pictures in the last 15 min")
    assert found["queue_length"].value == 0


async def test_few_cases_are_not_judged(ops: Ops) -> None:
    meters = Meters()
    meters.answered("GET", "/api/ocr", 500, 0.1)
    await sampler(meters).sample(ops.parts)
    ops.later(seconds=15)
    limits = await figures.thresholds(ops.parts)

    error = await figures.current(ops.parts, "error_rate")
    assert (error.value, error.note) == (1.0, "only 1 requests in 5 min")
    assert figures.condition(error, limits["error_rate"]) == "unknown"
