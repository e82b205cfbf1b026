"""Where pictures come in: what is refused with which words, what is promised whatever is away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot.intake import MAX_BYTES, Intake, NotAccepted, Submission
from config.settings import Settings
from storage import conversions, models, outbox, people
from storage.blobs import FileBlobs
from storage.embedded import EmbeddedRedis
from storage.errors import PictureStoreFull
from storage.queue import Queue, open_queue
from storage.records import State
from tests.making import message_of, somebody
from tests.ocr_worker.test_jobs import Makes, blobs, make, reader
from tests.processes import running
from tests.storage.test_queue import ANNA

__all__ = ["blobs", "make", "reader"]
pytestmark = pytest.mark.usefixtures("database")

NOW = datetime.now(UTC)
Builds = Callable[..., Intake]


@pytest.fixture
def build(queue: Queue, blobs: FileBlobs, settings: Settings) -> Builds:
    """Makes the intake of a process with some settings."""

    def intake(with_blobs: Any = blobs, with_queue: Queue = queue, **changes: Any) -> Intake:
        return Intake(with_queue, with_blobs, settings.model_copy(update=changes), clock=lambda: NOW)

    return intake


async def refused(intake: Intake, person: UUID, data: bytes = b"picture") -> NotAccepted:
    with pytest.raises(NotAccepted) as refusal:
        await intake.submit(Submission(person, data))
    return refusal.value


async def test_a_picture_is_kept_promised_queued_and_shown(build: Builds, queue: Queue, blobs: FileBlobs) -> None:
    submission = Submission(await somebody(), b"picture", "deck\0.png", community="guild")
    one = await build().submit(submission, message_of)

    assert (one.state, one.picture_name, one.community) == (State.QUEUED, "deck.png", "guild")
    assert one.correlation == submission.correlation
    assert await blobs.get(str(one.picture_hash)) == b"picture"
    assert await queue.all_ids() == [str(one.id)]
    assert len(await outbox.messages_of("post", str(one.id))) == 1


async def test_an_empty_picture_is_refused(build: Builds) -> None:
    refusal = await refused(build(), await somebody(), b"")

    assert (refusal.code, str(refusal)) == ("empty", "This picture is empty: send it again.")


async def test_a_picture_that_is_too_large_is_refused_with_both_sizes(build: Builds) -> None:
    refusal = await refused(build(), await somebody(), bytes(MAX_BYTES + 10_000_000))

    assert refusal.code == "too_large"
    assert str(refusal) == "This picture has 30 MB, and 20 MB is the most: send a smaller one."
    await build().submit(Submission(await somebody(), bytes(MAX_BYTES)))


async def test_a_full_store_refuses_and_promises_nothing(build: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> str:
        raise PictureStoreFull("The disk for pictures is full.")

    monkeypatch.setattr(FileBlobs, "put", full)
    refusal = await refused(build(), await somebody())

    assert (refusal.code, refusal.retry_s) == ("store_full", 300)
    assert str(refusal) == "There is no space for pictures at the moment: send it again in some minutes."
    assert await models.Conversion.all().count() == 0


async def test_limits_are_told_with_the_time_of_the_next_try(build: Builds) -> None:
    person = await somebody()
    intake = build(pictures_per_hour=2, pictures_at_once=1)
    first = await intake.submit(Submission(person, b"1"))
    assert (await refused(intake, person)).code == "at_once"
    await conversions.cancel(first.id, "You took it back.", now=NOW)
    second = await intake.submit(Submission(person, b"2"))
    await conversions.cancel(second.id, "You took it back.", now=NOW)

    refusal = await refused(intake, person)
    assert (refusal.code, refusal.retry_s) == ("per_hour", 3600)
    assert str(refusal) == "You have sent 2 pictures within an hour: the next one can be read in 60 minutes."


async def test_who_is_banned_is_told_so(build: Builds) -> None:
    person = await somebody()
    await people.ban(person, NOW + timedelta(days=1))

    assert str(await refused(build(), person)) == "You cannot send pictures here."


async def test_a_crowd_is_told_to_come_back(build: Builds) -> None:
    intake = build(queue_limit=1)
    await intake.submit(Submission(await somebody("one"), b"1"))
    assert (await intake.submit(Submission(await somebody("two"), b"2"))).state is State.HELD
    refusal = await refused(intake, await somebody("three"))

    assert str(refusal) == "Too many pictures are waiting at the moment: send yours again in 5 minutes."


async def test_the_same_picture_again_is_answered_from_the_cache_without_a_job(
    build: Builds, queue: Queue, make: Makes
) -> None:
    await queue.say_alive(ANNA)
    intake = build()
    first = await intake.submit(Submission(await somebody("one"), b"same"))
    await make().run(first.id)
    await queue.remove([first.id])

    again = await intake.submit(Submission(await somebody("two"), b"same"), message_of)

    assert (again.state, again.from_cache) == (State.DONE, True)
    assert await queue.depth() == 0


async def test_without_a_worker_nobody_knows_which_results_count(build: Builds, make: Makes) -> None:
    intake = build()
    first = await intake.submit(Submission(await somebody("one"), b"same"))
    await make().run(first.id)

    assert (await intake.submit(Submission(await somebody("two"), b"same"))).state is State.QUEUED


async def test_a_promise_is_made_while_redis_is_away(build: Builds, tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "own")
    await server.prepare()
    with running(server.command()) as process:
        while not await server.is_up():
            pass
        async with open_queue(server.url) as queue:
            process.kill()
            process.wait()
            one = await build(with_queue=queue).submit(Submission(await somebody(), b"picture"), message_of)

    assert (await conversions.conversion(one.id)).state is State.QUEUED
