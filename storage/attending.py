"""A process tells of itself, and does what it is asked: it looks at itself, and logs more or less."""

import asyncio
import base64
import contextlib
import logging
import os
import platform
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from config.clock import Clock
from config.inspection import flames, looking, memory, sampling
from config.inspection.levels import Change, Levels
from config.log_files import FOLDER, own_log_file
from config.log_reading import Query, find
from config.settings import Settings
from config.tasks import beside
from storage import pool, values
from storage.control import BEAT_S, Control, NoAnswer, ProcessOrder, ProcessRecord
from storage.errors import DatabaseUnreachable, QueueUnreachable
from storage.fingerprints import fingerprint_key, fingerprints, signer
from storage.queue import Queue

log = logging.getLogger(__name__)

DEBUG = "debug:"
"""Changed log levels stand under this beginning in ``storage.values``."""
_LEVELS_EVERY_S = 30.0
_AGAIN_S = 1.0

Deed = Callable[[Mapping[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class Attendance:
    """One process of the deployment; ``kind`` is bot or worker, ``name`` is its own among all."""

    kind: str
    name: str
    control: Control
    clock: Clock
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    levels: Levels = field(default_factory=Levels)
    logs: Path | None = None
    _started: float = field(default_factory=time.time)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for work in (self._beat, self._listen, self._follow_levels):
                    group.create_task(work())
        finally:
            self.levels.apply((), self.clock())
            with contextlib.suppress(QueueUnreachable):
                await self.control.say_gone(self.name)

    def record(self) -> ProcessRecord:
        """What it tells of itself now."""
        return ProcessRecord(
            name=self.name,
            kind=self.kind,
            process=os.getpid(),
            host=platform.node(),
            release=version("screen2deck"),
            started=self._started,
            seen=time.time(),
            level=self.levels.said(),
            fingerprints=self.fingerprints,
        )

    async def _beat(self) -> None:
        while True:
            self.levels.tick(self.clock())
            with contextlib.suppress(QueueUnreachable):
                await self.control.say_alive(self.record())
            await asyncio.sleep(BEAT_S)

    async def _follow_levels(self) -> None:
        """By itself too: an order may be lost while Redis is away."""
        while True:
            with contextlib.suppress(DatabaseUnreachable):
                await self.read_levels()
                await pool.follow()
            await asyncio.sleep(_LEVELS_EVERY_S)

    async def _listen(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    async for order in self.control.orders(self.name):
                        group.create_task(self._obey(order))
                except QueueUnreachable as error:
                    log.warning("%s", error)
                    await asyncio.sleep(_AGAIN_S)

    async def _obey(self, order: ProcessOrder) -> None:
        deeds: dict[str, Deed] = {
            "look": self._look,
            "levels": self._levels,
            "pool": self._pool,
            "memory": self._memory,
            "cpu": self._cpu,
            "logs": self._logs,
            "rotate-logs": self._rotate_logs,
        }
        deed = deeds.get(order.deed)
        try:
            if deed is None:
                await self.control.answer(order, problem=f"this release does not know {order.deed}")
            else:
                await self.control.answer(order, await deed(order.arguments))
        except (memory.BusyError, NoAnswer) as error:
            await self._refuse(order, str(error))
        except QueueUnreachable as error:
            log.warning("%s", error)
        except Exception as error:
            log.exception("fault in %s", order.deed)
            await self._refuse(order, f"a fault, which its log tells ({type(error).__name__})")

    async def _refuse(self, order: ProcessOrder, problem: str) -> None:
        with contextlib.suppress(QueueUnreachable):
            await self.control.answer(order, problem=problem)

    async def _look(self, _: Mapping[str, Any]) -> Any:
        return {"level": self.levels.said(), **await looking.look()}

    async def _levels(self, _: Mapping[str, Any]) -> Any:
        await self.read_levels()
        await self.control.say_alive(self.record())
        return self.levels.said()

    async def _logs(self, arguments: Mapping[str, Any]) -> Any:
        """Lines of all processes that write where this one does."""
        if self.logs is None:
            return []
        return [asdict(line) for line in await asyncio.to_thread(find, self.logs, Query(**arguments))]

    async def _rotate_logs(self, _: Mapping[str, Any]) -> Any:
        """Bytes of the file that was closed, None where this process has none; a full disk is a problem."""
        file = own_log_file()
        try:
            return None if file is None else file.rotate_now()
        except OSError as error:
            raise NoAnswer(f"its log cannot be closed ({error.strerror or error})") from error

    async def _pool(self, _: Mapping[str, Any]) -> Any:
        found = await pool.follow()
        return None if found is None else asdict(found)

    async def _memory(self, arguments: Mapping[str, Any]) -> Any:
        return await memory.growth(float(arguments["seconds"]), int(arguments["top"]))

    async def _cpu(self, arguments: Mapping[str, Any]) -> Any:
        """py-spy's picture, or what the process saw itself with the reason why there is none."""
        seconds = int(arguments["seconds"])
        try:
            drawn = await flames.record(seconds)
            return {"svg": base64.b64encode(drawn).decode(), "why": ""}
        except flames.FlamesError as error:
            return {"document": await sampling.sample(seconds), "why": str(error)}

    async def read_levels(self) -> None:
        """Have the levels that are set for this process; raises DatabaseUnreachable."""
        kept = await values.values(DEBUG)
        self.levels.apply(self._own_changes(kept), self.clock())

    def _own_changes(self, kept: Mapping[str, Any]) -> list[Change]:
        found = []
        for key, one in kept.items():
            if key.removeprefix(DEBUG) in ("all", self.kind, self.name):
                found.append(Change(one["level"], datetime.fromisoformat(one["until"]), one["logger"]))
        return found


@contextlib.asynccontextmanager
async def attending(
    kind: str, name: str, queue: Queue, settings: Settings, addresses: Mapping[str, str], clock: Clock
) -> AsyncIterator[Attendance]:
    """Attend while the context lasts; ``addresses`` are those of database and Redis, by the names of settings."""
    key = await fingerprint_key(clock())
    prints = fingerprints(key, settings, addresses) | (signer(key, settings) if kind == "bot" else {})
    logs = settings.data_dir / FOLDER if settings.log_files else None
    attendance = Attendance(kind, name, Control(queue), clock, prints, logs=logs)
    async with beside(attendance.run()):
        yield attendance
