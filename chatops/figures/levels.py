"""Figures that can be looked at: queue, workers, delays of pictures, what the machine uses."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from chatops.observing.machine import Machine, Processor
from chatops.parts import Parts
from storage import conversions, outbox
from storage.accuracy import put_right
from storage.dead_letters import dead_letter_count
from storage.endings import Ending, endings
from storage.errors import StorageError
from storage.records import State

PICTURES = timedelta(minutes=15)
"""Rates and delays of pictures are those of so long: there are fewer of them than of requests."""
CORRECTIONS = timedelta(days=1)
_LOOK_S = 0.2


@dataclass(slots=True)
class Levels:
    """What was found, by name of the figure; ``cases`` is from how many; ``missing`` why something was not."""

    values: dict[str, float] = field(default_factory=dict)
    cases: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


async def levels(
    parts: Parts, names: Collection[str] = (), machine: Machine | None = None, since: Processor | None = None
) -> Levels:
    """All that is among ``names``, or all; the processor's since ``since``, or in the next fifth of a second.

    What does not answer is said, and the rest is told.
    """
    found = Levels()
    machine = machine or Machine()
    sources: Mapping[Callable[[], Awaitable[None]], tuple[str, ...]] = {
        lambda: _waiting(parts, found): ("queue_length", "oldest_waiting"),
        lambda: _pictures(parts, found): ("cache_hit_rate", "reading_p95", "failure_rate", "throughput"),
        lambda: _messages(found): ("outbox", "dead_letters"),
        lambda: _corrections(parts, found): ("certain_corrected",),
        lambda: _workers(parts, found): ("workers", "workers_busy", "worker_memory"),
        lambda: _machine(parts, found, machine): ("memory", "disk"),
        lambda: _processor(found, machine, since): ("cpu",),
    }
    for look, gives in sources.items():
        if not names or set(gives) & set(names):
            with _told(found, gives):
                await look()
    return found


@contextlib.contextmanager
def _told(found: Levels, gives: tuple[str, ...]) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        found.missing |= dict.fromkeys(gives, str(error))


@dataclass(slots=True)
class Measuring:
    """Measures for one who asks again and again: the processor's share is that since the last time."""

    parts: Parts
    machine: Machine = field(default_factory=Machine)
    _processor: Processor | None = None

    async def look(self) -> Levels:
        """What only this can tell: machine and pictures."""
        before, self._processor = self._processor, self.machine.processor()
        names = ("cpu", "memory", "disk", "cache_hit_rate", "reading_p95", "failure_rate", "throughput")
        return await levels(self.parts, names, self.machine, before)


async def _waiting(parts: Parts, found: Levels) -> None:
    found.values["queue_length"] = (await conversions.counts())[State.QUEUED]
    oldest = await conversions.oldest_waiting()
    age = 0.0 if oldest is None else (parts.clock() - oldest).total_seconds()
    found.values["oldest_waiting"] = max(0.0, age)


async def _pictures(parts: Parts, found: Levels) -> None:
    now = parts.clock()
    ended = await endings(now - PICTURES, now)
    known = [one for one in ended if one.from_cache or one.is_again]
    found.cases |= dict.fromkeys(("reading_p95", "failure_rate"), float(len(ended)))
    found.cases["cache_hit_rate"] = float(len(known))
    if known:
        found.values["cache_hit_rate"] = _share(known, lambda one: one.from_cache)
    if ended:
        found.values["failure_rate"] = _share(ended, lambda one: one.state is State.FAILED)
        found.values["reading_p95"] = sorted(one.seconds for one in ended)[int(0.95 * (len(ended) - 1))]
    found.values["throughput"] = len(ended) / (PICTURES.total_seconds() / 60)


async def _messages(found: Levels) -> None:
    found.values["outbox"] = await outbox.pending_count()
    found.values["dead_letters"] = await dead_letter_count()


async def _corrections(parts: Parts, found: Levels) -> None:
    found.values["certain_corrected"] = (await put_right(parts.clock() - CORRECTIONS)).decks


async def _workers(parts: Parts, found: Levels) -> None:
    alive = await parts.queue.workers()
    found.values["workers"] = len(alive)
    found.values["workers_busy"] = sum(one.conversion is not None for one in alive)
    if alive:
        found.values["worker_memory"] = max(one.memory for one in alive)


async def _machine(parts: Parts, found: Levels, machine: Machine) -> None:
    found.values["memory"] = machine.memory().share
    disks = await asyncio.to_thread(machine.disks, paths_of(parts))
    found.values["disk"] = max(one.share for one in disks)
    found.values |= {f"disk_used:{one.mount}": one.used for one in disks}
    found.values |= {f"oom_kills:{who}": count for who, count in machine.oom_kills().items()}


async def _processor(found: Levels, machine: Machine, since: Processor | None) -> None:
    if since is None:
        since = machine.processor()
        await asyncio.sleep(_LOOK_S)
    found.values["cpu"] = machine.processor().share_since(since)


def paths_of(parts: Parts) -> list[Path]:
    """Where this product writes: its data folder, temporary files, and the root of all."""
    return [parts.settings.data_dir, Path("/"), Path("/tmp")]  # noqa: S108  (looked at only)


def _share(ended: list[Ending], what: Callable[[Ending], bool]) -> float:
    return sum(map(what, ended)) / len(ended)
