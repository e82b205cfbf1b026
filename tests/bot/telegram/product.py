"""The whole product in one process, connected to a fake Telegram: all parts are real but the reader."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.addresses import database_url, redis_url
from bot.app import serve_bot
from config.clock import utcnow
from config.settings import Settings
from ocr_worker.child import Reading
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import conversions
from storage.blobs import open_blobs
from storage.database import open_database
from storage.queue import Queue, WorkerRecord, open_queue
from storage.records import State
from tests.fakes.pictures import BelievingReader, RealReader
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

WORKER = "test/1"
PIPELINE = "believing-1"


@dataclass(slots=True)
class Product:
    """The bot process, which can be stopped and started again, and a worker, which can be held."""

    settings: Settings
    server: TelegramServer
    reader: BelievingReader | RealReader = field(default_factory=BelievingReader)
    may_work: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _bot: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Start the bot and wait until it listens."""
        self._stopping = asyncio.Event()
        before = self._listening()
        self._bot = asyncio.create_task(serve_bot(self.settings, self._stopping))
        assert await eventually(lambda: self._listening() > before), "the bot does not listen"

    async def start_refused(self) -> None:
        """Start the bot and wait until it ends by itself."""
        self._bot = asyncio.create_task(serve_bot(self.settings, self._stopping))
        assert await eventually(lambda: self.is_over)

    async def stop(self) -> None:
        """Stop the bot as a supervisor does."""
        self._stopping.set()
        if self._bot is not None:
            await self._bot

    async def kill(self) -> None:
        """End the bot in the middle of whatever it does."""
        assert self._bot is not None
        self._bot.cancel()
        await asyncio.wait({self._bot})

    async def restart(self) -> None:
        """Kill and start."""
        await self.kill()
        await self.start()

    @property
    def is_over(self) -> bool:
        """The bot has ended by itself."""
        return self._bot is not None and self._bot.done()

    def _listening(self) -> int:
        return self.server.count("getUpdates") + self.server.count("setWebhook")

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """What the worker calls: the reader of the moment."""
        return await self.reader.read(picture, on_stage)

    async def work(self) -> None:
        """Read what is queued, while that is allowed."""
        url, redis = database_url(self.settings), redis_url(self.settings)
        async with open_database(url, connections=2), open_queue(redis) as queue, asyncio.TaskGroup() as group:
            group.create_task(_beat(queue))
            blobs = open_blobs(self.settings.picture_store, self.settings.data_dir)
            jobs = PictureJobs(WORKER, queue, blobs, self, PIPELINE, JobLimits(), utcnow)
            while True:
                for one in await conversions.open_conversions([State.QUEUED]):
                    if self.may_work.is_set():
                        await jobs.run(one.id)
                        await queue.remove([one.id])
                await asyncio.sleep(0.03)


async def _beat(queue: Queue) -> None:
    while True:
        await queue.say_alive(_record())
        await asyncio.sleep(1.0)


def _record() -> WorkerRecord:
    now = time.time()
    return WorkerRecord(WORKER, os.getpid(), "test", "0", "fake", PIPELINE, now, now, None, 0, 0, 0)


@asynccontextmanager
async def working(product: Product) -> AsyncIterator[Product]:
    """The product with its worker, bot not yet started."""
    product.may_work.set()
    worker = asyncio.create_task(product.work())
    try:
        yield product
    finally:
        with contextlib.suppress(BaseException):
            await product.kill() if product._bot is not None and not product.is_over else None
        worker.cancel()
        await asyncio.wait({worker})
        if not worker.cancelled() and worker.exception() is not None:
            raise worker.exception() or AssertionError
