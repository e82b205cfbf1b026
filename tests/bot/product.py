"""The product in the test's process: real storage, queue, intake, conversation and delivery; a reader of one's own."""

import asyncio
import logging
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.addresses import database_url
from bot.conversation.conversation import Conversation, start_conversation
from bot.delivery import Delivery
from bot.fetching import Fetching
from bot.http.server import Routes, serve
from bot.library import Library
from bot.operations import open_console
from bot.services import Services, open_services
from bot.skins import Skin, skin_kinds
from chatops.console import Console
from chatops.observing.readiness import READINESS, basic_checks
from config.clock import utcnow
from config.settings import Settings
from ocr_worker.cards import CardIndex
from ocr_worker.jobs import Again, JobLimits, PictureJobs, Reads
from storage import schema
from storage.embedded import EmbeddedRedis
from storage.queue import WorkerRecord
from tests.shared import ROOT

log = logging.getLogger(__name__)

PIPELINE = "fake-1"


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """A server of one's own; its address."""
    server = EmbeddedRedis(folder)
    await server.prepare()
    with subprocess.Popen(server.command(), stdout=subprocess.DEVNULL) as process:
        try:
            while not await server.is_up():
                await asyncio.sleep(0.02)
            yield server.url
        finally:
            process.kill()


@dataclass(slots=True)
class Bot:
    """A bot process and a worker, until it is closed."""

    services: Services
    conversation: Conversation
    fetching: Fetching
    delivery: Delivery
    skins: dict[str, Skin]
    running: dict[str, "asyncio.Task[None]"]
    address: str = ""

    @property
    def skin(self) -> Skin:
        """The only one."""
        return next(iter(self.skins.values()))


@dataclass(slots=True)
class Product:
    """Starts bots on the same data, one after another."""

    settings: Settings
    index: CardIndex
    reader: Reads
    clock: "Clock"
    serves_page: bool = False
    _life: "asyncio.Task[None] | None" = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> Bot:
        """A bot with all skins of the settings."""
        started: asyncio.Future[Bot] = asyncio.get_running_loop().create_future()
        self._stopping.clear()
        self._life = asyncio.create_task(self._live(started))
        await asyncio.wait({self._life, started}, return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            self._life.result()
        return started.result()

    async def stop(self) -> None:
        """As a process ends."""
        self._stopping.set()
        if self._life is not None:
            await self._life
            self._life = None

    async def _live(self, started: "asyncio.Future[Bot]") -> None:
        """In one task, since the database belongs to the task that opens it and to those that it starts."""
        await schema.upgrade(database_url(self.settings))
        async with _running(self) as bot:
            started.set_result(bot)
            await self._stopping.wait()

    async def restart(self) -> Bot:
        """End it, and start another on the same data."""
        await self.stop()
        return await self.start()


@dataclass(slots=True)
class Clock:
    """Time that can be moved."""

    moved: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utcnow() + self.moved


def library_of(index: CardIndex) -> Library:
    """A library that is loaded."""
    library = Library(Path())
    loaded: asyncio.Future[CardIndex] = asyncio.get_running_loop().create_future()
    loaded.set_result(index)
    library._index = loaded  # type: ignore[assignment]
    return library


@asynccontextmanager
async def _running(product: Product) -> AsyncIterator[Bot]:
    async with open_services(product.settings, product.clock) as services:
        before = asyncio.all_tasks()
        skins: dict[str, Skin] = {}
        library = library_of(product.index)
        fetching = Fetching(skins, services.intake, services.queue, library, services.clock)
        checks = basic_checks(services.database, services.queue)
        console = open_console(services, {READINESS.name: checks})
        conversation = start_conversation(services, fetching, library, console)
        kinds = [kind for kind in skin_kinds().values() if kind.is_configured(product.settings)]
        skins.update({kind.name: kind.create(product.settings, conversation) for kind in kinds})
        checks |= {name: skin.check for name, skin in skins.items()}
        delivery = Delivery(skins, services.queue, services.clock)
        running = {name: asyncio.create_task(skin.run()) for name, skin in skins.items()}
        running["delivery"] = asyncio.create_task(delivery.run())
        running["console"] = asyncio.create_task(_look_after(console))
        running["worker"] = asyncio.create_task(_work(product, services))
        for task in running.values():
            task.add_done_callback(_tell_death)
        await services.queue.say_alive(_worker())
        page = [skin for name, skin in skins.items() if name == "web" and isinstance(skin, Routes)]
        try:
            if product.serves_page:
                async with serve(page, "127.0.0.1", 0) as address:
                    yield Bot(services, conversation, fetching, delivery, skins, running, address)
            else:
                yield Bot(services, conversation, fetching, delivery, skins, running)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)
            await console.executor.close(within_s=0)
            await fetching.close()
            left = [task for task in asyncio.all_tasks() - before if _is_of_product(task)]
            assert not left, f"nobody ended {left}"


def _is_of_product(task: "asyncio.Task[Any]") -> bool:
    """Whether a task runs, or waits in, code of ours; discord.py leaves some of its own behind."""
    rooms = tuple(f"{ROOT / room}/" for room in ("bot", "chatops", "config", "ocr_worker", "storage"))
    waiting: Any = task.get_coro()
    while (code := getattr(waiting, "cr_code", None)) is not None:
        if code.co_filename.startswith(rooms):
            return True
        waiting = waiting.cr_await
    return False


async def _look_after(console: Console) -> None:
    """As the bot process does, more often."""
    while True:
        await console.glance()
        await asyncio.sleep(0.1)


def _tell_death(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a part of the product died", exc_info=task.exception())


async def _work(product: Product, services: Services) -> None:
    """A worker's loop: one job at a time, oldest first, and again what must be tried again."""
    limits = JobLimits(deck_keeping=timedelta(days=90))
    queue = services.queue
    jobs = PictureJobs("worker-1", queue, services.blobs, product.reader, PIPELINE, limits, services.clock)
    while True:
        await queue.say_alive(_worker())
        for job in await queue.all_ids():
            if not isinstance(await jobs.run(UUID(job)), Again):
                await queue.remove([UUID(job)])
        await asyncio.sleep(0.02)


def _worker() -> WorkerRecord:
    now = utcnow().timestamp()
    return WorkerRecord("worker-1", 1, "here", "0", "fake", PIPELINE, now, now, None, 0, 0, 0)
