"""The queue becomes what the database says, whatever was lost."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from arq.constants import in_progress_key_prefix

from storage import conversions, models
from storage.queue import QUEUE, WORKER_LIFE_S, Queue
from storage.reconciler import Reconciler
from storage.records import ConversionRecord, State
from tests.making import PLENTY, WORKER, accepted, finished, somebody
from tests.storage.test_queue import ANNA

pytestmark = pytest.mark.usefixtures("database")

START = datetime.now(UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Ticks:
    """A clock that nobody sets, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def reconciler(queue: Queue, ticks: Ticks) -> Reconciler:
    return Reconciler(queue, ticks)


async def looking(reconciler: Reconciler, ticks: Ticks, seconds: float) -> None:
    """A glance each second."""
    for _ in range(round(seconds)):
        ticks.now += 1
        await reconciler.glance(now=at(ticks.now))


async def waiting(count: int = 1) -> list[ConversionRecord]:
    """Conversions that one person sent, without jobs."""
    person = await somebody()
    return [await accepted(person, f"picture {number}", at=at(number / 1000), quota=PLENTY) for number in range(count)]


async def enqueued(queue: Queue, rows: Sequence[ConversionRecord]) -> None:
    for row in rows:
        await queue.enqueue(row.id, since=row.accepted_at, ahead=row.priority)


async def test_everything_in_order_is_left_alone(queue: Queue, reconciler: Reconciler) -> None:
    await enqueued(queue, await waiting(3))

    assert set((await reconciler.reconcile(now=at(10))).values()) == {0}


async def test_a_wiped_queue_is_as_it_was(queue: Queue, reconciler: Reconciler) -> None:
    rows = await waiting(5)
    await enqueued(queue, rows)
    before = await queue.all_ids()
    await queue.redis.flushall()

    assert (await reconciler.reconcile(now=at(10)))["queued"] == 5
    assert await queue.all_ids() == before


async def test_a_glance_is_enough_for_a_wiped_queue(queue: Queue, reconciler: Reconciler) -> None:
    rows = await waiting(2)
    await reconciler.glance(now=at(10))

    assert await queue.all_ids() == [str(row.id) for row in rows]


async def test_what_was_accepted_a_moment_ago_is_about_to_get_its_job(queue: Queue, reconciler: Reconciler) -> None:
    await waiting()

    assert (await reconciler.reconcile(now=at(1)))["queued"] == 0
    assert (await reconciler.reconcile(now=at(3)))["queued"] == 1


@pytest.mark.parametrize("half", ["job", "place"])
async def test_half_a_job_is_made_whole(queue: Queue, reconciler: Reconciler, half: str) -> None:
    [row] = await waiting()
    await enqueued(queue, [row])
    if half == "place":
        await queue.redis.delete(f"arq:job:{row.id}")
    else:
        await queue.redis.zrem(QUEUE, str(row.id))

    assert (await reconciler.reconcile(now=at(10)))["queued"] == 1
    assert await queue.missing([row.id]) == []


