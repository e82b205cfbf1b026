"""Who asked for what over HTTP: kept for a few days, for whoever has to find out what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import patient, turn
from storage.models import AccessEntry


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One request; ``person`` is the id of who it was, where that is known."""

    at: datetime
    address: str
    method: str
    route: str
    status: int
    milliseconds: int
    person: str = ""


@patient
async def add_entries(entries: Sequence[AccessRecord]) -> None:
    """Keep some requests."""
    rows = [
        AccessEntry(
            at=one.at,
            address=one.address[:64],
            method=one.method[:8],
            route=one.route[:96],
            status=one.status,
            milliseconds=one.milliseconds,
            person=one.person,
        )
        for one in entries
    ]
    async with turn():
        await AccessEntry.bulk_create(rows)


@patient
async def entries(
    *,
    since: datetime,
    address: str | None = None,
    person: str | None = None,
    statuses: Iterable[int] | None = None,
    limit: int = 10_000,
) -> list[AccessRecord]:
    """Requests since then, newest first; an ``address`` that ends in ``*`` is the beginning of several."""
    rows = AccessEntry.filter(at__gte=since)
    if address is not None:
        rows = rows.filter(address__startswith=address[:-1]) if address.endswith("*") else rows.filter(address=address)
    if person is not None:
        rows = rows.filter(person=person)
    if statuses is not None:
        rows = rows.filter(status__in=list(statuses))
    return [_record(row) for row in await rows.order_by("-at", "-id").limit(limit)]


@patient
async def remove_entries(before: datetime) -> int:
    """Forget requests."""
    return await AccessEntry.filter(at__lt=before).delete()


def _record(row: AccessEntry) -> AccessRecord:
    return AccessRecord(row.at, row.address, row.method, row.route, row.status, row.milliseconds, row.person)
