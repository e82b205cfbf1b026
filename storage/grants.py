"""Roles that were given in chat, for a time; what ``ops.yaml`` gives is not here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import Q

from storage.database import patient, turn
from storage.models import Grant
from storage.texts import storable


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A role given to a human, until then or for good."""

    id: UUID
    human: str
    role: str
    reason: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@patient
async def grants(*, now: datetime, humans: Collection[str] | None = None) -> list[GrantRecord]:
    """Those that hold now."""
    rows = Grant.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)
    if humans is not None:
        rows = rows.filter(human__in=list(humans))
    return [_record(row) for row in await rows.order_by("granted_at")]


@patient
async def grant(
    human: str, role: str, *, reason: str, by: str, now: datetime, expires_at: datetime | None
) -> GrantRecord:
    """Give a role."""
    row = await Grant.create(
        id=uuid4(),
        human=storable(human),
        role=role,
        reason=storable(reason)[:200],
        granted_by=by,
        granted_at=now,
        expires_at=expires_at,
    )
    return _record(row)


@patient
async def revoke(human: str, *, now: datetime) -> int:
    """Take back all that was given to a human; returns how many."""
    async with turn():
        return await Grant.filter(human=human, revoked_at__isnull=True).update(revoked_at=now)


def _record(row: Grant) -> GrantRecord:
    return GrantRecord(
        row.id, row.human, row.role, row.reason, row.granted_by, row.granted_at, row.expires_at, row.revoked_at
    )
