"""Starts the product, finds and kills its processes, and plays the people who use it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import psutil

from bot.intake import NotAccepted, Submission
from bot.services import Services, open_services
from config.settings import Settings
from storage import people
from storage.errors import StorageError
from tests.chaos import moving_clock
from tests.chaos.product import CLOCK, READER, SEEN
from tests.chaos.reader import Wish
from tests.chaos.recorder import message_for
from tests.processes import ENVIRONMENT
from tests.shared import ROOT

PERSONS = 40
START_S = 90.0
#: Passed on to every process of one product, children of workers included; by it orphans are found.
_MARK = "PYTHON_CHAOS"
LIMITS = {"PICTURES_PER_HOUR": "100000", "PICTURES_AT_ONCE": "100000", "QUEUE_LIMIT": "100000"}


def slowness() -> float:
    """How much longer things take on this machine at present than on a free one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(slots=True)
class Product:
    """The product on a data folder of its own."""

    folder: Path
    database_url: str | None = None
    workers: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid4().hex)
    port: int = field(default_factory=lambda: _free_port())
    _supervisor: subprocess.Popen[bytes] | None = None

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def seen_file(self) -> Path:
        return self.folder / "seen.jsonl"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    @property
    def log(self) -> str:
        """What all processes have written."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.data_dir),
            "WORKERS": str(self.workers),
            "HTTP_PORT": str(self.port),
            SEEN: str(self.seen_file),
            CLOCK: str(self.clock_file),
            _MARK: self.mark,
            **LIMITS,
        }
        database = {} if self.database_url is None else {"DATABASE_URL": self.database_url}
        return {**ENVIRONMENT, **own, **database, **self.settings}

    def own_settings(self) -> Settings:
        """The settings as its processes read them."""
        names = {name.lower(): value for name, value in self.environment.items() if name in _SETTINGS}
        return Settings(_env_file=None, **names)  # type: ignore[call-arg, arg-type]

    def start(self) -> None:
        """Start the supervisor."""
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-P", "-m", "tests.chaos.product", "supervisor"]
            self._supervisor = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment, cwd=ROOT)

    def stop(self) -> int:
        """Stop it in order; return the exit code."""
        assert self._supervisor is not None
        self._supervisor.send_signal(signal.SIGTERM)
        return self._supervisor.wait(120)

    def kill_supervisor(self) -> None:
        """Kill it without warning."""
        assert self._supervisor is not None
        self._supervisor.kill()
        self._supervisor.wait()

    @property
    def supervisor(self) -> int:
        assert self._supervisor is not None
        return self._supervisor.pid

    def part(self, *words: str) -> psutil.Process:
        """The process of the supervisor whose command holds these words; waits for one that is being started."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(self.supervisor).children():
                    if all(any(word in one for one in child.cmdline()) for word in words):
                        return child
            time.sleep(0.02)
        raise AssertionError(f"no part {words}")

    @property
    def bot(self) -> psutil.Process:
        return self.part("tests.chaos.product", "bot")

    @property
    def redis(self) -> psutil.Process:
        return self.part("valkey-server")

    def worker(self, number: int) -> psutil.Process:
        """The worker of that number."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            for process in self.processes():
                with contextlib.suppress(psutil.Error):
                    name = process.environ().get("WORKER_NAME", "")
                    if name.endswith(f"/{number}") and "worker" in process.cmdline():
                        return process
            time.sleep(0.02)
        raise AssertionError(f"no worker {number}")

    def processes(self) -> list[psutil.Process]:
        """All processes of the product, orphans included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def end_all(self) -> None:
        """Kill what is left."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            self.kill_supervisor()
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()


_SETTINGS = {"DATA_DIR", "DATABASE_URL", "REDIS_URL", "WORKERS", "HTTP_PORT", *LIMITS, "READING_ATTEMPTS"}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running_product(
    folder: Path, database_url: str | None = None, *, workers: int = 2, real: bool = False, **settings: str
) -> Iterator[Product]:
    """A product that runs and is ended with the context, whatever was done to it."""
    extra = settings | ({READER: "real"} if real else {})
    product = Product(folder, database_url, workers, extra)
    product.start()
    try:
        yield product
    finally:
        product.end_all()


@dataclass(slots=True)
class Players:
    """People who send pictures, from a process that no scenario kills; ``accepted`` is what they were promised."""

    services: Services
    persons: list[UUID]
    accepted: dict[UUID, bytes] = field(default_factory=dict)
    refused: list[NotAccepted] = field(default_factory=list)
    _sent: int = 0

    async def send(self, picture: bytes) -> UUID | None:
        """Send a picture, again while nothing can be promised; its conversion, None where it was refused."""
        self._sent += 1
        person = self.persons[self._sent % len(self.persons)]
        submission = Submission(person, picture, f"picture-{self._sent}")
        while True:
            try:
                record = await self.services.intake.submit(submission, lambda one: message_for(one, f"chat-{person}"))
            except NotAccepted as refusal:
                self.refused.append(refusal)
                return None
            except StorageError:
                await asyncio.sleep(0.2)
                continue
            self.accepted[record.id] = picture
            return record.id

    async def send_many(self, wishes: list[Wish], per_second: float = 100.0) -> None:
        """Send pictures at a steady pace, or as fast as it goes."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, wish in enumerate(wishes):
            await asyncio.sleep(max(0.0, start + number / per_second - loop.time()))
            await self.send(wish.picture)


@asynccontextmanager
async def players(product: Product) -> AsyncIterator[Players]:
    """Connect as soon as the product's workers are ready."""
    services_settings = product.own_settings()
    clock = moving_clock.clock_of(product.clock_file)
    await eventually(lambda: _is_ready(product), START_S * slowness())
    async with open_services(services_settings, clock) as services:
        await _until_workers(services, product.workers)
        now = services.clock()
        persons = [(await people.person_with_account("recorder", str(one), now=now)).id for one in range(PERSONS)]
        yield Players(services, persons)


def _is_ready(product: Product) -> bool:
    return "ready at http" in product.log


async def _until_workers(services: Services, count: int) -> None:
    for _ in range(int(START_S * slowness() * 10)):
        with contextlib.suppress(StorageError):
            found = await services.queue.workers()
            if len([one for one in found if one.state != "starting"]) >= count:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the workers are not ready")


async def eventually(holds: Callable[[], bool], within_s: float) -> float:
    """Wait until something holds; return how long it took."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < within_s, "it did not come to that"
        await asyncio.sleep(0.02)
    return time.monotonic() - start
