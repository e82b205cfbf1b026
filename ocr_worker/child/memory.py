"""Keeping a child's memory within bounds."""

import asyncio
import sys
from contextlib import suppress

import psutil

_POLL_SECONDS = 0.1
_CAP_FACTOR = 3
"""Private memory that a child may reserve, as a multiple of what it may use: stacks of threads count there too, and
what OpenVINO reserves and never touches, more than a GB after fifty pictures."""


def cap(pid: int, limit: int) -> None:
    """Let the kernel refuse what would go far beyond ``limit`` bytes at once; on Linux, elsewhere nothing.

    Looking ten times a second is too slow for a program that asks for all memory in one go.
    """
    if sys.platform == "linux":
        with suppress(psutil.Error, OSError):
            psutil.Process(pid).rlimit(psutil.RLIMIT_DATA, (_CAP_FACTOR * limit, _CAP_FACTOR * limit))


async def outgrown(pid: int, limit: int) -> None:
    """Return when the process uses more than ``limit`` bytes; never for one that is gone."""
    while resident(pid) <= limit:
        await asyncio.sleep(_POLL_SECONDS)


def resident(pid: int) -> int:
    """Bytes of memory that a process uses; 0 for one that is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
