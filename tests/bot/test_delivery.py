"""Delivery to a platform that stands in: at least once, in order, the newest state, whatever it answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot import delivery
from bot.delivery import Delivery, TryLater, Undeliverable
from storage import conversions, outbox
from storage.database import Database
from storage.embedded import EmbeddedRedis
from storage.outbox import LEASE
from storage.queue import Queue, Signal, open_queue
from storage.records import MessageRecord, NewMessage
from tests.fakes.chat_platform import FakePlatform
from tests.making import WORKER, accepted, somebody
from tests.processes import eventually

pytestmark = pytest.mark.usefixtures("database")


class Clock:
    """The machine's clock, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def one(queue: Queue, clock: Clock, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """The delivery of a process, with short rounds."""
    monkeypatch.setattr(delivery, "_ROUND_S", 0.02)
    return Delivery({platform.name: platform}, queue, clock)


@asynccontextmanager
async def running(one: Delivery) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def posted(clock: Clock, subject: str, chat: str = "chat", platform: str = "fake") -> None:
    await outbox.post(NewMessage(platform, chat, "notice", subject), now=clock())


async def stored(subject: str, kind: str = "notice") -> MessageRecord:
    [message] = await outbox.messages_of(kind, subject)
    return message


async def all_delivered(platform: FakePlatform, count: int) -> None:
    assert await eventually(lambda: len(platform.log) >= count), platform.log


