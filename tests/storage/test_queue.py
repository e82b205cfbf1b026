"""The queue on a real server: order, removal, signals, locks, and what its absence looks like."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from arq.constants import in_progress_key_prefix, job_key_prefix

from config.settings import SettingsError
from storage.embedded import EmbeddedRedis
from storage.errors import QueueUnreachable
from storage.queue import JOB, QUEUE, Queue, Signal, WorkerRecord, deserialise, open_queue, redis_settings, serialise
from tests.processes import running, until

ANNA = WorkerRecord(
    name="anna/1",
    process=1,
    host="anna",
    release="0.1.0",
    engine="stub",
    pipeline="stub-1",
    started=1.0,
    seen=2.0,
    conversion=None,
    done=0,
    failed=0,
    memory=1000,
)


def present() -> datetime:
    return datetime.now(UTC)


async def added(queue: Queue, count: int, **how: int) -> list[UUID]:
    """Conversions that were queued one after another."""
    ids = [uuid4() for _ in range(count)]
    for number, one in enumerate(ids):
        assert await queue.enqueue(one, since=present() + timedelta(milliseconds=number), **how)
    return ids


async def order(queue: Queue) -> list[UUID]:
    return [UUID(one) for one in await queue.all_ids()]


class TestOrder:
    async def test_who_comes_first_is_first(self, queue: Queue) -> None:
        ids = await added(queue, 5)

        assert await order(queue) == ids
        assert [await queue.place(one) for one in ids] == [0, 1, 2, 3, 4]
        assert await queue.place(uuid4()) is None
        assert await queue.depth() == 5

    async def test_a_first_picture_comes_before_anothers_tenth(self, queue: Queue) -> None:
        now = present()
        many = [uuid4() for _ in range(10)]
        for ahead, one in enumerate(many):
            await queue.enqueue(one, since=now, ahead=ahead)
        first = uuid4()
        await queue.enqueue(first, since=now + timedelta(seconds=30))

        assert await order(queue) == [many[0], first, *many[1:]]

    async def test_nobody_waits_behind_newcomers_for_ever(self, queue: Queue) -> None:
        tenth, first = uuid4(), uuid4()
        await queue.enqueue(tenth, since=present() - timedelta(minutes=10), ahead=9)
        await queue.enqueue(first, since=present())

        assert await order(queue) == [tenth, first]

    async def test_whatever_is_not_deferred_may_run_now(self, queue: Queue) -> None:
        await queue.enqueue(uuid4(), since=present(), ahead=1000)

        assert await queue.redis.zcount(QUEUE, "-inf", present().timestamp() * 1000) == 1

    async def test_a_deferred_job_is_not_due_before_its_time(self, queue: Queue) -> None:
        await queue.enqueue(uuid4(), since=present(), delay_s=60)

        assert await queue.redis.zcount(QUEUE, "-inf", (present().timestamp() + 50) * 1000) == 0
        assert await queue.redis.zcount(QUEUE, "-inf", (present().timestamp() + 61) * 1000) == 1


class TestJobs:
    async def test_a_job_is_json_with_an_id_and_nothing_else(self, queue: Queue) -> None:
        [one] = await added(queue, 1)
        stored = json.loads(await queue.redis.get(job_key_prefix + str(one)) or b"")

        assert (stored["f"], stored["a"], stored["k"]) == (JOB, [str(one)], {})

    async def test_a_job_is_kept_for_a_month(self, queue: Queue) -> None:
        [one] = await added(queue, 1)
        left = await queue.redis.ttl(job_key_prefix + str(one))

        assert timedelta(days=27) < timedelta(seconds=left) < timedelta(days=31)

    async def test_the_same_conversion_is_queued_once(self, queue: Queue) -> None:
        [one] = await added(queue, 1)

        assert not await queue.enqueue(one, since=present())
        assert await queue.depth() == 1

    async def test_of_many_at_once_one_queues_it(self, queue: Queue) -> None:
        one = uuid4()
        added = await asyncio.gather(*(queue.enqueue(one, since=present()) for _ in range(5)))

        assert sorted(added) == [False] * 4 + [True]

    async def test_what_is_removed_can_be_queued_anew(self, queue: Queue) -> None:
        first, second = await added(queue, 2)
        await queue.show_progress(first, first, "reading")
        await queue.remove([first])
        await queue.remove([])

        assert await order(queue) == [second]
        assert await queue.progress(first) is None
        assert await queue.enqueue(first, since=present())

    async def test_a_job_whose_worker_died_is_free_at_once(self, queue: Queue) -> None:
        [one] = await added(queue, 1)
        await queue.redis.set(in_progress_key_prefix + str(one), b"1")
        await queue.free([one])
        await queue.free([])

        assert not await queue.redis.exists(in_progress_key_prefix + str(one))

    @pytest.mark.parametrize("lost", ["both", "job", "place"])
    async def test_what_is_missing_is_found_and_can_be_queued_again(self, queue: Queue, lost: str) -> None:
        kept, gone = await added(queue, 2)
        if lost != "place":
            await queue.redis.delete(job_key_prefix + str(gone))
        if lost != "job":
            await queue.redis.zrem(QUEUE, str(gone))
        assert await queue.missing([kept, gone]) == [gone]
        assert await queue.missing([]) == []

        assert await queue.enqueue(gone, since=present())
        assert await queue.missing([kept, gone]) == []

    def test_what_is_no_json_is_told_in_words(self) -> None:
        assert deserialise(serialise({"r": ValueError("odd"), "t": 1})) == {"r": "ValueError('odd')", "t": 1}


class TestWorkers:
    async def test_workers_that_live_are_listed_by_name(self, queue: Queue) -> None:
        assert await queue.workers() == []
        bert = replace(ANNA, name="bert/1", conversion=str(uuid4()))
        for worker in (bert, ANNA, replace(ANNA, done=3)):
            await queue.say_alive(worker)

        assert await queue.workers() == [replace(ANNA, done=3), bert]
        await queue.say_gone("anna/1")
        assert await queue.workers() == [bert]

    async def test_a_worker_that_says_nothing_is_gone_by_itself(self, queue: Queue) -> None:
        await queue.say_alive(ANNA)

        assert 0 < await queue.redis.pttl("s2d:control:worker:anna/1") <= 6000


class TestSignals:
    async def test_who_listens_hears(self, queue: Queue) -> None:
        signals = queue.signals()
        heard = asyncio.create_task(anext(signals))
        while not await queue.redis.publish("s2d:control:signals", json.dumps({"kind": "outbox", "id": "1"})):
            await asyncio.sleep(0.01)

        assert await heard == Signal("outbox", "1")
        await queue.show_progress(UUID(int=1), UUID(int=1), "reading")
        assert await anext(signals) == Signal("progress", str(UUID(int=1)))
        await signals.aclose()  # type: ignore[attr-defined]

    async def test_workers_hear_of_jobs(self, queue: Queue) -> None:
        calls = queue.calls()
        heard = asyncio.create_task(anext(calls))
        while not (await queue.redis.pubsub_numsub("s2d:control:calls"))[0][1]:
            await asyncio.sleep(0.01)
        await added(queue, 1)

        assert await heard is False
        assert await queue.depth() == 1
        await calls.aclose()  # type: ignore[attr-defined]

    async def test_nobody_needs_to_listen(self, queue: Queue) -> None:
        await queue.signal(Signal("outbox"))

    async def test_progress_is_the_stage_that_was_told_last(self, queue: Queue) -> None:
        one = uuid4()
        await queue.show_progress(one, one, "decoding")
        await queue.show_progress(one, one, "reading")

        assert await queue.progress(one) == "reading"
        assert await queue.progress(uuid4()) is None


class TestLocks:
    async def test_a_lock_is_one_owners_until_given_back(self, queue: Queue) -> None:
        assert await queue.lock("name", "one", 60)
        assert await queue.lock("name", "one", 60)
        assert not await queue.lock("name", "two", 60)
        await queue.unlock("name", "two")
        assert not await queue.lock("name", "two", 60)
        await queue.unlock("name", "one")
        assert await queue.lock("name", "two", 60)

    async def test_taking_it_again_prolongs_it(self, queue: Queue) -> None:
        await queue.lock("name", "one", 10)
        await queue.lock("name", "one", 1000)

        assert await queue.redis.pttl("s2d:lock:name") > 20_000

    async def test_a_lock_of_an_owner_who_died_ends_by_itself(self, queue: Queue) -> None:
        await queue.lock("name", "one", 0.05)
        while not await queue.lock("name", "two", 60):
            await asyncio.sleep(0.01)


class TestAddresses:
    @pytest.mark.parametrize("address", ["http://host", "host:6379", "redis://host:port", "", "redis://host/name"])
    def test_what_is_no_address_is_told(self, address: str) -> None:
        with pytest.raises(SettingsError, match=r"^REDIS_URL must be redis://"):
            redis_settings(address, patience=1)

    def test_a_password_may_hold_anything(self) -> None:
        settings = redis_settings("rediss://us%40er:p%2Fa%3As@host:1/2", patience=1)

        assert (settings.username, settings.password) == ("us@er", "p/a:s")
        assert (settings.host, settings.port, settings.database, settings.ssl) == ("host", 1, 2, True)

    async def test_nobody_there_is_a_sentence(self, tmp_path: Path) -> None:
        for address in ("redis://127.0.0.1:1", f"unix://{tmp_path}/nobody.sock"):
            with pytest.raises(QueueUnreachable, match=r"^The Redis server does not answer"):
                async with open_queue(address):
                    pass


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A server of its own, which a test may kill."""
    server = EmbeddedRedis(tmp_path)
    await server.prepare()
    yield server
    server.socket.unlink(missing_ok=True)


async def test_a_server_that_dies_is_told_by_every_call_and_its_return_is_noticed(mortal: EmbeddedRedis) -> None:
    with running(mortal.command()) as process:
        await asyncio.to_thread(until, mortal.socket.is_socket)
        async with open_queue(mortal.url) as queue:
            [one] = await added(queue, 1)
            process.kill()
            process.wait()
            for call in (queue.ping(), queue.depth(), queue.workers(), queue.missing([one]), queue.lock("a", "b", 1)):
                with pytest.raises(QueueUnreachable):
                    await call
            with pytest.raises(QueueUnreachable):
                await anext(queue.signals())
            with running(mortal.command()):
                while not await mortal.is_up():
                    await asyncio.sleep(0.02)
                assert await order(queue) == [one]
