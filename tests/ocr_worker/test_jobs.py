"""Jobs of a worker, with a reader that stands in: no conversion is lost, none is tried for ever."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from ocr_worker.jobs import Again, JobLimits, PictureJobs
from storage import conversions, dead_letters, decks, outbox
from storage.blobs import FileBlobs
from storage.errors import DatabaseUnreachable
from storage.queue import Queue, Signal
from storage.readings import find_reading
from storage.records import ConversionRecord, State
from tests.fakes.reader import FakeReader
from tests.making import NOW, PLENTY, WORKER, accepted, finished, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")

OTHER = "host/2"
Makes = Callable[..., PictureJobs]


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "pictures")


@pytest.fixture
def make(queue: Queue, blobs: FileBlobs, reader: FakeReader) -> Makes:
    """Makes the jobs of a worker."""

    def jobs(worker: str = WORKER, attempts: int = 3, with_reader: FakeReader = reader) -> PictureJobs:
        limits = JobLimits(attempts=attempts, reading_s=45, deck_keeping=timedelta(days=90))
        return PictureJobs(worker, queue, blobs, with_reader, "stub-1", limits, clock=lambda: seconds(10))

    return jobs


@pytest.fixture
def jobs(make: Makes) -> PictureJobs:
    return make()


async def sent(blobs: FileBlobs, picture: bytes = b"picture", user: str = "player", **how: object) -> ConversionRecord:
    """A conversion whose picture is in the store."""
    key = await blobs.put(picture)
    changes = {"picture_hash": key, "chat": "chat", "quota": PLENTY, **how}
    return await accepted(await somebody(user), **changes)  # type: ignore[arg-type]


async def now(one: ConversionRecord) -> ConversionRecord:
    return await conversions.conversion(one.id)


async def is_told(one: ConversionRecord) -> bool:
    """Whether the last state goes to its chat."""
    [message] = await outbox.messages_of("post", str(one.id))
    return message.is_final and message.wanted > message.delivered


class TestEnds:
    async def test_a_picture_becomes_a_deck(self, jobs: PictureJobs, blobs: FileBlobs) -> None:
        one = await sent(blobs)
        assert await jobs.run(one.id) is None

        ended = await now(one)
        assert (ended.state, ended.worker, ended.from_cache) == (State.DONE, WORKER, False)
        assert dict(ended.timings) == {"reading": 0.5, "waiting": 10.0}
        assert (await decks.deck_of(one.id)).expires_at == seconds(10) + timedelta(days=90)
        assert await is_told(one)
        assert (jobs.done, jobs.failed, jobs.current) == (1, 0, None)

    async def test_its_stages_and_its_end_are_told(self, jobs: PictureJobs, blobs: FileBlobs, queue: Queue) -> None:
        one = await sent(blobs)
        told: list[Signal] = []

        async def listen() -> None:
            async for signal in queue.signals():
                told.append(signal)

        listening = asyncio.create_task(listen())
        while not (await queue.redis.pubsub_numsub("s2d:control:signals"))[0][1]:
            await asyncio.sleep(0.01)
        await jobs.run(one.id)
        while not told or told[-1].kind != "outbox":
            await asyncio.sleep(0.01)
        listening.cancel()

        assert [signal.kind for signal in told] == ["progress", "progress", "outbox"]
        assert {signal.id for signal in told} == {str(one.id)}
        assert await queue.progress(one.id) == "reading"

    async def test_a_refusal_is_an_end_that_others_get_from_the_cache(
        self, jobs: PictureJobs, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        first, second = await sent(blobs, b"no deck"), await sent(blobs, b"no deck", "other")
        await jobs.run(first.id)
        await jobs.run(second.id)

        assert [(await now(one)).state for one in (first, second)] == [State.REFUSED] * 2
        assert ((await now(second)).code, (await now(second)).from_cache) == ("no_deck", True)
        assert len(reader.read_pictures) == 1
        assert await dead_letters.dead_letter_count() == 0

    async def test_a_fresh_reading_is_nobody_elses(
        self, jobs: PictureJobs, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        first, second = await sent(blobs), await sent(blobs, is_fresh=True)
        await jobs.run(second.id)
        assert await find_reading(str(second.picture_hash), "stub-1") is None
        await jobs.run(first.id)

        assert len(reader.read_pictures) == 2

    async def test_a_job_whose_conversion_has_ended_or_is_unknown_does_nothing(
        self, jobs: PictureJobs, reader: FakeReader
    ) -> None:
        one = await finished(await somebody())

        assert await jobs.run(one.id) is None
        assert await jobs.run(uuid4()) is None
        assert reader.read_pictures == []

    async def test_a_picture_that_is_gone_is_told_its_owner_and_no_engineer(
        self, jobs: PictureJobs, blobs: FileBlobs
    ) -> None:
        one = await sent(blobs)
        await blobs.remove(str(one.picture_hash))
        assert await jobs.run(one.id) is None

        ended = await now(one)
        assert (ended.state, ended.code) == (State.FAILED, "picture_gone")
        assert ended.sentence == "Your picture is no longer kept, so it could not be read: send it again."
        assert await is_told(one)
        assert await dead_letters.dead_letter_count() == 0


class TestFailures:
    @pytest.mark.parametrize("picture", [b"crash", b"hang", b"memory"])
    async def test_a_picture_that_kills_its_reader_is_tried_three_times(
        self, jobs: PictureJobs, blobs: FileBlobs, picture: bytes
    ) -> None:
        one = await sent(blobs, picture)
        tries = [await jobs.run(one.id) for _ in range(3)]

        assert tries == [Again(1.0), Again(1.0), None]
        ended = await now(one)
        assert (ended.state, ended.attempts) == (State.FAILED, 3)
        assert "send" in str(ended.sentence)
        assert await is_told(one)
        [letter] = await dead_letters.dead_letters()
        assert (letter.conversion, letter.attempts) == (one.id, 3)
        assert letter.detail.endswith("in attempt 3")
        assert jobs.failed == 1

    async def test_a_defect_of_the_reader_is_not_tried_again(self, jobs: PictureJobs, blobs: FileBlobs) -> None:
        one = await sent(blobs, b"fault")
        assert await jobs.run(one.id) is None

        assert ((await now(one)).state, (await now(one)).code) == (State.FAILED, "ReadingFaulted")
        assert await dead_letters.dead_letter_count() == 1

    async def test_a_picture_that_killed_its_worker_each_time_is_given_up(
        self, make: Makes, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        one = await sent(blobs)
        for _ in range(3):
            await conversions.claim(one.id, OTHER, now=NOW)
            await conversions.release(OTHER, "it died", now=NOW)
        assert await make().run(one.id) is None

        assert (await now(one)).state is State.FAILED
        assert reader.read_pictures == []
        assert [letter.detail for letter in await dead_letters.dead_letters()] == ["its worker died each time"]

    async def test_without_a_reader_the_picture_waits_and_nothing_is_counted(
        self, jobs: PictureJobs, blobs: FileBlobs
    ) -> None:
        one = await sent(blobs, b"no reader")
        for _ in range(5):
            assert await jobs.run(one.id) == Again(5.0)

        assert ((await now(one)).state, (await now(one)).attempts) == (State.QUEUED, 0)

    async def test_the_next_picture_is_read_after_one_that_failed(self, jobs: PictureJobs, blobs: FileBlobs) -> None:
        bad, good = await sent(blobs, b"crash"), await sent(blobs, b"good")
        await jobs.run(bad.id)
        await jobs.run(good.id)

        assert (await now(good)).state is State.DONE


class TestTogether:
    async def test_identical_pictures_in_flight_are_read_once(
        self, make: Makes, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        first, second = await sent(blobs, b"slow"), await sent(blobs, b"slow", "other")
        one, other = make(WORKER), make(OTHER)
        reading = asyncio.create_task(one.run(first.id))
        await reader.has_begun.wait()

        assert await other.run(second.id) == Again(0.2)
        assert ((await now(second)).state, (await now(second)).attempts) == (State.QUEUED, 0)
        reader.may_go.set()
        await reading
        assert await other.run(second.id) is None
        assert (await now(second)).from_cache
        assert len(reader.read_pictures) == 1

    async def test_the_lock_of_a_picture_is_given_back_when_its_reading_failed(
        self, make: Makes, blobs: FileBlobs
    ) -> None:
        one = await sent(blobs, b"crash")
        await make(WORKER).run(one.id)

        assert await make(OTHER).run(one.id) == Again(1.0)
        assert (await now(one)).attempts == 2

    async def test_a_job_that_another_worker_runs_is_left_to_it(self, make: Makes, blobs: FileBlobs) -> None:
        one = await sent(blobs)
        await conversions.claim(one.id, OTHER, now=NOW)

        assert await make(WORKER).run(one.id) is None
        assert (await now(one)).worker == OTHER

    async def test_what_this_worker_took_and_lost_sight_of_is_tried_again(
        self, jobs: PictureJobs, blobs: FileBlobs
    ) -> None:
        one = await sent(blobs)
        await conversions.claim(one.id, WORKER, now=NOW)

        assert await jobs.run(one.id) == Again(0.0)
        assert await jobs.run(one.id) is None
        assert (await now(one)).state is State.DONE

    async def test_who_was_thought_dead_does_not_answer_for_its_successor(
        self, make: Makes, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        one = await sent(blobs, b"slow")
        reading = asyncio.create_task(make(WORKER).run(one.id))
        await reader.has_begun.wait()
        await conversions.release(WORKER, "it was not heard of", now=NOW)
        await conversions.claim(one.id, OTHER, now=NOW)
        reader.may_go.set()

        assert await reading is None
        assert ((await now(one)).state, (await now(one)).worker) == (State.RUNNING, OTHER)


class TestInterruptions:
    async def test_a_worker_that_stops_puts_its_picture_back_uncounted(
        self, jobs: PictureJobs, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        one = await sent(blobs, b"slow")
        reading = asyncio.create_task(jobs.run(one.id))
        await reader.has_begun.wait()
        assert jobs.current == one.id
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert ((await now(one)).state, (await now(one)).attempts) == (State.QUEUED, 0)
        assert jobs.current is None
        reader.may_go.set()
        assert await jobs.run(one.id) is None

    async def test_what_its_owner_cancels_meanwhile_stays_cancelled(
        self, jobs: PictureJobs, blobs: FileBlobs, reader: FakeReader
    ) -> None:
        one = await sent(blobs, b"slow")
        reading = asyncio.create_task(jobs.run(one.id))
        await reader.has_begun.wait()
        await conversions.cancel(one.id, "You took it back.", now=NOW)
        reader.may_go.set()
        await reading

        assert (await now(one)).state is State.CANCELLED
        assert await find_reading(str(one.picture_hash), "stub-1") is None

    @pytest.mark.parametrize("what", ["finish", "fail", "put_back"])
    async def test_a_database_that_is_away_at_the_end_is_waited_for(
        self, jobs: PictureJobs, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        picture = {"finish": b"good", "fail": b"fault", "put_back": b"crash"}[what]
        one = await sent(blobs, picture)
        real, refused = getattr(conversions, what), 0

        async def away_at_first(*args: object, **kwargs: object) -> bool:
            nonlocal refused
            if refused < 2:
                refused += 1
                raise DatabaseUnreachable("The database does not answer.")
            kept: bool = await real(*args, **kwargs)
            return kept

        monkeypatch.setattr(conversions, what, away_at_first)
        await jobs.run(one.id)

        assert refused == 2
        expected = {"finish": State.DONE, "fail": State.FAILED, "put_back": State.QUEUED}[what]
        assert (await now(one)).state is expected

    async def test_a_database_that_is_away_at_the_beginning_is_tried_later(
        self, jobs: PictureJobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_: object, **__: object) -> None:
            raise DatabaseUnreachable("The database does not answer.")

        monkeypatch.setattr(conversions, "claim", away)

        assert await jobs.run(uuid4()) == Again(1.0)