class TestOrdinarily:
    async def test_a_message_is_sent_once_and_edited_after_that(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        await posted(clock, "1")
        async with running(one):
            await all_delivered(platform, 1)
            await outbox.want_newer("notice", "1", now=clock(), is_final=True)
            await all_delivered(platform, 2)
            await asyncio.sleep(0.1)

        assert platform.log == ["send 1", "edit 1"]
        assert platform.shown == {"1": "final"}
        message = await stored("1")
        assert (message.delivered, message.wanted, message.place) == (2, 2, {"id": 1})

    async def test_only_the_newest_of_many_states_is_shown(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        await posted(clock, "1")
        for _ in range(5):
            await outbox.want_newer("notice", "1", now=clock(), is_final=False)
        await one.finish(10)

        assert (platform.log, platform.shown) == (["send 1"], {"1": "state 6"})

    async def test_a_signal_wakes_it_at_once(
        self, one: Delivery, clock: Clock, queue: Queue, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "_ROUND_S", 3600)
        async with running(one):
            while not (await queue.redis.pubsub_numsub("s2d:control:signals"))[0][1]:
                await asyncio.sleep(0.01)
            await posted(clock, "1")
            await queue.signal(Signal("outbox"))
            await all_delivered(platform, 1)

    async def test_messages_of_a_chat_keep_their_order(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        for number in range(10):
            await posted(clock, str(number))
        async with running(one):
            await all_delivered(platform, 10)

        assert platform.log == [f"send {number}" for number in range(10)]

    async def test_nothing_of_it_goes_on_when_it_is_stopped(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        platform.blocked["chat"] = asyncio.Event()
        await posted(clock, "1")
        before = asyncio.all_tasks()
        async with running(one):
            await platform.has_begun.wait()
        assert asyncio.all_tasks() <= before

    async def test_other_processes_platforms_are_left_to_them(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        await posted(clock, "1", platform="other")
        await one.finish(5)

        assert platform.log == []
        assert await outbox.pending_count() == 1

    async def test_of_two_processes_one_delivers(self, one: Delivery, clock: Clock, platform: FakePlatform) -> None:
        other = Delivery({platform.name: platform}, one.queue, clock)
        for number in range(10):
            await posted(clock, str(number), chat=f"chat {number}")
        async with running(one), running(other):
            await all_delivered(platform, 10)
            await asyncio.sleep(0.1)

        assert sorted(platform.log) == [f"send {number}" for number in range(10)]

    async def test_a_slow_chat_holds_no_other(self, one: Delivery, clock: Clock, platform: FakePlatform) -> None:
        platform.blocked["slow"] = asyncio.Event()
        for number in range(210):
            await posted(clock, f"slow {number}", chat="slow")
        async with running(one):
            await platform.has_begun.wait()
            await posted(clock, "quick", chat="quick")
            await all_delivered(platform, 1)

        assert platform.log == ["send quick"]


class TestTrouble:
    async def test_the_platform_says_when_to_try_again_and_its_chat_waits_in_order(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        platform.failures["1"] = [TryLater(1.0)]
        await posted(clock, "1")
        await posted(clock, "2")
        async with running(one):
            await all_delivered(platform, 3)

        assert platform.log == ["fail 1", "send 1", "send 2"]

    async def test_other_chats_do_not_wait_with_it(self, one: Delivery, clock: Clock, platform: FakePlatform) -> None:
        platform.failures["1"] = [TryLater(3600)]
        await posted(clock, "1")
        await posted(clock, "2", chat="other")
        async with running(one):
            await all_delivered(platform, 2)

        assert set(platform.log) == {"fail 1", "send 2"}

    async def test_what_can_never_be_delivered_is_given_up_and_the_next_follows(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        platform.failures["1"] = [Undeliverable("the chat is gone")]
        await posted(clock, "1")
        await posted(clock, "2")
        await one.finish(10)

        assert platform.log == ["fail 1", "send 2"]
        assert await outbox.pending_count() == 0

    async def test_whatever_else_happens_is_tried_again_later_and_later(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        platform.failures["1"] = [ConnectionResetError("gone"), KeyError("a defect")]
        await posted(clock, "1")
        waits = []
        for _ in range(2):
            before = clock()
            await one.finish(10)
            waits.append(((await stored("1")).due_at - before).total_seconds())
            clock.ahead += timedelta(seconds=10)
        await one.finish(10)

        assert 0.7 <= waits[0] <= 5
        assert waits[0] < waits[1] <= 10
        assert platform.log == ["fail 1", "fail 1", "send 1"]
        assert (await stored("1")).attempts == 0

    async def test_what_fails_for_a_day_is_given_up(self, one: Delivery, clock: Clock, platform: FakePlatform) -> None:
        platform.failures["1"] = [ConnectionResetError("gone")]
        await posted(clock, "1")
        clock.ahead = timedelta(hours=25)
        await one.finish(10)

        assert await outbox.pending_count() == 0

    async def test_a_platform_that_hangs_is_left_before_the_lease_is_over(
        self, one: Delivery, clock: Clock, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert LEASE.total_seconds() > delivery._SEND_S
        monkeypatch.setattr(delivery, "_SEND_S", 0.05)
        platform.blocked["chat"] = asyncio.Event()
        await posted(clock, "1")
        await one.finish(10)

        assert (await stored("1")).attempts == 1

    async def test_what_a_process_had_begun_when_it_died_is_delivered_by_the_next(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        await posted(clock, "1")
        assert await outbox.lease(await stored("1"), now=clock())
        await one.finish(10)
        assert platform.log == []

        clock.ahead = LEASE
        await one.finish(10)
        assert platform.log == ["send 1"]

    async def test_messages_come_without_redis_too(
        self, clock: Clock, platform: FakePlatform, tmp_path: Path, one: Delivery
    ) -> None:
        await one.queue.redis.aclose()
        await posted(clock, "1")
        await one.finish(10)

        assert platform.log == ["send 1"]


class TestProgress:
    @pytest.fixture
    async def conversion(self, clock: Clock, one: Delivery) -> str:
        """A conversion that a worker reads, and whose message was sent."""
        record = await accepted(await somebody(), at=clock(), chat="chat")
        await conversions.claim(record.id, WORKER, now=clock())
        await one.finish(10)
        return str(record.id)

    async def test_a_stage_edits_the_message_and_not_more_than_once_a_second(
        self, one: Delivery, conversion: str, platform: FakePlatform
    ) -> None:
        for _ in range(5):
            await one._show_progress(conversion)

        assert platform.log == [f"send {conversion}", f"edit {conversion}"]

    async def test_a_stage_never_overwrites_the_end(
        self, one: Delivery, conversion: str, platform: FakePlatform, clock: Clock
    ) -> None:
        await conversions.cancel((await stored(conversion, "post")).id, "no such", now=clock())
        await outbox.want_newer("post", conversion, now=clock(), is_final=True)
        await one._show_progress(conversion)
        await one.finish(10)
        await one._show_progress(conversion)

        assert platform.shown[conversion] == "final"
        assert platform.log == [f"send {conversion}", f"edit {conversion}"]

    async def test_a_stage_that_is_being_shown_is_followed_by_the_end(
        self, one: Delivery, conversion: str, platform: FakePlatform, clock: Clock
    ) -> None:
        platform.blocked["chat"] = asyncio.Event()
        platform.has_begun.clear()
        showing = asyncio.create_task(one._show_progress(conversion))
        await platform.has_begun.wait()
        await outbox.want_newer("post", conversion, now=clock(), is_final=True)
        finishing = asyncio.create_task(one.finish(10))
        await asyncio.sleep(0.05)
        platform.blocked["chat"].set()
        await asyncio.gather(showing, finishing)

        assert platform.shown[conversion] == "final"

    async def test_a_stage_that_cannot_be_shown_is_forgotten(
        self, one: Delivery, conversion: str, platform: FakePlatform
    ) -> None:
        platform.failures[conversion] = [TryLater(60)]
        await one._show_progress(conversion)

        assert await outbox.pending_count() == 0

    async def test_a_stage_of_something_unknown_is_nothing(self, one: Delivery, platform: FakePlatform) -> None:
        await one._show_progress(str(uuid4()))
        assert platform.log == []


class TestAClockThatIsSetBack:
    async def test_what_was_put_off_is_due_at_once(self, one: Delivery, clock: Clock, platform: FakePlatform) -> None:
        clock.ahead = timedelta(hours=1)
        platform.failures["a"] = [TryLater(60)]
        async with running(one):
            await posted(clock, "a")
            assert await eventually(lambda: one._resting)
            clock.ahead = timedelta()
            await all_delivered(platform, 2)
        assert platform.log == ["fail a", "send a"]

    async def test_a_time_that_was_read_before_and_written_after_is_found_too(
        self, one: Delivery, clock: Clock, platform: FakePlatform
    ) -> None:
        clock.ahead = timedelta(hours=1)
        async with running(one):
            assert await eventually(lambda: one._clock_lead is not None)
            before = clock()
            clock.ahead = timedelta()
            assert await eventually(lambda: one._set_back_at > 0)
            await outbox.post(NewMessage("fake", "chat", "notice", "late"), now=before)
            await all_delivered(platform, 1)


async def test_it_goes_on_while_redis_is_away(
    database: Database, clock: Clock, platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.processes import running as process

    monkeypatch.setattr(delivery, "_ROUND_S", 0.02)
    server = EmbeddedRedis(tmp_path / "own")
    await server.prepare()
    with process(server.command()) as own:
        while not await server.is_up():
            await asyncio.sleep(0.02)
        async with open_queue(server.url) as queue, running(Delivery({"fake": platform}, queue, clock)):
            own.kill()
            own.wait()
            await posted(clock, "1")
            await all_delivered(platform, 1)
