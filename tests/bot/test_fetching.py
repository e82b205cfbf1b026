"""What was promised and is still to be fetched: by whoever lives, again while it may pass, and to a told end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot import fetching as module
from bot.fetching import CannotFetch, Fetching
from bot.intake import MAX_BYTES, Intake, Wanted
from config.settings import Settings
from ocr_worker.cards import CardIndex
from storage import conversions
from storage.blobs import FileBlobs
from storage.errors import PictureStoreFull
from storage.queue import Queue
from storage.records import ConversionRecord, State
from tests.bot.product import library_of
from tests.fakes.deck_reader import picture
from tests.making import message_of, somebody
from tests.ocr_worker.test_jobs import blobs

__all__ = ["blobs"]
pytestmark = pytest.mark.usefixtures("database")

NOW = datetime.now(UTC)


class Platform:
    """Gives what it is asked for, or fails in turn as it is told to."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def fetch(self, _: Any) -> bytes:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


Builds = Callable[..., Fetching]


@pytest.fixture
def build(queue: Queue, blobs: FileBlobs, settings: Settings, index: CardIndex, monkeypatch: Any) -> Builds:
    """Makes what fetches in a process; nobody waits between tries."""
    monkeypatch.setattr(module, "wait_exponential_jitter", lambda **_: lambda _: 0.0)

    def fetching(platform: Platform, later: timedelta = timedelta(), with_blobs: Any = blobs) -> Fetching:
        intake = Intake(queue, with_blobs, settings, clock=lambda: NOW)
        return Fetching({"fake": platform}, intake, queue, library_of(index), lambda: NOW + later)

    return fetching


async def promised(fetching: Fetching, **source: Any) -> ConversionRecord:
    """Of a picture that somebody has posted there."""
    post = uuid4()
    wanted = Wanted("deck.png", {"platform": "fake"} | source)
    [one] = await fetching.intake.promise(await somebody(), [wanted], community="", post=post, message=message_of(post))
    return one


async def ended(fetching: Fetching, identity: UUID) -> ConversionRecord:
    await fetching._tasks.settle()
    return await conversions.conversion(identity)


async def test_a_fetched_picture_waits_for_its_reader(build: Builds, queue: Queue) -> None:
    fetching = build(Platform(picture()))
    one = await promised(fetching)
    fetching.start(one)
    assert (await ended(fetching, one.id)).state is State.QUEUED
    assert await queue.all_ids() == [str(one.id)]


async def test_what_may_pass_is_tried_again(build: Builds) -> None:
    fetching = build(platform := Platform(OSError("reset"), TimeoutError(), picture()))
    one = await promised(fetching)
    fetching.start(one)
    assert ((await ended(fetching, one.id)).state, platform.asked) == (State.QUEUED, 3)


@pytest.mark.parametrize(
    ("answers", "code", "asked"),
    [
        ((CannotFetch("gone"),), "gone", 1),
        ((OSError(), OSError(), OSError()), "fetch_failed", 3),
        ((b"",), "fetch_failed", 1),
        ((bytes(MAX_BYTES + 1),), "too_large_file", 1),
    ],
)
async def test_what_cannot_be_fetched_has_a_told_end(
    build: Builds, queue: Queue, answers: tuple[bytes | Exception, ...], code: str, asked: int
) -> None:
    fetching = build(platform := Platform(*answers))
    one = await promised(fetching)
    fetching.start(one)
    found = await ended(fetching, one.id)
    assert (found.state, found.code, platform.asked) == (State.FAILED, code, asked)
    assert await queue.all_ids() == []


async def test_a_platform_that_this_process_does_not_have_is_no_wait_for_ever(build: Builds) -> None:
    fetching = build(platform := Platform())
    one = await promised(fetching, platform="another")
    fetching.start(one)
    assert ((await ended(fetching, one.id)).state, platform.asked) == (State.FAILED, 0)


async def test_a_full_store_is_told_to_who_waits(build: Builds) -> None:
    class Full:
        async def put(self, _: bytes) -> str:
            raise PictureStoreFull("The disk for pictures is full.")

    fetching = build(Platform(picture()), with_blobs=Full())
    one = await promised(fetching)
    fetching.start(one)
    found = await ended(fetching, one.id)
    assert (found.state, found.code) == (State.FAILED, "store_full")


async def test_what_another_process_did_not_live_to_fetch_is_fetched_once(build: Builds) -> None:
    first = build(Platform())
    one = await promised(first)

    early = build(platform := Platform(picture()))
    await early.recover()
    assert platform.asked == 0, "whoever accepted it may be about to fetch it"

    later = build(platform, later=timedelta(seconds=11))
    await later.recover()
    await later.recover()
    assert ((await ended(later, one.id)).state, platform.asked) == (State.QUEUED, 1)
    await later.recover()
    assert platform.asked == 1


async def test_a_text_needs_no_platform_and_no_reader(build: Builds, queue: Queue) -> None:
    fetching = build(platform := Platform())
    one = await promised(fetching, text="4 Opt\n4 Shock\n52 Island")
    fetching.start(one)
    assert ((await ended(fetching, one.id)).state, platform.asked) == (State.DONE, 0)
    assert await queue.all_ids() == []


async def test_a_text_that_is_no_list_is_refused_with_a_reason(build: Builds) -> None:
    fetching = build(Platform())
    one = await promised(fetching, text="what a lovely day")
    fetching.start(one)
    found = await ended(fetching, one.id)
    assert found.code == "bad_list"
    assert found.sentence
