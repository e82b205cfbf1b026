"""Silences that were made here, so that their ends are told, whatever becomes of the process that made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from storage.database import patient, turn
from storage.models import Silence
from storage.records import Json
from storage.texts import storable

ASKED, ACTIVE, ENDED = "asked", "active", "ended"


@dataclass(frozen=True, slots=True)
class SilenceRecord:
    """A silence; ``silence`` is its id in Alertmanager, empty until it is known."""

    id: UUID
    silence: str
    matchers: Sequence[Json]
    comment: str
    human: str
    incident_id: UUID | None
    state: str
    created_at: datetime
    ends_at: datetime
    warned_at: datetime | None


@patient
async def ask(
    matchers: Sequence[Json], comment: str, *, by: str, incident: UUID | None, now: datetime, ends_at: datetime
) -> UUID:
    """Note that a silence is about to be made."""
    identity = uuid4()
    async with turn():
        await Silence.create(
            id=identity,
            matchers=storable([dict(one) for one in matchers]),
            comment=storable(comment),
            human=storable(by)[:128],
            incident_id=incident,
            state=ASKED,
            created_at=now,
            ends_at=ends_at,
        )
    return identity


@patient
async def made(identity: UUID, silence: str, *, ends_at: datetime) -> None:
    """Alertmanager has it, under this id, until then."""
    async with turn():
        await Silence.filter(id=identity).update(silence=silence, state=ACTIVE, ends_at=ends_at, warned_at=None)


@patient
async def end(silence: str, *, now: datetime) -> bool:
    """It is over; whether it was not so before."""
    async with turn():
        return bool(await Silence.filter(silence=silence, state=ACTIVE).update(state=ENDED, ends_at=now))


@patient
async def warn(identity: UUID, *, now: datetime) -> bool:
    """Its end was told ahead; of those who would, one does."""
    async with turn():
        return bool(await Silence.filter(id=identity, state=ACTIVE, warned_at=None).update(warned_at=now))


@patient
async def with_id(silence: str) -> SilenceRecord | None:
    """By the id in Alertmanager."""
    row = await Silence.filter(silence=silence).order_by("-created_at").first()
    return None if row is None else _record(row)


@patient
async def active() -> list[SilenceRecord]:
    """Those whose end was not told, soonest end first."""
    return [_record(row) for row in await Silence.filter(state=ACTIVE).order_by("ends_at")]


@patient
async def silences_of(incident: UUID) -> list[SilenceRecord]:
    """Those of an incident, oldest first."""
    return [_record(row) for row in await Silence.filter(incident_id=incident).order_by("created_at")]


def _record(row: Silence) -> SilenceRecord:
    values: dict[str, Any] = {name: getattr(row, name) for name in SilenceRecord.__dataclass_fields__}
    return SilenceRecord(**values)
