"""Who asked for what over HTTP: kept for a few days, for whoever has to find out what happened."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.functions import Count

from storage.database import column, patient, turn
from storage.models import AccessEntry

_COLUMNS = ("at", "address", "method", "route", "status", "milliseconds", "person", "id")
_AT_ONCE = 2000


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
    id: int = 0


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
    addresses: Collection[str] | None = None,
    person: str | None = None,
    statuses: Collection[int] | None = None,
    limit: int = 5000,
    older_than: tuple[datetime, int] | None = None,
) -> list[AccessRecord]:
    """Requests since then, newest first; ``older_than`` goes on after the ``place`` of the last of those before."""
    rows = AccessEntry.filter(at__gte=since)
    if addresses is not None:
        rows = rows.filter(address__in=list(addresses))
    if person is not None:
        rows = rows.filter(person=person)
    if statuses is not None:
        rows = rows.filter(status__in=list(statuses))
    if older_than is not None:
        at, identity = older_than
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=identity))
    found = await rows.order_by("-at", "-id").limit(limit).values_list(*_COLUMNS)
    return [AccessRecord(*row) for row in found]


async def all_entries(since: datetime, most: int) -> AsyncIterator[AccessRecord]:
    """The same, a few thousand at a time, so that nobody waits for it."""
    last: tuple[datetime, int] | None = None
    while most > 0:
        some = await entries(since=since, older_than=last, limit=min(most, _AT_ONCE))
        for one in some:
            yield one
        if len(some) < _AT_ONCE:
            return
        most -= len(some)
        last = (some[-1].at, some[-1].id)


@patient
async def counts_by_address(*, since: datetime, statuses: Collection[int] | None = None) -> dict[str, int]:
    """How many requests came from each address."""
    rows = AccessEntry.filter(at__gte=since)
    if statuses is not None:
        rows = rows.filter(status__in=list(statuses))
    found = await rows.annotate(count=Count("id")).group_by("address").values_list("address", "count")
    return {str(address): int(count) for address, count in found}


@patient
async def persons_at(addresses: Collection[str], *, since: datetime) -> set[str]:
    """Who was known among requests from these addresses."""
    rows = AccessEntry.filter(at__gte=since, address__in=list(addresses)).exclude(person="")
    return set(await column(rows.distinct(), "person"))


@patient
async def addresses_of(person: str, *, since: datetime) -> set[str]:
    """From where somebody asked."""
    rows = AccessEntry.filter(at__gte=since, person=person)
    return set(await column(rows.distinct(), "address"))


@patient
async def remove_entries(before: datetime) -> int:
    """Forget requests."""
    return await AccessEntry.filter(at__lt=before).delete()
