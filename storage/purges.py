"""The queue emptied by hand, in a way that can be undone: every job is a row before it is taken away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from storage import outbox
from storage.conversions import SUBJECT, as_record
from storage.database import column, patient, transaction
from storage.models import Conversion, ConversionEvent, Purge, PurgedJob
from storage.records import ConversionRecord, State

CODE = "purged"
KEPT = timedelta(days=7)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PurgeRecord:
    """One emptying of the queue."""

    id: str
    count: int
    by: str
    reason: str
    created_at: datetime
    expires_at: datetime
    undone_at: datetime | None = None


async def purge(identity: str, sentence: str, *, reason: str, by: str, now: datetime) -> list[UUID]:
    """Cancel all conversions that wait in the queue now, and keep their jobs; return which.

    Their owners are told ``sentence``. They are still to be taken out of Redis.
    """
    await _begin(identity, reason, by, now)
    taken: list[UUID] = []
    while some := await _take_some(identity, sentence, now):
        taken += some
    await _count(identity, len(taken))
    return taken


@patient
async def _begin(identity: str, reason: str, by: str, now: datetime) -> None:
    fields = {"count": 0, "by": by, "reason": reason, "created_at": now, "expires_at": now + KEPT}
    await Purge.get_or_create(id=identity, defaults=fields)


@patient
async def _count(identity: str, count: int) -> None:
    await Purge.filter(id=identity).update(count=count)


@patient
async def _take_some(identity: str, sentence: str, now: datetime) -> list[UUID]:
    async with transaction():
        waiting = Conversion.filter(state=State.QUEUED, accepted_at__lte=now)
        ids = await column(waiting.order_by("accepted_at", "id").limit(_AT_ONCE), "id")
        if not ids:
            return []
        # Whoever takes one of them meanwhile has changed its state, and keeps it.
        marked = Conversion.filter(id__in=ids, state=State.QUEUED)
        await marked.update(state=State.CANCELLED, code=CODE, sentence=sentence, ended_at=now, worker=identity)
        rows = await Conversion.filter(id__in=ids, state=State.CANCELLED, worker=identity)
        await PurgedJob.bulk_create([_job(identity, row) for row in rows])
        await ConversionEvent.bulk_create(
            [ConversionEvent(conversion_id=row.id, state=State.CANCELLED, detail="purged", at=now) for row in rows]
        )
        posts = sorted({str(row.post or row.id) for row in rows})
        await outbox.want_newer(SUBJECT, posts, now=now, is_final=True)
    return [row.id for row in rows]


def _job(identity: str, row: Conversion) -> PurgedJob:
    return PurgedJob(
        purge_id=identity,
        conversion_id=row.id,
        picture_hash=row.picture_hash,
        priority=row.priority,
        accepted_at=row.accepted_at,
    )


@patient
async def purges(*, limit: int = 20) -> list[PurgeRecord]:
    """Newest first."""
    return [_record(row) for row in await Purge.all().order_by("-created_at").limit(limit)]


@patient
async def purged(identity: str) -> list[ConversionRecord]:
    """Conversions of a purge that are as it left them, first to be read first."""
    rows = Conversion.filter(purges__purge_id=identity, state=State.CANCELLED, code=CODE)
    return [as_record(row) for row in await rows.order_by("accepted_at", "id")]


@patient
async def mark_undone(identity: str, *, now: datetime) -> None:
    """Its jobs are queued again."""
    await Purge.filter(id=identity).update(undone_at=now)


@patient
async def remove_purges(before: datetime) -> int:
    """Drop those whose time is over; return how many."""
    return await Purge.filter(expires_at__lt=before).delete()


def pictures_of_purges(now: datetime) -> Any:
    """For a query: hashes of pictures that an undo would need."""
    undoable = PurgedJob.filter(purge__expires_at__gt=now, purge__undone_at=None, picture_hash__isnull=False)
    return undoable.values("picture_hash")


def _record(row: Purge) -> PurgeRecord:
    return PurgeRecord(row.id, row.count, row.by, row.reason, row.created_at, row.expires_at, row.undone_at)
