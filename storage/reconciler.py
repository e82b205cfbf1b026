"""Makes the queue what the database says, and frees what dead workers held."""

import logging
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from storage import conversions
from storage.queue import WORKER_LIFE_S, Queue
from storage.records import ConversionRecord, State

log = logging.getLogger(__name__)

_IN_FLIGHT = timedelta(seconds=2)
"""Younger rows may be about to get their job."""


@dataclass(slots=True)
class Reconciler:
    """Remembers which workers were missing, and which jobs unclaimed; one for each process that reconciles."""

    queue: Queue
    _missing_since: dict[str, datetime] = field(default_factory=dict)
    _unclaimed_since: dict[str, datetime] = field(default_factory=dict)
    _strange: frozenset[str] = frozenset()

    async def glance(self, *, now: datetime) -> None:
        """Every few seconds: dead workers, and a queue that has lost something; raises QueueUnreachable."""
        await self._free_dead(now)
        numbers = await conversions.counts()
        if await self.queue.depth() < numbers[State.QUEUED] + numbers[State.RUNNING]:
            await self._queue_missing(now)

    async def reconcile(self, *, now: datetime) -> Mapping[str, int]:
        """At start and every minute: the same, and jobs that nobody wants; returns how many of what."""
        return {
            "released": await self._free_dead(now),
            "queued": await self._queue_missing(now),
            "dropped": await self._drop_strange(),
        }

    async def _free_dead(self, now: datetime) -> int:
        running = await conversions.open_conversions([State.RUNNING])
        alive = {worker.name for worker in await self.queue.workers()}
        missing = {one.worker for one in running if one.worker and one.worker not in alive}
        self._missing_since = {name: self._missing_since.get(name, now) for name in missing}
        dead = [name for name, since in self._missing_since.items() if (now - since).total_seconds() >= WORKER_LIFE_S]
        freed = [one for name in dead for one in await self._free(name, now)]
        await self._free_unclaimed({str(one.id) for one in running}, now)
        await self._queue_all([one for one in running if one.id in freed])
        return len(freed)

    async def _free(self, worker: str, now: datetime) -> list[UUID]:
        freed = await conversions.release(worker, f"{worker} has died", now=now)
        await self.queue.free(freed)
        log.warning("worker %s has died; %d conversions go back to the queue", worker, len(freed))
        return freed

    async def _free_unclaimed(self, running: Set[str], now: datetime) -> None:
        """Free jobs whose worker died before it could claim their conversion: arq would wait for their time-out."""
        held = await self.queue.held()
        self._unclaimed_since = {one: self._unclaimed_since.get(one, now) for one in held if one not in running}
        lost = [one for one, since in self._unclaimed_since.items() if (now - since).total_seconds() >= WORKER_LIFE_S]
        await self.queue.free(lost)

    async def _queue_missing(self, now: datetime) -> int:
        waiting = await conversions.open_conversions([State.QUEUED])
        settled = [one for one in waiting if now - (one.queued_at or one.accepted_at) > _IN_FLIGHT]
        missing = set(await self.queue.missing([one.id for one in settled]))
        return await self._queue_all([one for one in settled if one.id in missing])

    async def _queue_all(self, rows: Collection[ConversionRecord]) -> int:
        added = await self.queue.enqueue_all((row.id, row.queued_at or row.accepted_at, row.priority) for row in rows)
        if added:
            log.warning("%d conversions had no job; they are queued again", added)
        return added

    async def _drop_strange(self) -> int:
        """Drop jobs that had no open row twice in a row: one that has just ended is about to leave by itself."""
        wanted = {str(one) for one in await conversions.open_ids()}
        strange = frozenset(await self.queue.all_ids()) - wanted
        lasting, self._strange = strange & self._strange, strange
        await self.queue.remove(lasting)
        return len(lasting)
