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
from tests.bot.telegram.seeing import hears, sees
from tests.chaos.driving import Players, Product, players, running_product
from tests.chaos.reader import Wish
from tests.fakes.telegram_rooms import Player, Room, Said
from tests.fakes.telegram_server import TOKEN, TelegramServer, telegram_server
from tests.shared import ROOT

pytestmark = pytest.mark.slow

POLICY = """
environment: prod
people:
  - {{name: Alice, role: admin, accounts: {{telegram: "2001"}}}}
places:
  - {{platform: telegram, chat: "{chat}"}}
"""
READING_S = 4.0
PATIENCE_S = 120.0


@dataclass
class Operated:
    """A running product, its operations group, and players beside."""

    product: Product
    people: Players
    room: Room
    alice: Player

    async def confirmed(self, text: str, *plan: str) -> Said:
        """Give an order, look at its plan, and press its button; the message that shows it."""
        number = self.room.text(self.alice, text)
        said = await self.answer(number, *plan)
        label = next(label for label in said.labels if "confirm" in label.lower())
        await hears(self.room, self.room.press(self.alice, said, label))
        return said

    async def answer(self, number: int, *words: str) -> Said:
        """Wait until the message that answers another has all words."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                said = self.room.answer_to(number)
                if said is not None and all(word.lower() in said.text.lower() for word in words):
                    return said
                await asyncio.sleep(0.05)

    async def says(self, said: Said, *words: str) -> str:
        """Wait until a message has all words."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(word.lower() in said.text.lower() for word in words):
                await asyncio.sleep(0.05)
        return said.text

    async def is_read(self) -> None:
        """Wait until a picture is being read."""
        async with asyncio.timeout(PATIENCE_S):
            while not await conversions.open_conversions([State.RUNNING]):
                await asyncio.sleep(0.05)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


@pytest.fixture
async def operated(tmp_path: Path, telegram: TelegramServer) -> AsyncIterator[Operated]:
    room, alice = telegram.group(1), Player(2001, "Alice")
    policy = tmp_path / "ops.yaml"
    policy.write_text(POLICY.format(chat=room.id))
    telegram.private(alice)
    settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "OPS_FILE": str(policy)}
    with running_product(tmp_path, workers=1, **settings) as product:
        async with players(product) as people:
            yield Operated(product, people, room, alice)
        assert await asyncio.to_thread(product.stop) == 0


async def test_a_worker_that_is_restarted_in_mid_picture_finishes_it(operated: Operated) -> None:
    worker = operated.product.worker(1).pid
    sent = await operated.people.send(Wish(7, wait_s=READING_S).picture)
    assert sent is not None
    await operated.is_read()

    said = await operated.confirmed("/restart worker", "Restarts 1 instance (worker-1).", "finished first")
    await operated.says(said, "1 instance restarted and ready")
    row = await conversions.conversion(sent)
    assert (row.state, row.attempts) == (State.DONE, 1)
    assert not psutil.pid_exists(worker)
    assert operated.product.worker(1).pid != worker


async def test_a_worker_that_is_cut_off_loses_nothing(operated: Operated) -> None:
    sent = await operated.people.send(Wish(8, wait_s=READING_S).picture)
    assert sent is not None
    await operated.is_read()
    said = await operated.confirmed("/restart worker drain=no", "broken off, and done again")
    await operated.says(said, "1 instance restarted and ready")
    async with asyncio.timeout(PATIENCE_S):
        while (row := await conversions.conversion(sent)).state is not State.DONE:
            await asyncio.sleep(0.1)
    assert row.attempts == 2


async def test_a_bot_that_restarts_itself_tells_when_it_is_back(operated: Operated) -> None:
    before = operated.product.bot.pid
    said = await operated.confirmed("/restart bot", "I do not answer until I am back")
    text = await operated.says(said, "bot is back after", "asked by Alice")
    seconds = re.search(r"back after (\d+) s", text)
    assert seconds is not None, text
    assert not psutil.pid_exists(before)
    assert operated.product.bot.pid != before
    number = operated.room.text(operated.alice, "/service status")
    await operated.answer(number, "All services run.")
    await sees(operated.room, "bot is back after", count=1)
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
    said = await operated.confirmed("/worker scale n=2", "From 1 to 2 workers.")
    await operated.says(said, "2 workers ready.")
    assert operated.product.worker(2).is_running()
