"""Caches: looked at, and cleared by prefix; nothing else in Redis can be touched."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.figures import thresholds
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Word
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, counted, span
from config.ops import Role
from storage import caching
from storage.caching import ALL, Cache, Keys

GROUPS = {"cache": "What is kept to be faster."}

_DAY = timedelta(days=1)
_TOP = 5
_SCOPES = (*(one.value for one in Cache), ALL)
_ANY_AGE = timedelta()

Scope = Annotated[str, Word(_SCOPES)]
Age = Annotated[timedelta, Duration("1m", "365d"), "only what is older"]


@action("cache stats", role=Role.VIEWER)
async def stats(run: Run) -> Answer:
    """Tell how often the cache answered in the last day, what it holds, and what was read twice."""
    since = run.now - _DAY
    lookups, kept = await caching.lookups(since), await caching.readings()
    misses = await caching.top_misses(since, limit=_TOP)
    sizes = {cache: await caching.keys(run.parts.queue, cache) for cache in Cache}
    known = lookups.hits + lookups.again
    lines = [
        f"{lookups.hits} of {counted(known, 'picture')} of the last day that had been seen before came from the cache."
    ]
    if lookups.rate is not None:
        threshold = (await thresholds(run.parts)).get("cache_hit_rate")
        lines.append(f"That is {lookups.rate:.0%}" + (f", {threshold.state(lookups.rate)}." if threshold else "."))
    lines.append(f"{lookups.first} were new.")
    lines.append(f"{counted(sum(one.count for one in kept), 'reading').capitalize()} kept.")
    lines += [f"Read {one.times} times: {one.picture_hash[:12]}." for one in misses]
    present = {worker.pipeline for worker in await run.parts.queue.workers()}
    rows = [
        (
            f"readings of {one.pipeline}{'' if one.pipeline in present else ' (no worker)'}",
            f"{one.count:,}",
            ago(one.oldest, run.now),
        )
        for one in kept
    ]
    rows += [(f"Redis {cache.value}", f"{found.count:,}", _bytes(found.bytes)) for cache, found in sizes.items()]
    return Answer(
        " ".join(lines),
        table=Table(("what", "entries", "oldest or size"), tuple(rows)),
        suggestions=(suggestion("cache clear"),),
        data={
            "hits": lookups.hits,
            "again": lookups.again,
            "first": lookups.first,
            "rate": lookups.rate,
            "readings": {one.pipeline: one.count for one in kept},
            "redis": {cache.value: {"keys": found.count, "bytes": found.bytes} for cache, found in sizes.items()},
            "read_twice": [{"picture": one.picture_hash, "times": one.times} for one in misses],
        },
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a clearing would free, or has freed: keys by cache, and readings of the database."""

    keys: dict[Cache, Keys]
    readings: int

    @property
    def count(self) -> int:
        return self.readings + sum(one.count for one in self.keys.values())

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        found = [(one.prefix, f"{keys.count:,}", _bytes(keys.bytes)) for one, keys in self.keys.items()]
        if Cache.OCR_RESULTS in self.keys:
            found.append(("readings (database)", f"{self.readings:,}", ""))
        return tuple(found)


@action(
    "cache clear",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    check="cache stats",
    timeout=timedelta(minutes=5),
)
async def clear(run: Run, scope: Scope = Cache.OCR_RESULTS.value, older_than: Age = _ANY_AGE) -> Answer:
    """Drop what is cached: pictures sent again are read again; queue, locks and workers stay."""
    caches = caching.scopes(scope)
    keys = {one: await caching.clear_keys(run.parts.queue, one, older_than) for one in caches}
    readings = await caching.clear_readings(_before(run, older_than)) if Cache.OCR_RESULTS in caches else 0
    freed = _Found(keys, readings)
    slow = [one.value for one, found in keys.items() if not found.is_all]
    lines = [f"{counted(freed.count, 'entry', 'entries').capitalize()} dropped."]
    if slow:
        lines.append(f"Redis became slow at {', '.join(slow)}, so the rest of it stays; do it again in a moment.")
    data = {
        "readings": freed.readings,
        "redis": {one.value: {"keys": found.count, "bytes": found.bytes} for one, found in keys.items()},
        "stopped": slow,
    }
    return Answer(" ".join(lines), ok=not slow, table=Table(("what", "entries", "bytes"), freed.rows()), data=data)


@clear.plan
async def plan_clear(run: Run, scope: str = Cache.OCR_RESULTS.value, older_than: timedelta = _ANY_AGE) -> Plan:
    """How many entries of what."""
    caches = caching.scopes(scope)
    keys = {one: await caching.keys(run.parts.queue, one, older_than) for one in caches}
    readings = await caching.reading_count(_before(run, older_than)) if Cache.OCR_RESULTS in caches else 0
    found = _Found(keys, readings)
    age = f" older than {span(older_than)}" if older_than else ""
    if not found.count:
        raise NotPossible(f"Nothing{age} is cached under {scope}.")
    entries = counted(found.count, "entry", "entries")
    text = f"{entries}{age} of {scope} would be dropped; pictures that are sent again are read again."
    return Plan(text, table=Table(("what", "entries", "bytes"), found.rows()))


def _before(run: Run, older_than: timedelta) -> datetime:
    return run.now - older_than + (timedelta() if older_than else timedelta(seconds=1))


def _bytes(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B" if count else ""
