"""What is kept no longer than it must be."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tortoise.expressions import Subquery

from storage.blobs import Blobs
from storage.conversions import SUBJECT
from storage.database import column, patient
from storage.models import Conversion, DeadLetter, Picture, StoredDeck
from storage.outbox import remove_messages
from storage.readings import remove_readings
from storage.records import OPEN

_ORPHAN_AFTER = timedelta(hours=1)
"""Bytes come before their row: what is younger may be about to get one."""


async def sweep(blobs: Blobs, *, deck_keeping: timedelta, now: datetime) -> Mapping[str, int]:
    """Drop expired pictures and decks, their messages and readings; return how many of what.

    Pictures of open conversions and of unresolved dead letters stay.
    """
    removed = {
        "pictures": await _drop_pictures(now),
        "decks": await _drop_decks(now),
        "conversions": await _drop_conversions(now - deck_keeping),
        "readings": await remove_readings(before=now - deck_keeping),
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
        .delete()
    )


@patient
async def _drop_decks(now: datetime) -> int:
    return await StoredDeck.filter(expires_at__lt=now).delete()


@patient
async def _drop_conversions(before: datetime) -> int:
    return await Conversion.filter(ended_at__lt=before, result=None, dead_letters=None).delete()


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
