"""What is kept to be faster and can be thrown away: readings in the database, and Redis' keys below ``s2d:cache:``.

Nothing here can touch a key of the queue, of workers, of locks or of anything else: prefixes are the only way in.
"""

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.functions import Count, Max, Min

from storage.database import column, patient, turn
from storage.models import Conversion, StoredReading
from storage.queue import Queue, reaching
from storage.records import State

FAMILY = "s2d:cache:"
_AT_ONCE = 500
_SLOW_S = 0.05
"""A batch that takes longer shows that Redis has better things to do."""


class Cache(StrEnum):
    """What can be cleared."""

    CARDS = "cards"
    OCR_RESULTS = "ocr-results"
    EXPORTS = "exports"

    @property
    def prefix(self) -> str:
        """How its keys in Redis begin."""
        return f"{FAMILY}{self.value}:"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of a cache in Redis; ``is_all`` is false where looking or clearing stopped, since Redis was slow."""

    count: int = 0
    bytes: int = 0
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings that one version of the reader left."""

    pipeline: str
    count: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Lookups:
    """How pictures of a time were answered; those that were to be read anew are not counted.

    ``again`` is how many were read though the same picture had been, ``first`` how many were new.
    """

    hits: int
    again: int
    first: int

    @property
    def rate(self) -> float | None:
        """Share of hits among what the cache should have known; None without any."""
        return self.hits / (self.hits + self.again) if self.hits + self.again else None


@dataclass(frozen=True, slots=True)
class Miss:
    """A picture that was read more than once in a time."""

    picture_hash: str
    times: int


async def keys(queue: Queue, cache: Cache, unused_for: timedelta = timedelta()) -> Keys:
    """What Redis holds of a cache; raises QueueUnreachable."""
    found = Keys()
    async for batch, sizes, took in _batches(queue, cache, unused_for):
        found = Keys(found.count + len(batch), found.bytes + sum(sizes), took < _SLOW_S)
        if not found.is_all:
            break
    return found


async def clear_keys(queue: Queue, cache: Cache, unused_for: timedelta = timedelta()) -> Keys:
    """Unlink what Redis holds of a cache, in batches, while Redis is quick; raises QueueUnreachable."""
    freed = Keys()
    async for batch, sizes, _ in _batches(queue, cache, unused_for):
        began = time.monotonic()
        with reaching():
            await queue.redis.unlink(*batch)
        is_quick = time.monotonic() - began < _SLOW_S
        freed = Keys(freed.count + len(batch), freed.bytes + sum(sizes), is_quick)
        if not is_quick:
            break
    return freed


async def _batches(
    queue: Queue, cache: Cache, unused_for: timedelta
) -> AsyncIterator[tuple[list[bytes], list[int], float]]:
    """Keys with their sizes, and how long Redis took to tell of them."""
    cursor = 0
    while True:
        began = time.monotonic()
        with reaching():
            cursor, found = await queue.redis.scan(cursor, match=f"{cache.prefix}*", count=_AT_ONCE)
            batch = await _unused(queue, found, unused_for)
            async with queue.redis.pipeline(transaction=False) as pipe:
                for key in batch:
                    pipe.memory_usage(key)
                sizes = [int(size or 0) for size in await pipe.execute()]
        if batch:
            yield batch, sizes, time.monotonic() - began
        if not cursor:
            return


async def _unused(queue: Queue, found: Sequence[bytes], unused_for: timedelta) -> list[bytes]:
    if not unused_for or not found:
        return list(found)
    async with queue.redis.pipeline(transaction=False) as pipe:
        for key in found:
            pipe.object("idletime", key)
        idle = await pipe.execute(raise_on_error=False)
    least = unused_for.total_seconds()
    return [key for key, seconds in zip(found, idle, strict=True) if isinstance(seconds, int) and seconds >= least]


@patient
async def readings() -> list[Readings]:
    """What readings are kept, by the version of the reader, newest first."""
    rows = (
        await StoredReading.all()
        .group_by("pipeline")
        .annotate(count=Count("id"), oldest=Min("created_at"), newest=Max("created_at"))
        .values("pipeline", "count", "oldest", "newest")
    )
    found = [Readings(row["pipeline"], row["count"], _moment(row["oldest"]), _moment(row["newest"])) for row in rows]
    return sorted(found, key=lambda one: one.newest, reverse=True)


@patient
async def reading_count(before: datetime | None = None) -> int:
    """How many readings are kept that were made before a time."""
    rows = StoredReading.all() if before is None else StoredReading.filter(created_at__lt=before)
    return await rows.count()


async def clear_readings(before: datetime) -> int:
    """Drop readings that were made before a time, in batches; return how many."""
    count = 0
    while some := await _clear_some(before):
        count += some
    return count


@patient
async def _clear_some(before: datetime) -> int:
    async with turn():
        ids = await column(StoredReading.filter(created_at__lt=before).order_by("id").limit(_AT_ONCE), "id")
        return await StoredReading.filter(id__in=ids).delete() if ids else 0


@patient
async def lookups(since: datetime) -> Lookups:
    """How pictures were answered that ended after a time."""
    ended = Conversion.filter(ended_at__gt=since, state__in=[State.DONE, State.REFUSED], is_fresh=False)
    read = ended.filter(from_cache=False, picture_hash__isnull=False)
    pictures = len(await read.distinct().values_list("picture_hash", flat=True))
    hits = await ended.filter(from_cache=True).count()
    return Lookups(hits, again=await read.count() - pictures, first=pictures)


@patient
async def top_misses(since: datetime, *, limit: int) -> list[Miss]:
    """Pictures that were read more than once after a time, though nobody asked for that: most often first."""
    rows = (
        await Conversion.filter(
            ended_at__gt=since,
            state__in=[State.DONE, State.REFUSED],
            from_cache=False,
            is_fresh=False,
            picture_hash__isnull=False,
        )
        .group_by("picture_hash")
        .annotate(times=Count("id"))
        .filter(times__gt=1)
        .order_by("-times")
        .limit(limit)
        .values("picture_hash", "times")
    )
    return [Miss(row["picture_hash"], row["times"]) for row in rows]


def _moment(found: datetime | str) -> datetime:
    """SQLite's aggregates are text."""
    return datetime.fromisoformat(found) if isinstance(found, str) else found


def scopes(name: str) -> Collection[Cache]:
    """The caches that a word means: one of them, or all."""
    return list(Cache) if name == ALL else [Cache(name)]


ALL = "all-cache"
