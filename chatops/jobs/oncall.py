"""People are called, and incidents kept to their times. All of it is rows; this only wakes up to look at them."""

from datetime import timedelta

from chatops import keeping_time, paging
from chatops.jobs import Job
from chatops.parts import Parts
from storage import incidents, pages

EVERY = timedelta(seconds=2)
_KEPT = timedelta(days=400)


async def keep(parts: Parts) -> None:
    """Whatever is due now. Every process looks; each thing is done by whoever moves its row."""
    unresolved = await incidents.unresolved()
    await paging.follow_incidents(parts, unresolved)
    await paging.say_due(parts)
    await paging.look_after(parts)
    await keeping_time.plan_deadlines(parts, unresolved)
    await keeping_time.make_tickets(parts, unresolved)
    await keeping_time.tell_due(parts)


async def drop_old(parts: Parts) -> None:
    """Drop pages that ended long ago; timelines keep what they said."""
    await pages.remove_pages(parts.clock() - _KEPT)


JOBS = (
    Job("call people and keep time", keep, EVERY, timeout=timedelta(seconds=60), everywhere=True),
    Job("drop old pages", drop_old, "41 3 * * *"),
)
