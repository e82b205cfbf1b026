"""What is in the queue, job by job: arq's sorted set, with the keys beside it. Nothing is changed here."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix

from storage import conversions
from storage.queue import QUEUE, Queue, reaching
from storage.records import State

_AT_ONCE = 1000


class JobState(StrEnum):
    """Where a job is: ``deferred`` is to be tried later, ``orphaned`` has lost its body or its worker."""

    READY = "ready"
    DEFERRED = "deferred"
    IN_PROGRESS = "in-progress"
    RETRYING = "retrying"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One member of the queue; ``score`` is when it is due, which lies in the past for what may run."""

    id: str
    state: JobState
    score: float
    tries: int
    worker: str = ""
    has_body: bool = True

    @property
    def conversion(self) -> UUID | None:
        """Its conversion, None for a job that is none of ours."""
        try:
            return UUID(self.id)
        except ValueError:
            return None

    def due_at(self) -> datetime:
        """When it may run."""
        return datetime.fromtimestamp(self.score / 1000, UTC)


async def jobs(queue: Queue, *, now: datetime) -> AsyncIterator[JobRecord]:
    """All jobs, first to run first; raises QueueUnreachable."""
    holders = await _holders(queue)
    start = 0
    while members := await _members(queue, start):
        for one in members:
            yield _judged(one, holders, now)
        start += len(members)


async def job(queue: Queue, conversion: UUID, *, now: datetime) -> JobRecord | None:
    """The job of a conversion; raises QueueUnreachable."""
    with reaching():
        score = await queue.redis.zscore(QUEUE, str(conversion))
    if score is None:
        return None
    holders = await _holders(queue)
    [found] = await _looked_at(queue, [(str(conversion), float(score))])
    return _judged(found, holders, now)


async def counts(queue: Queue, *, now: datetime) -> Mapping[JobState, int]:
    """How many are where."""
    found = Counter([one.state async for one in jobs(queue, now=now)])
    return {state: found[state] for state in JobState}


async def _holders(queue: Queue) -> Mapping[str, str]:
    """Which worker that lives has which conversion, as it says itself or as the database knows since a moment."""
    workers = await queue.workers()
    said = {one.conversion: one.name for one in workers if one.conversion}
    names = {one.name for one in workers}
    running = await conversions.open_conversions([State.RUNNING])
    return {**said, **{str(one.id): one.worker for one in running if one.worker in names and one.worker}}


@dataclass(frozen=True, slots=True)
class _Member:
    id: str
    score: float
    has_body: bool
    is_taken: bool
    tries: int


async def _members(queue: Queue, start: int) -> list[_Member]:
    with reaching():
        found = await queue.redis.zrange(QUEUE, start, start + _AT_ONCE - 1, withscores=True)
    ids = [(one.decode() if isinstance(one, bytes) else one, float(score)) for one, score in found]
    return await _looked_at(queue, ids) if ids else []


async def _looked_at(queue: Queue, ids: list[tuple[str, float]]) -> list[_Member]:
    with reaching():
        async with queue.redis.pipeline(transaction=False) as pipe:
            for prefix in (job_key_prefix, in_progress_key_prefix, retry_key_prefix):
                pipe.mget([prefix + one for one, _ in ids])
            bodies, marks, tries = await pipe.execute()
    rows = zip(ids, bodies, marks, tries, strict=True)
    return [_Member(one, at, body is not None, mark is not None, int(n or 0)) for (one, at), body, mark, n in rows]


def _judged(one: _Member, holders: Mapping[str, str], now: datetime) -> JobRecord:
    return JobRecord(one.id, _state(one, holders, now), one.score, one.tries, holders.get(one.id, ""), one.has_body)


def _state(one: _Member, holders: Mapping[str, str], now: datetime) -> JobState:
    if not one.has_body:
        return JobState.ORPHANED
    if one.is_taken:
        return JobState.IN_PROGRESS if one.id in holders else JobState.ORPHANED
    if one.score > now.timestamp() * 1000:
        return JobState.DEFERRED
    return JobState.RETRYING if one.tries else JobState.READY
