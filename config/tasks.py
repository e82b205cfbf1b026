"""Tasks that run beside their starter, who owns them: none goes on when what it uses is closed.

Nothing else starts tasks, but for TaskGroup.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tasks:
    """What somebody has started; to be closed before what the tasks use is."""

    _running: "set[asyncio.Task[Any]]" = field(default_factory=set)

    def __len__(self) -> int:
        """How many have not ended."""
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, T], name: str | None = None) -> "asyncio.Task[T]":
        """Run it beside the caller. Whoever wants to know what it raises asks the task."""
        task = asyncio.create_task(work, name=name)
        self.own(task)
        return task

    def own(self, task: "asyncio.Task[Any]") -> None:
        """Look after a task that another, such as a library, has started."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settle(self, within_s: float | None = None) -> None:
        """Wait for what runs now, but no longer than ``within_s``."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=within_s)

    def cancel(self) -> None:
        """Cancel what runs."""
        for task in self._running:
            task.cancel()

    async def close(self, within_s: float = 0.0) -> None:
        """Give what runs ``within_s`` to end by itself, and cancel what has not; returns when nothing runs."""
        await self.settle(within_s)
        while self._running:
            await end(*self._running)


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks and wait until they have tidied up; what they raise is their own matter."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """Run works while the context lasts, and cancel them at its end; one that ends with a fault is told in the log."""
    tasks = [asyncio.create_task(work, name=getattr(work, "__qualname__", None)) for work in works]
    for task in tasks:
        task.add_done_callback(_tell_fault)
    try:
        yield
    finally:
        await end(*tasks)


async def first_of(*works: Coroutine[Any, Any, object]) -> None:
    """Return when one of them ends, or raise what it raised; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def with_word(work: Coroutine[Any, Any, T], seconds: float, say: Callable[[], Awaitable[object]]) -> T:
    """What the work returns; ``say`` is called where it takes longer than ``seconds``.

    The work is brought to its end even where ``say`` raises, and cancelled where the caller is.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            await say()
        return await task
    except asyncio.CancelledError:
        task.cancel()
        raise
    finally:
        await asyncio.wait({task})


def _tell_fault(task: "asyncio.Task[object]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("fault in what runs beside: %s", task.get_name(), exc_info=error)


def is_being_cancelled() -> bool:
    """Whether the present task is, rather than one that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
