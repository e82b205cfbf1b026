"""One job of the queue: a conversion is taken, its picture read, the result kept, whatever fails in between."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from config.clock import Clock
from config.tasks import Tasks, is_being_cancelled
from config.tracing import UNTRACED, Tracing
from ocr_worker.child import (
    PictureRefused,
    ReaderUnavailable,
    Reading,
    ReadingCrashed,
    ReadingFailed,
    ReadingOutOfMemory,
    ReadingTimedOut,
)
from storage import conversions
from storage.blobs import Blobs
from storage.errors import DatabaseUnreachable, QueueUnreachable
from storage.queue import Queue, Signal
from storage.readings import find_reading
from storage.records import ConversionRecord, ReadingRecord
from storage.spans import Spans

log = logging.getLogger(__name__)

_WORTH_TRYING_AGAIN = (ReadingTimedOut, ReadingOutOfMemory, ReadingCrashed)
_PICTURE_GONE = "Your picture is no longer kept, so it could not be read: send it again."


class Reads(Protocol):
    """Reads pictures: the handle of a child process."""

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """As ``ReaderProcess.read``."""
        ...


@dataclass(frozen=True, slots=True)
class Again:
    """The job is to be run again after so many seconds."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How often a picture is tried, how long its reading may take, how long decks are kept."""

    attempts: int = 3
    reading_s: float = 45.0
    deck_keeping: timedelta = timedelta(days=90)


