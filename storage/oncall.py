"""Exceptions of rotations: overrides and vacations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from storage.database import patient, turn
from storage.models import OnCallException


class Kind(StrEnum):
    """What an exception says."""

    OVERRIDE = "override"
    VACATION = "vacation"


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """Of an override ``duty`` says which; a vacation has none."""

    id: UUID
    kind: Kind
    duty: str
    human: str
    since: datetime
    until: datetime
    made_by: str
    made_at: datetime


@patient
async def exceptions(after: datetime) -> list[ExceptionRecord]:
    """Those that hold at some time after, in the order in which they were made."""
    rows = OnCallException.filter(until__gt=after, cancelled_at__isnull=True)
    return [_record(row) for row in await rows.order_by("made_at", "id")]


@patient
async def add(
    kind: Kind, human: str, since: datetime, until: datetime, *, duty: str = "", by: str, now: datetime
) -> ExceptionRecord:
    """Say that somebody has a duty, or is away."""
    async with turn():
        row = await OnCallException.create(
            id=uuid4(), kind=kind.value, duty=duty, human=human, since=since, until=until, made_by=by, made_at=now
        )
    return _record(row)


@patient
async def cancel(exception: UUID, *, now: datetime) -> bool:
    """Take it back; whether it still held."""
    async with turn():
        return bool(
            await OnCallException.filter(id=exception, cancelled_at__isnull=True, until__gt=now).update(
                cancelled_at=now
            )
        )


def _record(row: OnCallException) -> ExceptionRecord:
    return ExceptionRecord(row.id, Kind(row.kind), row.duty, row.human, row.since, row.until, row.made_by, row.made_at)
