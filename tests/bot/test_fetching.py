"""Fetching pictures: a fetch that fails is tried again, one that is cancelled is not."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot.fetching import Fetching
from bot.intake import Intake
from config.clock import utcnow
from ocr_worker.cards import CardIndex
from storage import conversions
from storage.queue import Queue
from storage.records import Json, State
from tests.bot.product import library_of
from tests.making import accepted, somebody

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Platform:
    """Gives nothing until it is asked to; notes who asks."""

    asked: int = 0
    has_been_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_broken: bool = False

    async def fetch(self, source: Json) -> bytes:
        self.asked += 1
        self.has_been_asked.set()
        if not self.is_broken:
            await asyncio.Event().wait()
        raise ConnectionResetError("the line is bad")


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def fetching(platform: Platform, queue: Queue, index: CardIndex) -> Fetching:
    return Fetching({"fake": platform}, cast(Intake, None), queue, library_of(index), utcnow)


async def test_what_is_fetched_when_the_process_ends_is_left_to_the_next(
    fetching: Fetching, platform: Platform
) -> None:
    one = await accepted(await somebody(), None, at=utcnow(), source={"platform": "fake"})
    fetching.start(one)
    await platform.has_been_asked.wait()
    async with asyncio.timeout(5):
        await fetching.close()
    assert platform.asked == 1
    assert (await conversions.conversion(one.id)).state is State.ACCEPTED


async def test_a_bad_line_is_tried_three_times(fetching: Fetching, platform: Platform) -> None:
    platform.is_broken = True
    one = await accepted(await somebody(), None, at=utcnow(), source={"platform": "fake"})
    fetching.start(one)
    while (await conversions.conversion(one.id)).state is State.ACCEPTED:
        await asyncio.sleep(0.05)
    assert platform.asked == 3
    assert (await conversions.conversion(one.id)).code == "fetch_failed"
