"""The Redis server as it is looked at in the chat, on the real one."""

from storage.queue import Queue
from tests.chatops.acting import RITA, VERA, Ops
from tests.making import NOW, accepted, somebody


async def test_a_sign_of_life(ops: Ops) -> None:
    answer = await ops.done(VERA, "redis ping")
    assert answer.text.endswith("ms: master, append-only file.")


async def test_what_it_holds_by_family(ops: Ops, queue: Queue) -> None:
    one = await accepted(await somebody())
    await queue.enqueue(one.id, since=NOW)
    await queue.lock("x", "me", 60)

    answer = await ops.done(RITA, "redis info")

    assert "when full: noeviction" in answer.text
    assert answer.data["keys"] == {"jobs": 1, "locks": 1, "queue": 1}


async def test_a_server_that_forgets_is_told(ops: Ops, queue: Queue) -> None:
    await queue.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        said = await ops.refused(RITA, "redis info")
    finally:
        await queue.redis.config_set("maxmemory-policy", "noeviction")
    assert "forgets keys, and jobs with them: set maxmemory-policy noeviction" in said


async def test_keys_of_others_are_told(ops: Ops, queue: Queue) -> None:
    await queue.redis.set("session:1", "x")
    assert "1 keys are not of this product" in (await ops.done(RITA, "redis info")).text


async def test_when_it_saved(ops: Ops, queue: Queue) -> None:
    answer = await ops.done(VERA, "redis lastsave")
    assert "The append-only file is written; the server loads that at start, and no snapshot." in answer.text
    assert answer.data["append_only"] is True


async def test_a_server_without_an_append_only_file(ops: Ops, queue: Queue) -> None:
    await queue.redis.config_set("appendonly", "no")
    try:
        answer = await ops.done(VERA, "redis ping")
        assert "snapshots only" in answer.text
    finally:
        await queue.redis.config_set("appendonly", "yes")
