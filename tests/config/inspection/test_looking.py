"""A process looks at itself: where its threads are, where its time and memory go."""

import asyncio
import json
import threading

import pytest

from config.inspection import looking, memory, sampling
from config.inspection.sampling import document


async def test_a_look_tells_threads_tasks_and_files_and_no_values() -> None:
    secret = "correct-horse"  # noqa: S105
    found = await looking.look()

    assert any("looking.py" in one["at"] or "test_looking.py" in one["at"] for one in found["threads"])
    assert sum(found["tasks"].values()) >= 1
    assert found["memory_bytes"] > 1e6
    assert secret not in json.dumps(found)


async def test_what_works_is_seen_and_what_waits_is_not() -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            sum(range(1000))

    worker, waiter = threading.Thread(target=busy), threading.Thread(target=stop.wait)
    worker.start()
    waiter.start()
    try:
        found = await sampling.sample(0.3)
    finally:
        stop.set()
    worker.join()
    waiter.join()

    names = [frame["name"] for frame in found["shared"]["frames"]]
    assert any(name.endswith("busy") for name in names)
    assert not any(name.endswith("Event.wait") for name in names)
    [profile] = found["profiles"]
    assert len(profile["samples"]) == len(profile["weights"])
    assert profile["endValue"] == sum(profile["weights"])


def test_a_document_names_each_frame_once() -> None:
    outer, inner = ("f", "a.py", 1), ("g", "a.py", 9)
    found = document("CPU", {(outer,): 1.0, (outer, inner): 2.0}, "seconds")
    assert [frame["name"] for frame in found["shared"]["frames"]] == ["f", "g"]
    assert found["profiles"][0]["samples"] == [[0], [0, 1]]


async def test_growth_names_the_line_that_holds_memory() -> None:
    held: list[bytes] = []
    looking_on = asyncio.create_task(memory.growth(0.05, 5))
    await asyncio.sleep(0)
    held.extend(bytes(100_000) for _ in range(20))
    found = await looking_on

    assert found["sites"][0]["at"].startswith("inspection/test_looking.py:")
    assert found["sites"][0]["bytes"] >= 2_000_000
    assert found["document"]["profiles"][0]["unit"] == "bytes"


async def test_only_one_looks_at_a_time() -> None:
    first = asyncio.create_task(memory.growth(0.05, 5))
    await asyncio.sleep(0)
    with pytest.raises(memory.BusyError, match="memory is being looked at already"):
        await memory.growth(0.05, 5)
    await first
