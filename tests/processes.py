"""Real processes that tests start, and wait for."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psutil

from tests.shared import ROOT

#: Long, since the machine may be busy with other tests; nothing waits longer than it must.
PATIENCE_S = 30.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def until(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    """Wait until something holds; return whether it came to that."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


async def eventually(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    """As ``until``, while the loop goes on."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


@contextmanager
def running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process with its stdout piped; killed when the test is over."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def is_dead(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that nobody has asked for its exit code yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def python(code: str) -> list[str]:
    """Return the command that runs a piece of Python."""
    return [sys.executable, "-c", code]
