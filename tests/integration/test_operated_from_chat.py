"""The product under its own supervisor, operated from a chat: what it does meanwhile is not lost."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from storage import conversions
from storage.records import State
from tests.chaos.driving import Players, Product, players
from tests.chaos.reader import Wish
from tests.integration.operated import PATIENCE_S, Chats, chats
from tests.integration.operated import product as running
from tests.shared import ROOT

pytestmark = pytest.mark.slow

READING_S = 4.0


@dataclass
class Operated:
    """A running product, its operations channels, and players beside."""

    product: Product
    people: Players
    chats: Chats

    async def is_read(self) -> None:
        """Wait until a picture is being read."""
        async with asyncio.timeout(PATIENCE_S):
            while not await conversions.open_conversions([State.RUNNING]):
                await asyncio.sleep(0.05)


@pytest.fixture
async def operated(tmp_path: Path) -> AsyncIterator[Operated]:
    async with chats(tmp_path) as both, running(tmp_path, both) as product:
        async with players(product) as people:
            yield Operated(product, people, both)
        assert await asyncio.to_thread(product.stop) == 0


async def test_a_worker_that_is_restarted_in_mid_picture_finishes_it(operated: Operated) -> None:
    worker = operated.product.worker(1).pid
    sent = await operated.people.send(Wish(7, wait_s=READING_S).picture)
    assert sent is not None
    await operated.is_read()

    said = await operated.chats.confirmed("/restart worker", "Restarts 1 instance (worker-1).", "finished first")
    await operated.chats.says(said, "1 instance restarted and ready")
    row = await conversions.conversion(sent)
    assert (row.state, row.attempts) == (State.DONE, 1)
    assert not psutil.pid_exists(worker)
    assert operated.product.worker(1).pid != worker


async def test_a_worker_that_is_cut_off_loses_nothing(operated: Operated) -> None:
    sent = await operated.people.send(Wish(8, wait_s=READING_S).picture)
    assert sent is not None
    await operated.is_read()
    said = await operated.chats.confirmed("/restart worker drain=no", "broken off, and done again")
    await operated.chats.says(said, "1 instance restarted and ready")
    async with asyncio.timeout(PATIENCE_S):
        while (row := await conversions.conversion(sent)).state is not State.DONE:
            await asyncio.sleep(0.1)
    assert row.attempts == 2


async def test_a_bot_that_restarts_itself_tells_when_it_is_back(operated: Operated) -> None:
    before = operated.product.bot.pid
    said = await operated.chats.confirmed("/restart bot", "I do not answer until I am back")
    text = await operated.chats.says(said, "bot is back after", "asked by Alice")
    seconds = re.search(r"back after (\d+) s", text)
    assert seconds is not None, text
    assert not psutil.pid_exists(before)
    assert operated.product.bot.pid != before
    await operated.chats.order("/service status", "All services run.")
    await operated.chats.on_telegram("bot is back after")
    print(f"back after {seconds[1]} s")  # noqa: T201


async def test_the_servers_terminal_does_the_same(operated: Operated) -> None:
    found = json.loads(await ops(operated, "service", "status", "--format", "json"))
    assert {one["service"]: one["state"] for one in found["data"]} == dict.fromkeys(
        ("redis", "bot", "worker"), "running"
    )
    before = operated.product.bot.pid
    told = json.loads(await ops(operated, "restart", "bot", "--confirm", "yes", "--format", "json"))
    assert told["text"].startswith("1 instance restarted and ready")
    assert operated.product.bot.pid != before


async def ops(operated: Operated, *words: str) -> str:
    """What ``screen2deck ops`` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.cli", "ops", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=operated.product.environment,
        cwd=ROOT,
    )
    told, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode() + told.decode()
    return told.decode()


async def test_workers_are_added_in_chat(operated: Operated) -> None:
    said = await operated.chats.confirmed("/worker scale n=2", "From 1 to 2 workers.")
    await operated.chats.says(said, "2 workers ready.")
    assert operated.product.worker(2).is_running()
