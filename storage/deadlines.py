"""Deadlines of incidents: when which share of their time is over. Told once, whatever dies in between."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from storage.database import patient, transaction
from storage.models import Deadline


class Kind(StrEnum):
    """What must have happened by then."""

    ACKNOWLEDGE = "acknowledge"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class DeadlineRecord:
    """``percent`` of the time for ``kind`` is over at ``due_at``; ``turn`` counts openings of the incident."""

    id: UUID
    incident: UUID
    turn: int
    kind: Kind
    severity: str
    percent: int
    due_at: datetime
    told_at: datetime | None
    state: str


_WAITING, _TOLD, _VOID = "waiting", "told", "void"


@patient
async def plan(incident: UUID, turn: int, severity: str, times: Mapping[tuple[Kind, int], datetime]) -> None:
    """Have these deadlines and no others wait for an incident: those of another severity, or met, are void."""
    with contextlib.suppress(IntegrityError):  # another process does the same
        async with transaction():
            rows = await Deadline.filter(incident=incident)
            if any(row.state == _WAITING for row in rows):
                await Deadline.filter(incident=incident, state=_WAITING).update(state=_VOID)
            known = {(row.turn, row.severity, row.kind, row.percent): row.id for row in rows}
            new: list[Deadline] = []
            for (kind, percent), due_at in times.items():
                identity = known.get((turn, severity, kind.value, percent))
                if identity is None:
                    new.append(_waiting(incident, turn, severity, kind, percent, due_at))
                else:
                    again = Deadline.filter(id=identity).exclude(state=_TOLD)
                    await again.update(state=_WAITING, due_at=due_at)
            if new:
                await Deadline.bulk_create(new)


def _waiting(incident: UUID, turn: int, severity: str, kind: Kind, percent: int, due_at: datetime) -> Deadline:
    return Deadline(
        id=uuid4(),
        incident=incident,
        turn=turn,
        kind=kind.value,
        severity=severity,
        percent=percent,
        due_at=due_at,
        state=_WAITING,
    )


@patient
async def due(now: datetime) -> list[DeadlineRecord]:
    """Those whose time has come and that were not told, in order."""
    rows = await Deadline.filter(state=_WAITING, due_at__lte=now).order_by("due_at", "percent")
    return [_record(row) for row in rows]


@patient
async def tell(deadline: UUID, *, now: datetime) -> bool:
    """Note that it is told; whether nobody else did. Within the caller's transaction, with what is said."""
    return bool(await Deadline.filter(id=deadline, state=_WAITING).update(state=_TOLD, told_at=now))


@patient
async def of(incidents: Sequence[UUID]) -> list[DeadlineRecord]:
    """All that are not void."""
    rows = Deadline.filter(incident__in=list(incidents)).exclude(state=_VOID)
    return [_record(row) for row in await rows.order_by("due_at")]


def _record(row: Deadline) -> DeadlineRecord:
    return DeadlineRecord(
        row.id,
        row.incident,
        row.turn,
        Kind(row.kind),
        row.severity,
        row.percent,
        row.due_at,
        row.told_at,
        row.state,
    )
