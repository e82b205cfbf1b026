"""What was given up or taken out of the queue, and can still be read."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chatops.model import BadArgument, NotPossible
from chatops.parts import Parts
from chatops.queueing.maintaining import wake
from chatops.times import moment
from storage import conversions, purges
from storage.dead_letters import dead_letter_count, dead_letters
from storage.errors import QueueUnreachable
from storage.pictures import kept_of
from storage.records import ConversionRecord, State


@dataclass(frozen=True, slots=True)
class Revival:
    """Conversions that can be queued again; ``lost`` have no picture any more, ``left`` are beyond the limit."""

    source: str
    rows: Sequence[ConversionRecord]
    lost: int
    left: int = 0
    purge: str = ""


@dataclass(frozen=True, slots=True)
class Revived:
    """How many are in the queue, and how many wait for the end of maintenance."""

    queued: int
    held: int


async def revivable_letters(parts: Parts, only: UUID | None, limit: int) -> Revival:
    """Of dead letters: all, or one conversion's; raises NotPossible where there are none."""
    letters = [one for one in await dead_letters(limit=limit) if only is None]
    ids = [only] if only is not None else list(dict.fromkeys(one.conversion for one in letters))
    rows = await conversions.conversions_by_id(ids)
    found = [rows[one] for one in ids if one in rows and rows[one].state in (State.FAILED, State.CANCELLED)]
    if not found:
        raise NotPossible("Nothing is given up." if only is None else "This picture was not given up.")
    left = 0 if only is not None else max(0, await dead_letter_count() - len(letters))
    return await _readable(parts, found, "dead letters", left)


async def revivable_purge(parts: Parts, identity: str) -> Revival:
    """Of a purge; raises BadArgument for one that is not known, NotPossible where its time is over."""
    known = {one.id: one for one in await purges.purges(limit=200)}
    record = known.get(identity.lower())
    if record is None:
        raise BadArgument(f"purge: {identity} is not known; known are: {', '.join(known) or 'none'}.")
    if record.undone_at is not None:
        raise NotPossible(f"Purge {record.id} was undone at {moment(record.undone_at)}.")
    if record.expires_at <= parts.clock():
        raise NotPossible(f"Purge {record.id} could be undone until {moment(record.expires_at)}.")
    return await _readable(parts, await purges.purged(record.id), f"purge {record.id}", 0, record.id)


async def _readable(parts: Parts, rows: Sequence[ConversionRecord], source: str, left: int, purge: str = "") -> Revival:
    kept = await kept_of([row.picture_hash for row in rows if row.picture_hash])
    readable = [row for row in rows if row.picture_hash in kept]
    if not readable:
        raise NotPossible(f"None of {source} can be read any more: their pictures are gone.")
    return Revival(source, readable, len(rows) - len(readable), left, purge)


async def revive(parts: Parts, revival: Revival, detail: str) -> Revived:
    """Queue them, in the order in which they came."""
    now = parts.clock()
    ids = [row.id for row in sorted(revival.rows, key=lambda one: (one.accepted_at, str(one.id)))]
    opened = await conversions.open_all_again(ids, detail, now=now, all_waiting=parts.settings.queue_limit)
    queued = [one for one in opened if one.state is State.QUEUED]
    with contextlib.suppress(QueueUnreachable):  # the reconciler queues them
        await parts.queue.enqueue_all((one.id, one.accepted_at, one.priority) for one in queued)
    if revival.purge:
        await purges.mark_undone(revival.purge, now=now)
    await wake(parts)
    return Revived(len(queued), len(opened) - len(queued))
