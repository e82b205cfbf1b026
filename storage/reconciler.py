"""Makes the queue what the database says, and frees what dead workers held."""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from storage import conversions
from storage.errors import QueueUnreachable
from storage.queue import WORKER_LIFE_S, Queue
from storage.records import ConversionRecord, State

log = logging.getLogger(__name__)

_IN_FLIGHT = timedelta(seconds=2)
"""Younger rows may be about to get their job; older ones too may seem to lie in the future, after the clock was set."""


_TAKEN_S = 2.0
"""A job that a worker has taken is running in the database but for moments, unless the worker died in these."""
_LOOKS = 4
"""So often in a row a worker must be silent: while Redis was away or empty, nobody could be heard."""


@dataclass(slots=True)
class _Silence:
    """A worker's last words, and for how long and how often they have been the last."""

    said: float | None
    since: float
    looks: int = 0


@dataclass(slots=True)
class Reconciler:
    """Remembers who was silent; one for each process that reconciles. ``ticks`` is a clock that nobody sets."""

    queue: Queue
    ticks: Callable[[], float] = time.monotonic
    _silence: dict[str, _Silence] = field(default_factory=dict)
    _taken: dict[UUID, float] = field(default_factory=dict)
    _strange: frozenset[str] = frozenset()

    async def glance(self, *, now: datetime) -> None:
        """Every second: dead workers, and a queue that has lost something; raises QueueUnreachable."""
        await self._free_dead(now)
        await self._free_taken()
        numbers = await conversions.counts()
        if await self.queue.depth() < numbers[State.QUEUED] + numbers[State.RUNNING]:
            await self._queue_missing(now)

    async def reconcile(self, *, now: datetime) -> Mapping[str, int]:
        """At start and every minute: the same, and jobs that nobody wants; returns how many of what."""
        return {
            "released": await self._free_dead(now) + await self._free_taken(),
            "queued": await self._queue_missing(now),
            "dropped": await self._drop_strange(),
        }

    async def _free_dead(self, now: datetime) -> int:
        running = await conversions.open_conversions([State.RUNNING])
        holders = {one.worker for one in running if one.worker}
        freed = [one for name in await self._dead(holders) for one in await self._free(name, now)]
        await self._queue_all([one for one in running if one.id in freed])
        return len(freed)

    async def _dead(self, holders: Collection[str]) -> list[str]:
        """Which of these workers are dead."""
        try:
            said = {worker.name: worker.seen for worker in await self.queue.workers()}
        except QueueUnreachable:
            self._silence.clear()
            raise
        known, self._silence = self._silence, {}
        for name in holders:
            before = known.get(name)
            is_silent = before is not None and said.get(name) in (None, before.said)
            self._silence[name] = before if before and is_silent else _Silence(said.get(name), self.ticks())
            self._silence[name].looks += 1
        return [name for name, silence in self._silence.items() if self._is_dead(silence)]

    def _is_dead(self, silence: _Silence) -> bool:
        return silence.looks > _LOOKS and self.ticks() - silence.since >= WORKER_LIFE_S

    async def _free(self, worker: str, now: datetime) -> list[UUID]:
        freed = await conversions.release(worker, f"{worker} has died", now=now)
        await self.queue.free(freed)
        await self.queue.break_locks(worker)
        log.warning("worker %s has died; %d conversions go back to the queue", worker, len(freed))
        return freed

    async def _free_taken(self) -> int:
        """Free jobs whose worker died after it had taken them and before, or after, the database knew them running."""
        taken = await self.queue.under_way()
        states = await conversions.states(taken)
        idle = [one for one in taken if states.get(one) is not State.RUNNING]
        known, self._taken = self._taken, {one: self._taken.get(one, self.ticks()) for one in idle}
        lost = [one for one in idle if one in known and self.ticks() - known[one] >= _TAKEN_S]
        await self.queue.free(lost)
        if lost:
            log.warning("%d jobs were taken by a worker that died; they are free again", len(lost))
        return len(lost)

    async def _queue_missing(self, now: datetime) -> int:
        waiting = await conversions.open_conversions([State.QUEUED])
        settled = [one for one in waiting if abs(now - (one.queued_at or one.accepted_at)) > _IN_FLIGHT]
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
