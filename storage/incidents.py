"""Incidents: opened, acknowledged, brought through their states, resolved, opened again.

Every change is one conditional update with its line of the timeline, or nothing happens; messages of the outbox about
``SUBJECT`` and the cards of an incident's alerts follow.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise.expressions import F

from config.ops_oncall import Severity
from storage import outbox
from storage.counters import next_number
from storage.database import column, existing, patient, transaction
from storage.models import AlertCard, Incident
from storage.texts import storable
from storage.timeline import NewEvent, add_event

SUBJECT = "incident"
CARD = "alert-card"


class IncidentState(StrEnum):
    """Where an incident is, in the runbook's order."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ASSESSING = "assessing"
    MITIGATING = "mitigating"
    VERIFYING = "verifying"
    RESOLVED = "resolved"


UNRESOLVED = tuple(state for state in IncidentState if state is not IncidentState.RESOLVED)
STAGES = (IncidentState.ASSESSING, IncidentState.MITIGATING, IncidentState.VERIFYING)
_REACHED = (IncidentState.ACKNOWLEDGED, *STAGES)


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is opened; ``source`` is ``chat``, ``alert`` or ``watchdog``."""

    title: str
    severity: Severity
    service: str = ""
    source: str = "chat"


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """An incident. Times and humans of states that it has not reached since it was last open are None and empty."""

    id: UUID
    number: int
    title: str
    severity: Severity
    service: str
    state: IncidentState
    source: str
    assignee: str
    ticket: str
    summary: str
    reopened: int
    opened_at: datetime
    opened_by: str
    reopened_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    assessing_at: datetime | None
    assessing_by: str
    mitigating_at: datetime | None
    mitigating_by: str
    verifying_at: datetime | None
    verifying_by: str
    resolved_at: datetime | None
    resolved_by: str
    changed_at: datetime

    @property
    def name(self) -> str:
        """What people call it: ``INC-12``."""
        return f"INC-{self.number}"

    @property
    def is_resolved(self) -> bool:
        """Nothing is left to do but to learn from it."""
        return self.state is IncidentState.RESOLVED


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident as it is now, and whether this call changed it."""

    incident: IncidentRecord
    happened: bool


async def open_incident(new: NewIncident, *, by: str, now: datetime, request: str = "") -> IncidentRecord:
    """Open an incident. Not repeated when the database's answer is lost."""
    async with transaction():
        return await add_incident(new, by=by, now=now, request=request)


async def add_incident(new: NewIncident, *, by: str, now: datetime, request: str = "") -> IncidentRecord:
    """``open_incident`` within the caller's transaction."""
    number = await next_number("incident")
    row = await Incident.create(
        id=uuid4(),
        number=number,
        title=storable(new.title)[:200],
        severity=new.severity.value,
        service=storable(new.service)[:64],
        state=IncidentState.OPEN.value,
        source=new.source,
        opened_at=now,
        opened_by=storable(by)[:128],
        changed_at=now,
    )
    details = {"severity": new.severity.value, "source": new.source, "service": new.service}
    event = NewEvent("opened", f"{new.severity.value}: {new.title}", by, details, request)
    await add_event(row.id, event, now=now)
    return _record(row)


@patient
async def incident(incident_id: UUID) -> IncidentRecord:
    """Raises NotStored."""
    row = await existing(Incident.get_or_none(id=incident_id), "There is no such incident.")
    return _record(row)


@patient
async def incident_numbered(number: int) -> IncidentRecord:
    """Raises NotStored."""
    row = await existing(Incident.get_or_none(number=number), f"There is no incident INC-{number}.")
    return _record(row)


@patient
async def incidents(
    *,
    states: Collection[IncidentState] = (),
    severities: Collection[Severity] = (),
    since: datetime | None = None,
    limit: int = 100,
) -> list[IncidentRecord]:
    """Newest first; ``since`` is when they were opened."""
    rows = Incident.all()
    if states:
        rows = rows.filter(state__in=[one.value for one in states])
    if severities:
        rows = rows.filter(severity__in=[one.value for one in severities])
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    return [_record(row) for row in await rows.order_by("-number").limit(limit)]


async def unresolved(limit: int = 1000) -> list[IncidentRecord]:
    """All that are not resolved, newest first."""
    return await incidents(states=UNRESOLVED, limit=limit)


@patient
async def acknowledge(incident_id: UUID, *, by: str, now: datetime, request: str = "") -> Moved:
    """Somebody has seen it; a second time changes nothing, and the record says who was first."""
    event = NewEvent("acknowledged", "", by, None, request)
    changes = {"state": IncidentState.ACKNOWLEDGED.value, **_reached(IncidentState.ACKNOWLEDGED, by, now)}
    return await _move(incident_id, [IncidentState.OPEN], changes, event, now)


@patient
async def unacknowledge(incident_id: UUID, *, by: str, now: datetime, reason: str = "", request: str = "") -> Moved:
    """Nobody works on it after all."""
    event = NewEvent("unacknowledged", reason, by, None, request)
    changes = {"state": IncidentState.OPEN.value, **_not_reached()}
    return await _move(incident_id, [one for one in UNRESOLVED if one is not IncidentState.OPEN], changes, event, now)


