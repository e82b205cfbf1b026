"""Keeps incidents to their times: deadlines are rows, and each is told once, be it that several processes look."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from chatops import notices
from chatops.incidents import sla
from chatops.model import Answer, Suggestion
from chatops.on_call.paging import accounts, connected_platforms
from chatops.parts import Parts
from chatops.places import alert_places
from chatops.times import moment
from storage import deadlines, incidents
from storage.budget import Budget
from storage.database import transaction
from storage.deadlines import DeadlineRecord, Kind
from storage.errors import NotStored, QueueUnreachable
from storage.incidents import IncidentRecord
from storage.queue import Signal
from storage.timeline import NewEvent, add_event

BY = "timer"


async def plan_deadlines(parts: Parts, unresolved: Sequence[IncidentRecord]) -> None:
    """Have the deadlines in the database that follow from how incidents are now."""
    kept: dict[UUID, list[DeadlineRecord]] = {one.id: [] for one in unresolved}
    for row in await deadlines.of(list(kept)):
        kept[row.incident].append(row)
    for incident in unresolved:
        wanted = sla.wanted(incident, parts.policy.on_call.severities)
        if _differs(incident, wanted, kept[incident.id]):
            await deadlines.plan(incident.id, incident.reopened, incident.severity.value, wanted)


async def make_tickets(parts: Parts, unresolved: Sequence[IncidentRecord]) -> None:
    """What pages nobody is tracked, with the time by which it is due."""
    entries = parts.policy.on_call.severities
    for incident in unresolved:
        if not entries[incident.severity].pages and not incident.ticket:
            due = sla.timers(incident, entries)[-1].due_at
            ticket = f"internal {incident.name}, due {moment(due)}"
            await incidents.set_ticket(incident.id, ticket, by=BY, now=parts.clock())


async def tell_due(parts: Parts) -> None:
    """Say which times are over, of each only the largest share that is."""
    due = await deadlines.due(parts.clock())
    due.sort(key=lambda one: (one.incident, one.kind, one.percent))
    told = False
    for (incident, _), found in groupby(due, key=lambda one: (one.incident, one.kind)):
        told |= await _tell(parts, incident, list(found))
    if told:
        with contextlib.suppress(QueueUnreachable):
            await parts.queue.signal(Signal("outbox"))


async def _tell(parts: Parts, incident_id: UUID, rows: Sequence[DeadlineRecord]) -> bool:
    """Whether this process told it."""
    now, last = parts.clock(), rows[-1]
    try:
        incident = await incidents.incident(incident_id)
    except NotStored:
        incident = None
    timer = None if incident is None else _timer(parts, incident, last)
    if incident is None or timer is None:
        await deadlines.plan(incident_id, last.turn, last.severity, {})
        return False
    text = f"{incident.severity.value} {incident.name} {incident.title}: {timer.warning(last.percent)}"
    answer = Answer(text, ok=last.percent < 100, suggestions=tuple(_buttons(incident)))
    places = alert_places(parts)
    if last.percent >= 100 and incident.assignee:
        places += accounts(parts.policy, incident.assignee, connected_platforms(parts))
    origin = f"deadline:{last.id.hex}"
    async with transaction():
        if not await deadlines.tell(last.id, now=now):
            return False
        for earlier in rows[:-1]:
            await deadlines.tell(earlier.id, now=now)
        details = {"kind": last.kind.value, "percent": last.percent, "due": timer.due_at.isoformat()}
        await add_event(incident.id, NewEvent("deadline", timer.warning(last.percent), "", details), now=now)
        await notices.say_within(places, answer, origin=origin, now=now, within=_budget(parts, last))
        await incidents.follow(incident.id, now=now)
    return True


def _budget(parts: Parts, row: DeadlineRecord) -> Budget:
    """A time that is over is urgent, a share of one is not."""
    return notices.urgent(parts) if row.percent >= 100 else notices.routine(parts)


def _timer(parts: Parts, incident: IncidentRecord, row: DeadlineRecord) -> sla.Timer | None:
    """The time that a deadline is of, if it still runs."""
    if incident.severity.value != row.severity or incident.reopened != row.turn:
        return None
    running = sla.timers(incident, parts.policy.on_call.severities)
    return next((one for one in running if one.kind is row.kind and one.met_at is None), None)


def _buttons(incident: IncidentRecord) -> list[Suggestion]:
    if incident.acknowledged_at is None:
        return [Suggestion("Acknowledge", "incident ack", {"id": incident.name})]
    return []


def _differs(
    incident: IncidentRecord, wanted: Mapping[tuple[Kind, int], datetime], rows: Sequence[DeadlineRecord]
) -> bool:
    """Whether what waits is not what is wanted, less what was told already."""
    turn, severity = incident.reopened, incident.severity.value
    mine = [one for one in rows if (one.turn, one.severity) == (turn, severity)]
    told = {(one.kind, one.percent) for one in mine if one.told_at is not None}
    waiting = {(one.kind, one.percent): one.due_at for one in mine if one.told_at is None}
    others = any(one.told_at is None for one in rows if one not in mine)
    return others or waiting != {key: at for key, at in wanted.items() if key not in told}
