"""Links that are good once, and for a short time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from storage.database import patient, transaction
from storage.models import OneTimeCode
from storage.records import Json
from storage.sessions import hashed


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """What a code is for, and whom."""

    purpose: str
    person: UUID
    details: Any
    made_by: str
    expires_at: datetime


@patient
async def make_code(purpose: str, person: UUID, details: Json, *, by: str, life: timedelta, now: datetime) -> str:
    """A new code, which cannot be shown again; those before it for the same are void."""
    code = secrets.token_urlsafe(24)
    async with transaction():
        await OneTimeCode.filter(purpose=purpose, person_id=person, used_at=None).update(used_at=now)
        await OneTimeCode.create(
            code_hash=hashed(code),
            purpose=purpose,
            person_id=person,
            details=dict(details),
            made_by=by[:128],
            created_at=now,
            expires_at=now + life,
        )
    return code


@patient
async def code(given: str, purpose: str, *, now: datetime) -> CodeRecord | None:
    """What a code is for, while it is good; using it is another matter."""
    row = await OneTimeCode.get_or_none(code_hash=hashed(given), purpose=purpose, used_at=None, expires_at__gt=now)
    return None if row is None else _record(row)


@patient
async def use_code(given: str, purpose: str, *, now: datetime) -> CodeRecord | None:
    """Take a code; of all who try one gets it."""
    wanted = hashed(given)
    rows = OneTimeCode.filter(code_hash=wanted, purpose=purpose, used_at__isnull=True, expires_at__gt=now)
    if not await rows.update(used_at=now):
        return None
    return _record(await OneTimeCode.get(code_hash=wanted))


@patient
async def remove_codes(before: datetime) -> int:
    """Forget those whose time was over before."""
    return await OneTimeCode.filter(expires_at__lt=before).delete()


def _record(row: OneTimeCode) -> CodeRecord:
    return CodeRecord(row.purpose, row.person_id, row.details, row.made_by, row.expires_at)
