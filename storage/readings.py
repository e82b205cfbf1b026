"""Results of reading, by content of the picture and version of the pipeline, shared by all."""

from datetime import datetime

from storage.database import patient
from storage.models import StoredReading
from storage.records import ReadingRecord
from storage.texts import storable


@patient
async def find_reading(content_hash: str, pipeline: str) -> ReadingRecord | None:
    """What this picture was read as by this version."""
    row = await StoredReading.get_or_none(content_hash=content_hash, pipeline=pipeline)
    return None if row is None else reading_record(row)


async def keep_reading(content_hash: str, pipeline: str, reading: ReadingRecord, *, now: datetime) -> None:
    """Within the caller's transaction; the first of two is kept."""
    row = StoredReading(
        content_hash=content_hash,
        pipeline=pipeline,
        deck=storable(reading.deck),
        code=reading.code,
        sentence=storable(reading.sentence),
        timings=dict(reading.timings),
        created_at=now,
    )
    await StoredReading.bulk_create([row], ignore_conflicts=True)


@patient
async def remove_readings(*, before: datetime | None = None) -> int:
    """Drop results, all or those made before a time; return how many."""
    rows = StoredReading.all() if before is None else StoredReading.filter(created_at__lt=before)
    return await rows.delete()


def reading_record(row: StoredReading) -> ReadingRecord:
    """The record of a row."""
    return ReadingRecord(row.deck, row.code, row.sentence, row.timings or {})
