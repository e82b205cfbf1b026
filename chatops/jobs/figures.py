"""Figures are measured all the time, and old ones made fewer."""

from datetime import timedelta

from chatops.figures.sampling import EVERY_S, SAMPLER, thin_out
from chatops.jobs import Job
from chatops.parts import Parts


async def measure(parts: Parts) -> None:
    """Keep a sample of this process."""
    if parts.has(SAMPLER):
        await parts.get(SAMPLER).sample(parts)


async def thin(parts: Parts) -> None:
    """Make old samples fewer."""
    await thin_out(parts.clock())


JOBS = (
    Job("measure figures", measure, timedelta(seconds=EVERY_S), timeout=timedelta(seconds=10), everywhere=True),
    Job("thin out figures", thin, "7 * * * *"),
)