@dataclass(slots=True)
class PictureJobs:
    """Runs jobs for one worker, one at a time."""

    worker: str
    queue: Queue
    blobs: Blobs
    reader: Reads
    pipeline: str
    limits: JobLimits
    clock: Clock
    tracing: Tracing = UNTRACED
    current: UUID | None = field(default=None, init=False)
    _reading: "asyncio.Task[Reading] | None" = field(default=None, init=False)
    _dropped: UUID | None = field(default=None, init=False)
    _tasks: Tasks = field(default_factory=Tasks, init=False)
    done: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)
    stages: dict[str, Spans] = field(default_factory=dict, init=False)

    async def run(self, conversion_id: UUID) -> Again | None:
        """Bring a conversion to its end, if it waits; Again where that must be tried later."""
        try:
            taken = await conversions.claim(conversion_id, self.worker, now=self.clock())
        except DatabaseUnreachable as error:
            log.warning("%s", error)
            return Again(1.0)
        if taken is None:
            return await self._left_behind(conversion_id)
        self.current = conversion_id
        try:
            with structlog.contextvars.bound_contextvars(correlation=taken.correlation):
                return await self._traced(taken)
        except asyncio.CancelledError:
            await asyncio.shield(self._tasks.start(self._put_back(taken, "the worker stops", counts=False)))
            raise
        except Exception as error:
            # Held by a worker that lives, it would never be looked at again.
            log.exception("conversion %s: fault in the worker", taken.id)
            await self._put_back(taken, f"fault in the worker: {type(error).__name__}", counts=True)
            return Again(1.0)
        finally:
            self.current = None

    async def close(self) -> None:
        """Return when nothing of a job that was cut off goes on."""
        await self._tasks.settle()

    def drop(self, conversion_id: UUID) -> None:
        """Stop reading it, if that is what is being read: it was cancelled."""
        if self.current == conversion_id and self._reading is not None:
            self._dropped = conversion_id
            self._reading.cancel()

    async def _left_behind(self, conversion_id: UUID) -> Again | None:
        """Nobody waits for it, unless this worker took it before and lost it."""
        try:
            released = await conversions.release(self.worker, "left behind by this worker", now=self.clock())
        except DatabaseUnreachable as error:
            log.warning("%s", error)
            return Again(1.0)
        return Again(0.0) if conversion_id in released else None

    async def _traced(self, taken: ConversionRecord) -> Again | None:
        if taken.queued_at is not None and taken.started_at is not None:
            self.tracing.past(taken.correlation, "wait", taken.queued_at, taken.started_at)
        with self.tracing.span(taken.correlation, "job") as note:
            note.values |= {"worker": self.worker, "attempt": taken.attempts, "pipeline": self.pipeline}
            again = await self._read(taken)
            note.values["again"] = again is not None
            return again

    async def _read(self, taken: ConversionRecord) -> Again | None:
        if taken.attempts > self.limits.attempts:
            await self._give_up(taken, ReadingCrashed(), "its worker died each time")
            return None
        picture = None if taken.picture_hash is None else await self._picture(taken.picture_hash)
        if picture is None or taken.picture_hash is None:
            await self._fail(taken, "picture_gone", _PICTURE_GONE, "the picture is not in the store", dead=False)
            return None
        known = None if taken.is_fresh else await self._known_reading(taken.picture_hash)
        if known is not None:
            await self._finish(taken, known, from_cache=True)
            return None
        return await self._read_alone(taken, taken.picture_hash, picture)

    async def _read_alone(self, taken: ConversionRecord, content_hash: str, picture: bytes) -> Again | None:
        """Identical pictures are read once: the second waits for the result of the first."""
        lock = f"reading:{content_hash}"
        if not await self._lock(lock):
            await self._put_back(taken, "the same picture is being read", counts=False)
            return Again(0.2)
        try:
            return await self._read_picture(taken, picture)
        finally:
            with contextlib.suppress(QueueUnreachable):
                await self.queue.unlock(lock, self.worker)

    async def _lock(self, name: str) -> bool:
        """Without Redis there is no lock: reading twice does no harm."""
        try:
            return await self.queue.lock(name, self.worker, self.limits.reading_s + 15)
        except QueueUnreachable:
            return True

    async def _read_picture(self, taken: ConversionRecord, picture: bytes) -> Again | None:
        async def on_stage(stage: str) -> None:
            with contextlib.suppress(QueueUnreachable):
                await self.queue.show_progress(taken.id, taken.post, stage)

        self._dropped, began = None, self.clock()
        self._reading = self._tasks.start(self.reader.read(picture, on_stage))
        try:
            reading = await self._reading
        except asyncio.CancelledError:
            if self._dropped != taken.id or is_being_cancelled():
                raise
            log.info("conversion %s was cancelled", taken.id)
            return Again(1.0) if await self._put_back(taken, "was not to be cancelled", counts=False) else None
        except PictureRefused as refusal:
            await self._finish(taken, ReadingRecord(None, refusal.code, str(refusal)))
        except ReadingFailed as failure:
            return await self._after_failure(taken, failure)
        except ReaderUnavailable as problem:
            log.error("%s", problem)
            await self._put_back(taken, f"no reader: {problem}", counts=False)
            return Again(5.0)
        else:
            self._trace_stages(taken, reading, began)
            await self._finish(taken, ReadingRecord(reading.deck, timings=reading.timings))
        finally:
            self._reading = None
        return None

    def _trace_stages(self, taken: ConversionRecord, reading: Reading, began: datetime) -> None:
        """The child measures its stages, one after the other."""
        for stage, seconds in reading.timings.items():
            ended = began + timedelta(seconds=seconds)
            self.tracing.past(taken.correlation, stage, began, ended)
            began = ended

    async def _after_failure(self, taken: ConversionRecord, failure: ReadingFailed) -> Again | None:
        detail = f"{type(failure).__name__} in attempt {taken.attempts}"
        log.warning("conversion %s: %s", taken.id, detail)
        if isinstance(failure, _WORTH_TRYING_AGAIN) and taken.attempts < self.limits.attempts:
            await self._put_back(taken, detail, counts=True)
            return Again(1.0)
        await self._give_up(taken, failure, detail)
        return None

    async def _give_up(self, taken: ConversionRecord, failure: ReadingFailed, detail: str) -> None:
        await self._fail(taken, type(failure).__name__, str(failure), detail, dead=True)

    async def _picture(self, content_hash: str) -> bytes | None:
        async for attempt in _until_the_database_answers():
            with attempt:
                return await self.blobs.get(content_hash)
        return None

    async def _known_reading(self, content_hash: str) -> ReadingRecord | None:
        async for attempt in _until_the_database_answers():
            with attempt:
                return await find_reading(content_hash, self.pipeline)
        return None

    async def _finish(self, taken: ConversionRecord, reading: ReadingRecord, *, from_cache: bool = False) -> None:
        """The result is not lost while the database is away: this waits for it."""
        started = taken.started_at or self.clock()
        waited = (started - (taken.queued_at or started)).total_seconds()
        timed = ReadingRecord(reading.deck, reading.code, reading.sentence, {**reading.timings, "waiting": waited})
        async for attempt in _until_the_database_answers():
            with attempt:
                kept = await conversions.finish(
                    taken.id,
                    self.worker,
                    timed,
                    pipeline=None if from_cache or taken.is_fresh else self.pipeline,
                    deck_until=self.clock() + self.limits.deck_keeping,
                    now=self.clock(),
                    from_cache=from_cache,
                )
        self.done += 1
        if not from_cache:
            for stage, seconds in timed.timings.items():
                self.stages.setdefault(stage, Spans()).add(seconds)
        what = "from the cache" if from_cache else reading.code or "read"
        log.info("conversion %s: %s", taken.id, what if kept else "it had ended before its reading did")
        await self._wake(taken.id)

    async def _fail(self, taken: ConversionRecord, code: str, sentence: str, detail: str, *, dead: bool) -> None:
        async for attempt in _until_the_database_answers():
            with attempt:
                await conversions.fail(
                    taken.id,
                    code,
                    sentence,
                    detail=detail,
                    now=self.clock(),
                    worker=self.worker,
                    is_dead_letter=dead,
                )
        self.failed += 1
        log.error("conversion %s is given up: %s", taken.id, detail)
        await self._wake(taken.id)

    async def _put_back(self, taken: ConversionRecord, detail: str, *, counts: bool) -> bool:
        """Whether it was still this worker's to put back."""
        async for attempt in _until_the_database_answers():
            with attempt:
                return await conversions.put_back(taken.id, self.worker, detail, now=self.clock(), counts=counts)
        return False

    async def _wake(self, conversion_id: UUID) -> None:
        with contextlib.suppress(QueueUnreachable):
            await self.queue.signal(Signal("outbox", str(conversion_id)))


def _until_the_database_answers() -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception_type(DatabaseUnreachable),
        wait=wait_exponential_jitter(multiplier=0.1, max=2.0, jitter=0.1),
        reraise=True,
    )
