"""People are called, and incidents kept to their times. All of it is rows; this only wakes up to look at them."""

from datetime import timedelta

from chatops.alerting import watchdog
from chatops.checking.checklists import INCIDENT
from chatops.jobs import Job
from chatops.on_call import handing_over, keeping_time, paging
from chatops.on_call.duty import PRIMARY, known
from chatops.parts import Parts
from storage import checklists, incidents, values
from storage.incidents import IncidentState

EVERY = timedelta(seconds=2)
_BY = "handover"
_AFTERMATH = timedelta(days=2)


async def keep(parts: Parts) -> None:
    """Whatever is due now. Every process looks; each thing is done by whoever moves its row."""
    unresolved = await incidents.unresolved()
    await paging.follow_incidents(parts, unresolved)
    await paging.say_due(parts)
    await paging.look_after(parts)
    await keeping_time.plan_deadlines(parts, unresolved)
    await keeping_time.make_tickets(parts, unresolved)
    await keeping_time.tell_due(parts)


async def hand_over(parts: Parts) -> None:
    """Tell whoever comes on call what stands, when the primary is another than at the last look."""
    now, rota = parts.clock(), await known(parts)
    human = rota.shift("primary", now).human
    before = await values.value(PRIMARY)
    if human == before:
        return
    if human is not None and before is not None:
        await handing_over.tell(parts, rota, human, before, now)
    await values.set_value(PRIMARY, human, by=_BY, now=now)


async def aftermath(parts: Parts) -> None:
    """Begin the list for afterwards of incidents that called people and ended by themselves: it is reminded of."""
    now, entries = parts.clock(), parts.policy.on_call.severities
    ended = await incidents.incidents(states=[IncidentState.RESOLVED], since=now - _AFTERMATH)
    for one in ended:
        settled = one.resolved_at is not None and now - one.resolved_at > parts.policy.alerts.reopen_within
        if settled and entries[one.severity].pages:
            await checklists.begin(INCIDENT, one.name, by=_BY, now=now)


JOBS = (
    Job("call people and keep time", keep, EVERY, timeout=timedelta(seconds=60), everywhere=True),
    Job("hand over", hand_over, timedelta(seconds=30)),
    Job("hear of the watchdog", watchdog.look, timedelta(seconds=30)),
    Job("begin lists for afterwards", aftermath, timedelta(minutes=10)),
)
