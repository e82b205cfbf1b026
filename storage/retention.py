"""What is kept no longer than it must be."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from storage.blobs import Blobs
from storage.conversions import SUBJECT
from storage.database import column, patient
from storage.gathered import remove_parts
from storage.models import Conversion, DeadLetter, Picture, StoredDeck
from storage.outbox import remove_messages
from storage.purges import pictures_of_purges, remove_purges
from storage.readings import remove_readings
from storage.records import OPEN

_ORPHAN_AFTER = timedelta(hours=1)
"""Bytes come before their row: what is younger may be about to get one."""
_PARTS_KEPT = timedelta(hours=1)
"""What belongs to a post so much later is asked for anew."""


async def sweep(blobs: Blobs, *, deck_keeping: timedelta, now: datetime) -> Mapping[str, int]:
    """Drop expired pictures and decks, their messages and readings; return how many of what.

    Pictures of open conversions, of unresolved dead letters and of purges that can be undone stay.
    """
    removed = {
        "pictures": await _drop_pictures(now),
        "decks": await _drop_decks(now),
        "conversions": await _drop_conversions(now - deck_keeping),
        "readings": await remove_readings(before=now - deck_keeping),
        "purges": await remove_purges(now),
        "parts": await remove_parts(before=now - _PARTS_KEPT),
        "messages": await remove_messages(now - deck_keeping, [SUBJECT]),
    }
    return {**removed, "files": await _drop_orphans(blobs, now)}


@patient
async def _drop_pictures(now: datetime) -> int:
    needed = Conversion.filter(state__in=list(OPEN), picture_hash__isnull=False).values("picture_hash")
    letters = DeadLetter.filter(resolved_at=None, conversion__picture_hash__isnull=False)
    return (
        await Picture.filter(expires_at__lt=now)
        .exclude(content_hash__in=Subquery(needed))
        .exclude(content_hash__in=Subquery(letters.values("conversion__picture_hash")))
        .exclude(content_hash__in=Subquery(pictures_of_purges(now)))
        .delete()
    )


@patient
async def _drop_decks(now: datetime) -> int:
    return await _delete(StoredDeck.filter(expires_at__lt=now))


@patient
async def _drop_conversions(before: datetime) -> int:
    unresolved = DeadLetter.filter(resolved_at=None).values("conversion_id")
    rows = Conversion.filter(ended_at__lt=before, result=None)
    return await _delete(rows.exclude(id__in=Subquery(unresolved)))


async def _delete(rows: QuerySet[Any]) -> int:
    """How many there were: SQLite counts what goes with them too."""
    count = await rows.count()
    await rows.delete()
    return count


async def _drop_orphans(blobs: Blobs, now: datetime) -> int:
    keys = await blobs.keys(before=now - _ORPHAN_AFTER)
    kept = await _kept_hashes()
    orphans = [key for key in keys if key not in kept]
    for key in orphans:
        await blobs.remove(key)
    return len(orphans)


@patient
async def _kept_hashes() -> frozenset[str]:
    return frozenset(await column(Picture.all(), "content_hash"))
