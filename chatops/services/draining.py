"""Waiting until what is in the queue has been read."""

import asyncio
import time
from datetime import timedelta

from chatops.run import Run
from chatops.times import counted

_LOOK_S = 0.5
_TELL_S = 5.0


async def drained(run: Run, within: timedelta) -> int:
    """Wait for an empty queue, and tell every few seconds how far it is; how many jobs are left when the time is over.

    Where no worker is there that could read them, nothing is waited for. Raises QueueUnreachable.
    """
    end, told = time.monotonic() + within.total_seconds(), 0.0
    while (left := await run.parts.queue.depth()) and time.monotonic() < end:
        if not await run.parts.queue.workers():
            await run.step(f"{counted(left, 'picture')} wait, and no worker is there to read them.")
            return left
        if time.monotonic() - told >= _TELL_S:
            await run.step(f"{counted(left, 'picture')} left to be read.")
            told = time.monotonic()
        await asyncio.sleep(_LOOK_S)
    return left
