"""Figures as they were measured every few seconds, older ones in longer spans."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from storage.database import patient, transaction, turn
from storage.models import FigureSample


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What one process measured in a span of ``seconds`` from ``at`` on: levels of that moment, counts of the span."""

    source: str
    at: datetime
    seconds: int
    levels: Mapping[str, float]
    tallies: Mapping[str, float]


@patient
async def add(sample: SampleRecord) -> None:
    """Keep a sample; nothing if its process has one of that span already."""
    async with turn():
        await FigureSample.bulk_create([_row(sample)], ignore_conflicts=True)


@patient
async def between(since: datetime, until: datetime) -> list[SampleRecord]:
    """Samples whose span begins from ``since`` on and before ``until``, in order."""
    rows = await FigureSample.filter(at__gte=since, at__lt=until).order_by("at", "source")
    return [_record(row) for row in rows]


@patient
async def newest() -> datetime | None:
    """When the last span began."""
    row = await FigureSample.all().order_by("-at").first()
    return None if row is None else row.at


@patient
async def shorter_than(seconds: int, *, before: datetime, limit: int) -> list[tuple[UUID, SampleRecord]]:
    """Samples of spans shorter than ``seconds`` that began before then, oldest first."""
    rows = await FigureSample.filter(seconds__lt=seconds, at__lt=before).order_by("at").limit(limit)
    return [(row.id, _record(row)) for row in rows]


@patient
async def replace(old: Collection[UUID], new: Sequence[SampleRecord]) -> None:
    """Keep ``new`` instead of ``old``."""
    async with transaction():
        await FigureSample.filter(id__in=list(old)).delete()
        await FigureSample.bulk_create([_row(one) for one in new], ignore_conflicts=True)


@patient
async def remove(before: datetime) -> int:
    """Drop what is older; return how many."""
    async with turn():
        return await FigureSample.filter(at__lt=before).delete()


def _row(sample: SampleRecord) -> FigureSample:
    return FigureSample(
        id=uuid4(),
        source=sample.source[:96],
        at=sample.at,
        seconds=sample.seconds,
        levels=dict(sample.levels),
        tallies=dict(sample.tallies),
    )


def _record(row: FigureSample) -> SampleRecord:
    return SampleRecord(row.source, row.at, row.seconds, row.levels, row.tallies)
