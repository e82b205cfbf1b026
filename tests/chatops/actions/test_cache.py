"""Caches on a real Redis-protocol server and a real database: cleared by prefix, and nothing else."""

import pytest

from storage import caching
from storage.caching import Cache
from storage.queue import Queue
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.making import accepted, finished, seconds, somebody
from tests.storage.test_queue import ANNA


async def fill(queue: Queue) -> None:
    for number in range(1200):
        await queue.redis.set(f"s2d:cache:cards:{number}", "x" * 100)
    await queue.redis.set("s2d:cache:exports:1", "x")


async def precious(queue: Queue) -> dict[str, object]:
    """Of everything that the runbook would have flushed."""
    one = await accepted(await somebody(), "a", pipeline=None)
    await queue.enqueue(one.id, since=one.accepted_at)
    await queue.say_alive(ANNA)
    await queue.lock("reading:x", "one", 60)
    await queue.show_progress(one.id, one.post, "reading")
    await queue.redis.set("s2d:session:1", "somebody")
    await queue.redis.set("s2d:cacheable", "no cache")
    return {
        key.decode(): await queue.redis.dump(key)
        async for key in queue.redis.scan_iter(match="*")
        if not key.startswith(b"s2d:cache:")
    }


class TestStats:
    async def test_hits_misses_and_what_is_kept_are_told(self, ops: Ops, queue: Queue) -> None:
        await finished(await somebody("one"), "same")
        await finished(await somebody("two"), "other")
        for number in range(4):
            await accepted(await somebody(f"p{number}"), "same")
        await queue.redis.set("s2d:cache:cards:1", "x" * 2000)
        ops.later(minutes=5)
        shown = await ops.done(VERA, "cache stats")
        assert shown.text == (
            "4 of 4 pictures of the last day that had been seen before came from the cache. That is 100%, normal. "
            "2 were new. 2 readings kept."
        )
        assert shown.data["readings"] == {"stub-1": 2}
        assert shown.data["redis"]["cards"]["keys"] == 1
        assert shown.data["redis"]["cards"]["bytes"] > 2000

    async def test_what_was_read_twice_is_named(self, ops: Ops) -> None:
        for name in ("one", "two", "three"):
            await finished(await somebody(name), "same")
        ops.later(minutes=5)
        shown = await ops.done(VERA, "cache stats")
        assert shown.data["read_twice"][0]["times"] == 3
        assert shown.text.startswith("0 of 2 pictures of the last day that had been seen before came from the cache.")

    async def test_an_empty_cache_is_told_too(self, ops: Ops) -> None:
        shown = await ops.done(VERA, "cache stats")
        assert shown.text.endswith("0 were new. No reading kept.")


class TestClear:
    @pytest.fixture(autouse=True)
    def no_hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A machine that is busy with other tests is not a Redis that is slow."""
        monkeypatch.setattr(caching, "_SLOW_S", 60.0)

    async def test_defect_3_only_the_caches_own_keys_are_dropped(self, ops: Ops, queue: Queue) -> None:
        before = await precious(queue)
        await fill(queue)
        plan = await ops.planned(OLGA, "cache clear", scope="all-cache")
        assert plan.summary.startswith("1,201 entries of all-cache would be dropped")
        cleared = await ops.done(OLGA, "cache clear", scope="all-cache")

        assert cleared.text == "1,201 entries dropped."
        assert cleared.data["redis"]["cards"]["keys"] == 1200
        assert cleared.data["redis"]["cards"]["bytes"] > 120_000
        after = {key.decode(): await queue.redis.dump(key) async for key in queue.redis.scan_iter(match="*")}
        assert after == before

    async def test_readings_are_dropped_so_that_pictures_are_read_again(self, ops: Ops, queue: Queue) -> None:
        await finished(await somebody("one"), "old")
        await finished(await somebody("two"), "new", at=seconds(3600))
        await queue.redis.set("s2d:cache:cards:1", "x")
        ops.later(hours=2)
        assert (await ops.done(OLGA, "cache clear", older_than="90m")).text == "1 entry dropped."
        assert await caching.reading_count() == 1
        assert (await ops.done(OLGA, "cache clear")).data["readings"] == 1
        assert await ops.refused(OLGA, "cache clear") == "Nothing is cached under ocr-results."
        assert await queue.redis.exists("s2d:cache:cards:1")

    async def test_it_stops_where_redis_is_slow(self, ops: Ops, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
        await fill(queue)
        plan_shown = await ops.planned(OLGA, "cache clear", scope="cards")
        assert plan_shown.summary.startswith("1,200")
        monkeypatch.setattr(caching, "_SLOW_S", 0.0)
        answer = await ops.answer(OLGA, "cache clear", scope="cards")
        assert not answer.ok
        assert "Redis became slow at cards, so the rest of it stays" in answer.text
        assert 0 < (await caching.keys(queue, Cache.CARDS)).count < 1200

    async def test_nothing_but_caches_can_be_named(self, ops: Ops) -> None:
        for scope in ("queue", "sessions", "*", "s2d:lock:"):
            assert (await ops.refused(OLGA, "cache clear", scope=scope)).startswith("scope: must be one of cards,")
        assert "needs the role operator" in await ops.refused(RITA, "cache clear")