class TestDeadWorkers:
    async def held(self, queue: Queue) -> ConversionRecord:
        """A conversion in the hands of a worker, as arq shows it."""
        [row] = await waiting()
        await enqueued(queue, [row])
        taken = await conversions.claim(row.id, WORKER, now=at(0))
        assert taken is not None
        await queue.redis.set(in_progress_key_prefix + str(row.id), b"1")
        return taken

    async def test_it_is_freed_when_the_workers_life_is_over(
        self, queue: Queue, reconciler: Reconciler, ticks: Ticks
    ) -> None:
        row = await self.held(queue)
        await looking(reconciler, ticks, WORKER_LIFE_S)
        assert (await conversions.conversion(row.id)).state is State.RUNNING
        await looking(reconciler, ticks, 1)

        again = await conversions.conversion(row.id)
        assert (again.state, again.attempts, again.worker) == (State.QUEUED, 1, None)
        assert not await queue.redis.exists(in_progress_key_prefix + str(row.id))
        assert await queue.all_ids() == [str(row.id)]

    async def test_it_is_freed_with_a_wiped_queue_too(self, queue: Queue, reconciler: Reconciler, ticks: Ticks) -> None:
        row = await self.held(queue)
        await queue.redis.flushall()
        await looking(reconciler, ticks, WORKER_LIFE_S + 1)

        assert (await conversions.conversion(row.id)).state is State.QUEUED
        assert await queue.all_ids() == [str(row.id)]

    async def test_the_pictures_that_it_was_reading_can_be_read_by_others(
        self, queue: Queue, reconciler: Reconciler, ticks: Ticks
    ) -> None:
        await self.held(queue)
        assert await queue.lock("reading:1", WORKER, 60)
        assert await queue.lock("reading:2", "somebody", 60)
        await looking(reconciler, ticks, WORKER_LIFE_S + 1)

        assert await queue.lock("reading:1", "another", 60)
        assert not await queue.lock("reading:2", "another", 60)

    async def test_one_that_says_nothing_new_is_dead_though_its_words_are_still_there(
        self, queue: Queue, reconciler: Reconciler, ticks: Ticks
    ) -> None:
        row = await self.held(queue)
        await queue.say_alive(replace(ANNA, name=WORKER))
        await looking(reconciler, ticks, WORKER_LIFE_S + 1)

        assert (await conversions.conversion(row.id)).state is State.QUEUED

    async def test_one_that_goes_on_saying_that_it_lives_keeps_it(
        self, queue: Queue, reconciler: Reconciler, ticks: Ticks
    ) -> None:
        row = await self.held(queue)
        for second in range(0, 60, 2):
            await queue.say_alive(replace(ANNA, name=WORKER, seen=float(second)))
            await looking(reconciler, ticks, 2)

        assert (await conversions.conversion(row.id)).state is State.RUNNING

    async def test_nobody_is_dead_since_nobody_looked(self, queue: Queue, reconciler: Reconciler, ticks: Ticks) -> None:
        row = await self.held(queue)
        for _ in range(4):
            ticks.now += 100
            await reconciler.glance(now=at(ticks.now))

        assert (await conversions.conversion(row.id)).state is State.RUNNING

    @pytest.mark.parametrize("is_done", [False, True])
    async def test_a_job_that_its_worker_left_does_not_wait_for_its_time_to_be_over(
        self, queue: Queue, reconciler: Reconciler, ticks: Ticks, is_done: bool
    ) -> None:
        [row] = [await finished(await somebody())] if is_done else await waiting()
        await enqueued(queue, [row])
        await queue.redis.set(in_progress_key_prefix + str(row.id), b"1")
        await looking(reconciler, ticks, 2)
        assert await queue.redis.exists(in_progress_key_prefix + str(row.id))
        await looking(reconciler, ticks, 1)

        assert not await queue.redis.exists(in_progress_key_prefix + str(row.id))


class TestStrangeJobs:
    async def test_a_job_that_nobody_wants_is_dropped_when_it_lasts(self, queue: Queue, reconciler: Reconciler) -> None:
        ended = await finished(await somebody())
        for one in (ended.id, uuid4()):
            await queue.enqueue(one, since=START)

        assert (await reconciler.reconcile(now=at(10)))["dropped"] == 0
        assert (await reconciler.reconcile(now=at(70)))["dropped"] == 2
        assert await queue.depth() == 0

    async def test_a_job_that_is_no_conversion_at_all_is_dropped(self, queue: Queue, reconciler: Reconciler) -> None:
        await queue.redis.zadd(QUEUE, {"no conversion": 1})
        for second in (10, 70, 130):
            await reconciler.reconcile(now=at(second))

        assert await queue.depth() == 0


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_thousands_of_conversions_are_brought_back_within_seconds(
    queue: Queue, reconciler: Reconciler, count: int
) -> None:
    person = await somebody()
    rows = [row(person, number) for number in range(count)]
    await models.Conversion.bulk_create(rows, batch_size=1000)
    began = time.monotonic()
    assert (await reconciler.reconcile(now=at(60)))["queued"] == count
    brought = time.monotonic()
    assert set((await reconciler.reconcile(now=at(120))).values()) == {0}

    assert await queue.depth() == count
    assert brought - began < 60
    assert time.monotonic() - brought < 20


def row(person: UUID, number: int) -> models.Conversion:
    return models.Conversion(
        id=uuid4(),
        person_id=person,
        state=State.QUEUED,
        picture_hash=f"{number:064}",
        correlation=str(number),
        accepted_at=at(number / 10_000),
        queued_at=at(number / 10_000),
    )
