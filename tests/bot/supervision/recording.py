"""What tests of supervision share: reports that are kept, parts that are small."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.supervision.keeper import Surroundings
from bot.supervision.part import Part, State
from bot.supervision.supervisor import Scaling, Supervisor
from tests.processes import PATIENCE_S, eventually

FOREVER = "import time; time.sleep(600)"
#: Takes no notice of SIGTERM, and makes the file that it is given when that is so.
STUBBORN = (
    "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
)


@dataclass
class Reports:
    """The states that were reported, in order."""

    told: list[tuple[str, State, str]] = field(default_factory=list)

    def __call__(self, part: str, state: State, detail: str) -> None:
        self.told.append((part, state, detail))

    def states(self, part: str) -> list[State]:
        """All states of one part."""
        return [state for name, state, _ in self.told if name == part]

    def names(self, state: State) -> list[str]:
        """The parts in the order in which they came to ``state``."""
        return [name for name, reached, _ in self.told if reached is state]

    def details(self, state: State) -> list[str]:
        """The words told with ``state``."""
        return [detail for _, reached, detail in self.told if reached is state]

    async def reached(self, part: str, state: State, times: int = 1) -> None:
        """Wait until a part has come to ``state``."""
        assert await eventually(lambda: self.states(part).count(state) >= times), self.told


@dataclass
class Run:
    """A supervisor at work."""

    stop: asyncio.Event
    now: asyncio.Event
    reports: Reports
    task: asyncio.Task[int]
    supervisor: Supervisor

    async def ended(self) -> int:
        """Wait for its end and return the exit code."""
        return await asyncio.wait_for(self.task, PATIENCE_S)


@asynccontextmanager
async def supervised(*parts: Part, scaling: Scaling | None = None, **surroundings: Any) -> AsyncIterator[Run]:
    """Supervise parts; whatever is left of them is killed when the test is over."""
    reports, stop, now = Reports(), asyncio.Event(), asyncio.Event()
    supervisor = Supervisor(parts, Surroundings(report=reports, **surroundings), scaling)
    task = asyncio.create_task(supervisor.run(stop, now))
    try:
        yield Run(stop, now, reports, task, supervisor)
    finally:
        now.set()
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), PATIENCE_S)


def script(name: str, code: str, *arguments: str, **options: Any) -> Part:
    """A part that is a piece of Python."""
    return Part(name, [sys.executable, "-c", code, *arguments], **options)


def exists(path: Path) -> Callable[[], Awaitable[bool]]:
    """A part is ready when a file is there."""

    async def check() -> bool:
        return path.exists()

    return check
