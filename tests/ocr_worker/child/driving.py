"""Handles of children for tests, and looking at processes."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil

from ocr_worker.child import ChildLimits, ReaderProcess
from tests.fakes.child import COMMAND
from tests.shared import ROOT

PATIENCE = 60.0
"""Seconds after which a test gives up; what is waited for takes moments on an idle machine."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "DISCORD_TOKEN": "secret", "DATABASE_URL": "postgres://secret"}


@asynccontextmanager
async def stub(*words: str, limits: ChildLimits | None = None) -> AsyncIterator[ReaderProcess]:
    """A handle of the stub child, stopped at the end."""
    reader = ReaderProcess([*COMMAND, *words], limits or ChildLimits(), ENVIRONMENT)
    try:
        yield reader
    finally:
        await reader.stop()


async def nobody(stage: str) -> None:
    """Follow no stage."""


async def eventually(holds: Callable[[], bool]) -> None:
    """Return when it holds; TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that nobody has buried yet is none."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def running_pid(reader: ReaderProcess) -> int:
    """The id of the child that is ready."""
    assert reader.pid is not None
    return reader.pid
