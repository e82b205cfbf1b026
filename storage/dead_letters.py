"""Conversions that nothing could finish."""

from datetime import datetime
from uuid import UUID

from storage.database import patient
from storage.models import DeadLetter
from storage.records import DeadLetterRecord


@patient
async def dead_letters(*, limit: int = 50) -> list[DeadLetterRecord]:
    """Those that nobody has resolved, newest first."""
    rows = await DeadLetter.filter(resolved_at=None).order_by("-created_at").limit(limit)
    return [_record(row) for row in rows]


@patient
async def dead_letter_count() -> int:
    """How many nobody has resolved."""
    return await DeadLetter.filter(resolved_at=None).count()


@patient
async def resolve_dead_letter(letter_id: UUID, *, now: datetime) -> bool:
    """Drop one from the list; False if it was not on it."""
    return bool(await DeadLetter.filter(id=letter_id, resolved_at=None).update(resolved_at=now))


def _record(row: DeadLetter) -> DeadLetterRecord:
    return DeadLetterRecord(
        row.id,
        row.conversion_id,
        row.reason,
        row.detail,
        row.attempts,
        row.created_at,
        row.resolved_at,
    )
