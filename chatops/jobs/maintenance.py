"""Maintenance begins and ends by itself, what it held goes on, and pauses of the workers outlive Redis."""

from datetime import timedelta

from chatops.jobs import Job
from chatops.parts import Parts
from chatops.queueing import maintaining
from storage import pausing


async def keep_pause(parts: Parts) -> None:
    """Tell Redis of a pause that it has lost."""
    await pausing.restore(parts.queue, now=parts.clock())


JOBS = (
    Job("maintenance", maintaining.look, timedelta(seconds=5), timeout=timedelta(minutes=1)),
    Job("pause of workers", keep_pause, timedelta(seconds=15), timeout=timedelta(minutes=1)),
)
