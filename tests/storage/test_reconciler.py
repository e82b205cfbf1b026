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


@pytest.fixture
def reconciler(queue: Queue) -> Reconciler:
    return Reconciler(queue)


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

    async def test_it_is_freed_when_the_workers_life_is_over(self, queue: Queue, reconciler: Reconciler) -> None:
        row = await self.held(queue)
        assert (await reconciler.reconcile(now=at(10)))["released"] == 0
        assert (await reconciler.reconcile(now=at(10 + WORKER_LIFE_S - 1)))["released"] == 0
        assert (await reconciler.reconcile(now=at(10 + WORKER_LIFE_S)))["released"] == 1

        again = await conversions.conversion(row.id)
        assert (again.state, again.attempts, again.worker) == (State.QUEUED, 1, None)
        assert not await queue.redis.exists(in_progress_key_prefix + str(row.id))
        assert await queue.all_ids() == [str(row.id)]

    async def test_glances_free_it_too_with_a_wiped_queue(self, queue: Queue, reconciler: Reconciler) -> None:
        row = await self.held(queue)
        await queue.redis.flushall()
        await reconciler.glance(now=at(10))
        await reconciler.glance(now=at(10 + WORKER_LIFE_S))

        assert (await conversions.conversion(row.id)).state is State.QUEUED
        assert await queue.all_ids() == [str(row.id)]

    async def test_a_worker_that_lives_keeps_it(self, queue: Queue, reconciler: Reconciler) -> None:
        row = await self.held(queue)
        await queue.say_alive(replace(ANNA, name=WORKER))
        for second in (10, 100):
            assert (await reconciler.reconcile(now=at(second)))["released"] == 0

        assert (await conversions.conversion(row.id)).state is State.RUNNING

    async def test_a_worker_that_came_back_in_time_keeps_it(self, queue: Queue, reconciler: Reconciler) -> None:
        await self.held(queue)
        await reconciler.reconcile(now=at(10))
        await queue.say_alive(replace(ANNA, name=WORKER))
        await reconciler.reconcile(now=at(12))
        await queue.say_gone(WORKER)

        assert (await reconciler.reconcile(now=at(100)))["released"] == 0

    async def test_what_a_worker_took_and_never_claimed_does_not_wait_for_its_time_to_be_over(
        self, queue: Queue, reconciler: Reconciler
    ) -> None:
        [row] = await waiting()
        await enqueued(queue, [row])
        await queue.redis.set(in_progress_key_prefix + str(row.id), b"1")
        for second in range(10, 30, 3):
            await reconciler.glance(now=at(second))

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
