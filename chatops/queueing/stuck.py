"""Jobs that would wait for ever: found without touching healthy ones, queued again once, then given up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chatops.parts import Parts
from chatops.queueing.maintaining import wake
from storage import conversions, inspection, outbox
from storage.inspection import JobRecord, JobState
from storage.records import ConversionRecord, MessageRecord, State

_MARK = "was stuck"
"""Events that begin so tell that something was queued again before."""
_CODE = "stuck"
_SENTENCE = "Your picture could not be read, though it was tried twice: send it again, please."


class Kind(StrEnum):
    """How a job got stuck."""

    WORKER_GONE = "its worker is gone"
    BODY_GONE = "its job has expired"
    UNDELIVERED = "its answer was never delivered"


@dataclass(frozen=True, slots=True)
class Stuck:
    """One stuck conversion, or message of one; ``was_stuck`` where it was queued again before."""

    kind: Kind
    conversion: ConversionRecord | None
    message: MessageRecord | None = None
    was_stuck: bool = False

    @property
    def id(self) -> str:
        """Of the conversion, or of what the message shows."""
        if self.conversion is not None:
            return str(self.conversion.id)
        return "" if self.message is None else self.message.subject_id


@dataclass(slots=True)
class Mended:
    """How many were queued again, given up, or had gone on by themselves."""

    again: Counter[Kind] = field(default_factory=Counter)
    dead: Counter[Kind] = field(default_factory=Counter)
    healed: int = 0

    @property
    def requeued(self) -> int:
        """Of all kinds."""
        return self.again.total()

    @property
    def buried(self) -> int:
        """Of all kinds."""
        return self.dead.total()

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """For a table."""
        for kind in Kind:
            if self.again[kind] or self.dead[kind]:
                yield kind.value, str(self.again[kind]), str(self.dead[kind])


def least_age(parts: Parts) -> timedelta:
    """What is younger may still be read: the time of a reading, and a minute."""
    return timedelta(seconds=parts.settings.reading_seconds + 60)


async def find_stuck(parts: Parts, older_than: timedelta, limit: int) -> list[Stuck]:
    """What is stuck for longer, at most so many, oldest first of each kind."""
    before = parts.clock() - older_than
    found = await _without_worker(parts, before)
    found += await _without_job(parts, before, {one.id for one in found})
    found = found[:limit]
    if len(found) < limit:
        late = await outbox.late_messages(conversions.SUBJECT, before, limit=limit - len(found))
        found += [Stuck(Kind.UNDELIVERED, None, one, one.attempts > 0 and one.problem == _MARK) for one in late]
    return found


async def _without_worker(parts: Parts, before: datetime) -> list[Stuck]:
    """Running in the database, while no worker that lives says that it reads it."""
    alive = {one.name: one.conversion for one in await parts.queue.workers()}
    rows = await conversions.open_conversions([State.RUNNING])
    old = [row for row in rows if (row.started_at or row.accepted_at) < before]
    gone = [row for row in old if alive.get(row.worker or "") != str(row.id)]
    return [Stuck(Kind.WORKER_GONE, row, was_stuck=await _was_stuck(row)) for row in gone]


async def _without_job(parts: Parts, before: datetime, known: set[str]) -> list[Stuck]:
    """Members of the queue that have no body, or a mark of a worker that is gone, and whose conversion waits."""
    orphans = [one async for one in inspection.jobs(parts.queue, now=parts.clock()) if _is_orphan(one)]
    rows = await conversions.conversions_by_id([one.conversion for one in orphans if one.conversion])
    found = []
    for one in orphans:
        row = None if one.conversion is None else rows.get(one.conversion)
        if row is None or row.state is not State.QUEUED or one.id in known:
            continue
        if (row.queued_at or row.accepted_at) < before:
            kind = Kind.BODY_GONE if not one.has_body else Kind.WORKER_GONE
            found.append(Stuck(kind, row, was_stuck=await _was_stuck(row)))
    return found


def _is_orphan(job: JobRecord) -> bool:
    return job.state is JobState.ORPHANED


async def _was_stuck(row: ConversionRecord) -> bool:
    return any(one.detail.startswith(_MARK) for one in await conversions.events(row.id))


async def mend(parts: Parts, found: Sequence[Stuck], *, requeues: bool) -> Mended:
    """Queue each again, unless that was done before or is not wanted: then it is given up, and its owner told."""
    mended = Mended()
    for one in found:
        if one.message is not None:
            await _deliver(parts, one.message, one.kind, requeues and not one.was_stuck, mended)
        elif one.conversion is not None:
            await _mend_conversion(parts, one, one.conversion, requeues and not one.was_stuck, mended)
    await wake(parts)
    return mended


async def _mend_conversion(parts: Parts, one: Stuck, row: ConversionRecord, requeues: bool, mended: Mended) -> None:
    now, detail = parts.clock(), f"{_MARK}: {one.kind}"
    if not requeues:
        is_ended = await conversions.fail(row.id, _CODE, _SENTENCE, detail=detail, now=now, worker=row.worker)
        if is_ended:
            await parts.queue.cancel(row.id)
            await parts.queue.free([row.id])
        mended.dead[one.kind] += is_ended
        mended.healed += not is_ended
        return
    if row.state is State.RUNNING:
        is_back = await conversions.put_back(row.id, row.worker or "", detail, now=now, counts=True)
    else:
        is_back = await conversions.note(row.id, State.QUEUED, detail, now=now)
    if is_back:
        await _queue_again(parts, row.id, row)
    mended.again[one.kind] += is_back
    mended.healed += not is_back


async def _queue_again(parts: Parts, identity: UUID, row: ConversionRecord) -> None:
    await parts.queue.free([identity])
    await parts.queue.unlock(f"reading:{row.picture_hash}", row.worker or "")
    await parts.queue.enqueue(identity, since=row.queued_at or row.accepted_at, ahead=row.priority)


async def _deliver(parts: Parts, message: MessageRecord, kind: Kind, requeues: bool, mended: Mended) -> None:
    now = parts.clock()
    if requeues:
        is_due = await outbox.try_now(message.id, _MARK, now=now)
        mended.again[kind] += is_due
        mended.healed += not is_due
    else:
        await outbox.give_up(message.id, f"{_MARK}: {kind}", now=now)
        mended.dead[kind] += 1