@patient
async def assign(incident_id: UUID, to: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """Give it to somebody."""
    event = NewEvent("assigned", to, by, {"to": to}, request)
    return await _move(incident_id, UNRESOLVED, {"assignee": to[:128]}, event, now, assignee__not=to[:128])


@patient
async def set_stage(
    incident_id: UUID, stage: IncidentState, *, by: str, now: datetime, text: str = "", request: str = ""
) -> Moved:
    """Assessing, mitigating or verifying, in any order; whoever says so has acknowledged it."""
    async with transaction():
        first = await Incident.filter(id=incident_id, acknowledged_at=None, state__in=_values(UNRESOLVED)).update(
            **_reached(IncidentState.ACKNOWLEDGED, by, now)
        )
        if first:
            await add_event(incident_id, NewEvent("acknowledged", "", by, None, request), now=now)
        event = NewEvent("stage", text or stage.value, by, {"stage": stage.value}, request)
        changes = {"state": stage.value, **_reached(stage, by, now)}
        before = [one for one in UNRESOLVED if one is not stage]
        return await _moved(incident_id, before, changes, event, now)


@patient
async def set_severity(
    incident_id: UUID, severity: Severity, *, by: str, now: datetime, reason: str = "", request: str = ""
) -> Moved:
    """Deadlines count from when it was opened, so that they follow from the record."""
    before = await incident(incident_id)
    async with transaction():
        return await set_severity_within(before, severity, by=by, now=now, reason=reason, request=request)


async def set_severity_within(
    before: IncidentRecord, severity: Severity, *, by: str, now: datetime, reason: str = "", request: str = ""
) -> Moved:
    """``set_severity`` within the caller's transaction."""
    if before.severity is severity:
        return Moved(before, False)
    details = {"from": before.severity.value, "to": severity.value}
    event = NewEvent("severity", f"{before.severity.value} to {severity.value}: {reason}", by, details, request)
    changes = {"severity": severity.value}
    return await _moved(before.id, UNRESOLVED, changes, event, now, severity=before.severity.value)


@patient
async def set_ticket(incident_id: UUID, ticket: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """Where it is tracked; only the first counts."""
    event = NewEvent("ticket", ticket, by, {"ticket": ticket}, request)
    return await _move(incident_id, tuple(IncidentState), {"ticket": ticket[:128]}, event, now, ticket="")


@patient
async def resolve(incident_id: UUID, summary: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """It is over."""
    async with transaction():
        return await resolve_within(incident_id, summary, by=by, now=now, request=request)


async def resolve_within(incident_id: UUID, summary: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """``resolve`` within the caller's transaction."""
    event = NewEvent("resolved", summary, by, None, request)
    state = IncidentState.RESOLVED
    changes = {"state": state.value, "summary": storable(summary), **_reached(state, by, now)}
    return await _moved(incident_id, UNRESOLVED, changes, event, now)


@patient
async def reopen(incident_id: UUID, reason: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """It was not over: as if just opened, but that its time runs since the first opening."""
    async with transaction():
        return await reopen_within(incident_id, reason, by=by, now=now, request=request)


async def reopen_within(incident_id: UUID, reason: str, *, by: str, now: datetime, request: str = "") -> Moved:
    """``reopen`` within the caller's transaction."""
    event = NewEvent("reopened", reason, by, None, request)
    changes = {"state": IncidentState.OPEN.value, "reopened": F("reopened") + 1, "reopened_at": now, **_not_reached()}
    return await _moved(
        incident_id, [IncidentState.RESOLVED], {**changes, "resolved_at": None, "resolved_by": ""}, event, now
    )


@patient
async def note(incident_id: UUID, event: NewEvent, *, now: datetime) -> bool:
    """Add to the timeline whatever else happened, and show it; whether it was new."""
    async with transaction():
        return await note_within(incident_id, event, now=now)


async def note_within(incident_id: UUID, event: NewEvent, *, now: datetime) -> bool:
    """``note`` within the caller's transaction, after its first write."""
    is_new = await add_event(incident_id, event, now=now)
    if is_new:
        await follow(incident_id, now=now)
    return is_new


async def follow(incident_id: UUID, *, now: datetime) -> None:
    """Have all messages show an incident as it is now. Within the caller's transaction."""
    await outbox.want_newer(SUBJECT, str(incident_id), now=now, is_final=False)
    for card in await column(AlertCard.filter(incident_id=incident_id), "id"):
        await outbox.want_newer(CARD, str(card), now=now, is_final=False)


async def _move(
    incident_id: UUID,
    before: Collection[IncidentState],
    changes: dict[str, Any],
    event: NewEvent,
    now: datetime,
    **conditions: Any,
) -> Moved:
    async with transaction():
        return await _moved(incident_id, before, changes, event, now, **conditions)


async def _moved(
    incident_id: UUID,
    before: Collection[IncidentState],
    changes: dict[str, Any],
    event: NewEvent,
    now: datetime,
    **conditions: Any,
) -> Moved:
    """Of those who try at once, one does it."""
    rows = Incident.filter(id=incident_id, state__in=_values(before), **conditions)
    happened = bool(await rows.update(changed_at=now, **changes))
    if happened:
        await add_event(incident_id, event, now=now)
        await follow(incident_id, now=now)
    return Moved(await incident(incident_id), happened)


def _values(states: Collection[IncidentState]) -> Sequence[str]:
    return [one.value for one in states]


def _reached(state: IncidentState, by: str, now: datetime) -> dict[str, Any]:
    return {f"{state.value}_at": now, f"{state.value}_by": storable(by)[:128]}


def _not_reached() -> dict[str, Any]:
    return {f"{one.value}_{what}": empty for one in _REACHED for what, empty in (("at", None), ("by", ""))}


def _record(row: Incident) -> IncidentRecord:
    values = {name: getattr(row, name) for name in IncidentRecord.__dataclass_fields__}
    severity, state = Severity(row.severity), IncidentState(row.state)
    return IncidentRecord(**{**values, "severity": severity, "state": state})
