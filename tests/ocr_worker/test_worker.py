"""arq's worker as it is run here: it hears of jobs, and finds what nobody told it of."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import utcnow
from config.settings import Settings
from config.tasks import Tasks
from ocr_worker import worker
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import conversions
from storage.blobs import FileBlobs
from storage.queue import Queue
from storage.records import ConversionRecord, State
from tests.fakes.reader import FakeReader
from tests.making import WORKER, accepted, somebody

LONG_S = 30.0


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "pictures")


@asynccontextmanager
async def working(
    queue: Queue, blobs: FileBlobs, settings: Settings, reader: FakeReader | None = None
) -> AsyncIterator[None]:
    """A worker with a reader that stands in."""
    limits = JobLimits(3, 45, timedelta(days=90))
    jobs = PictureJobs(WORKER, queue, blobs, reader or FakeReader(), "stub-1", limits, utcnow)
    running = Tasks()
    one = worker._arq_worker(queue, jobs, settings, running)
    running.start(worker._work(one))
    running.start(worker._hear(queue, jobs, one))
    while not (await queue.redis.pubsub_numsub("s2d:control:calls"))[0][1]:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # its first look is over
    try:
        yield
    finally:
        await running.close()


async def sent(blobs: FileBlobs, picture: bytes) -> ConversionRecord:
    return await accepted(await somebody(), picture_hash=await blobs.put(picture), at=utcnow())


async def seconds_until(holds: Callable[[], Awaitable[bool]]) -> float:
    start = time.monotonic()
    while not await holds():
        await asyncio.sleep(0.01)
    return time.monotonic() - start


def is_done(one: ConversionRecord) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return (await conversions.conversion(one.id)).state is State.DONE

    return look


@pytest.mark.usefixtures("database")
class TestPromptness:
    async def test_jobs_are_taken_when_they_are_queued_and_when_the_one_before_has_ended(
        self, queue: Queue, blobs: FileBlobs, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "_LOOK_S", LONG_S)
        monkeypatch.setattr(worker, "_BUSY_S", LONG_S)
        async with working(queue, blobs, settings):
            many = [await sent(blobs, f"picture {number}".encode()) for number in range(3)]
            for one in many:
                await queue.enqueue(one.id, since=one.accepted_at)
            assert sum([await seconds_until(is_done(one)) for one in many]) < LONG_S / 2

    async def test_a_job_that_nobody_told_of_is_found(
        self, queue: Queue, blobs: FileBlobs, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = await sent(blobs, b"picture")
        async with working(queue, blobs, settings):
            monkeypatch.setattr("storage.queue._CALLS", "nobody:listens:here")
            await queue.enqueue(one.id, since=one.accepted_at)
            assert await seconds_until(is_done(one)) < LONG_S / 2


@pytest.mark.usefixtures("database")
class TestOrders:
    async def test_a_paused_worker_takes_no_job_until_the_pause_is_over(
        self, queue: Queue, blobs: FileBlobs, settings: Settings
    ) -> None:
        reader = FakeReader()
        first, second = await sent(blobs, b"slow picture"), await sent(blobs, b"picture")
        async with working(queue, blobs, settings, reader):
            await queue.enqueue(first.id, since=first.accepted_at)
            await reader.has_begun.wait()
            await queue.pause(600)
            await queue.enqueue(second.id, since=second.accepted_at)
            reader.may_go.set()
            await seconds_until(is_done(first))
            await asyncio.sleep(3 * worker._LOOK_S)
            assert (await conversions.conversion(second.id)).state is State.QUEUED

            await queue.resume()
            await seconds_until(is_done(second))

    async def test_defect_6_a_job_that_is_cancelled_is_left_by_the_worker_that_reads_it(
        self, queue: Queue, blobs: FileBlobs, settings: Settings
    ) -> None:
        reader = FakeReader()
        first, second = await sent(blobs, b"slow picture"), await sent(blobs, b"picture")
        async with working(queue, blobs, settings, reader):
            await queue.enqueue(first.id, since=first.accepted_at)
            await reader.has_begun.wait()
            await conversions.cancel(first.id, "not wanted", now=utcnow())
            await queue.cancel(first.id)
            await queue.enqueue(second.id, since=second.accepted_at)
            await seconds_until(is_done(second))

            assert (await conversions.conversion(first.id)).state is State.CANCELLED
            reader.may_go.set()
            assert await conversions.open_again(first.id, "wanted after all", now=utcnow())
            await queue.enqueue(first.id, since=first.accepted_at)
            await seconds_until(is_done(first))


class TestItsOptions:
    async def test_defects_4_and_5_it_finishes_its_job_and_tells_by_itself_that_it_lives(
        self, queue: Queue, blobs: FileBlobs, settings: Settings
    ) -> None:
        for name in ("host/1", "host/2"):
            jobs = PictureJobs(name, queue, blobs, FakeReader(), "stub-1", JobLimits(), utcnow)
            one = worker._arq_worker(queue, jobs, settings, Tasks())
            assert one._job_completion_wait > settings.reading_seconds
            assert one.health_check_key == f"ocr:queue:health-check:{name}"
            assert one.health_check_interval <= 30
            assert worker._BEAT_S <= 2
