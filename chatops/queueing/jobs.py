"""What is in the queue, in numbers and by name, for actions that look at it or change it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chatops.figures import thresholds
from chatops.model import BadArgument
from chatops.parts import Parts
from config.ops import Threshold
from storage import conversions, holding, inspection, pausing
from storage.inspection import JobState
from storage.pausing import PauseRecord
from storage.queue import WorkerRecord
from storage.records import ConversionRecord, State

WINDOW = timedelta(minutes=5)
"""Rates are those of so long."""
SHORT = 8
"""Letters of an id that are shown; any beginning of at least four is understood."""
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue at one moment; rates are conversions a minute."""

    jobs: Mapping[JobState, int]
    held: int
    oldest: timedelta | None
    rate_in: float
    rate_out: float
    workers: Sequence[WorkerRecord]
    pause: PauseRecord | None
    threshold: Threshold | None

    @property
    def waiting(self) -> int:
        """Jobs that no worker has."""
        return sum(self.jobs.values()) - self.jobs[JobState.IN_PROGRESS]

    @property
    def state(self) -> str:
        """Normal, elevated or alert, by the number that waits."""
        return "normal" if self.threshold is None else self.threshold.state(self.waiting)

    @property
    def until_empty(self) -> timedelta | None:
        """At the pace of the last minutes; None while nothing ends."""
        return timedelta(minutes=self.waiting / self.rate_out) if self.rate_out else None


async def look(parts: Parts) -> QueueView:
    """Raises QueueUnreachable, DatabaseUnreachable."""
    now, minutes = parts.clock(), WINDOW.total_seconds() / 60
    oldest = await conversions.oldest_waiting()
    return QueueView(
        jobs=await inspection.counts(parts.queue, now=now),
        held=await holding.held_count(),
        oldest=None if oldest is None else now - oldest,
        rate_in=await holding.accepted_since(now - WINDOW) / minutes,
        rate_out=await holding.ended_since(now - WINDOW) / minutes,
        workers=await parts.queue.workers(),
        pause=await pausing.paused(now),
        threshold=(await thresholds(parts)).get("queue_length"),
    )


async def conversion_named(text: str) -> ConversionRecord:
    """By its id or a beginning that only one has; raises BadArgument."""
    cleaned = text.strip().lower()
    try:
        found = [UUID(cleaned)]
    except ValueError:
        if len(cleaned) < _SHORTEST:
            raise BadArgument(f"id: at least {_SHORTEST} letters of an id are needed.") from None
        found = await conversions.ids_beginning(cleaned, limit=4)
    rows = await conversions.conversions_by_id(found)
    if not rows:
        raise BadArgument(f"id: there is no conversion {text[:40]}, or it has expired; queue list shows ids.")
    if len(rows) > 1:
        raise BadArgument(f"id: {text[:40]} may be any of {', '.join(short(one) for one in rows)}; give more of it.")
    return next(iter(rows.values()))


async def offered_conversions(parts: Parts, typed: str) -> Sequence[str]:
    """Ids that may be meant."""
    return [str(one.id) for one in await conversions.latest(25)]


def short(identity: UUID | str) -> str:
    """The beginning of an id, as tables show it."""
    return str(identity)[:SHORT]


def owner(row: ConversionRecord) -> str:
    """Whose it is, so that equal owners can be seen and nobody can be found."""
    return hashlib.sha256(row.person.bytes).hexdigest()[:6]


def is_waiting(row: ConversionRecord) -> bool:
    """In the queue or before it."""
    return row.state in (State.ACCEPTED, State.HELD, State.QUEUED)


def age(row: ConversionRecord, now: datetime) -> timedelta:
    """Since it was accepted."""
    return now - row.accepted_at
