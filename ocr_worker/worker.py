"""The worker process: one arq worker, one job at a time, one child that reads."""

import asyncio
import contextlib
import logging
import os
import platform
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

import psutil
from arq import ArqRedis, Retry
from arq.worker import Worker, func
from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception_type, wait_exponential_jitter

from config.clock import utcnow
from config.settings import Settings
from config.tasks import Tasks, end, is_being_cancelled
from config.tracing import Tracing, open_tracing
from ocr_worker.child import ChildLimits, ReaderProcess, ReaderUnavailable
from ocr_worker.jobs import Again, JobLimits, PictureJobs
from storage import conversions, schema
from storage.attending import attending
from storage.blobs import open_blobs
from storage.database import open_database
from storage.errors import DatabaseUnreachable, QueueUnreachable, SchemaOutdated
from storage.queue import JOB, QUEUE, Queue, WorkerRecord, connect, deserialise, serialise

log = logging.getLogger(__name__)

_LOOK_S = 0.1
"""How often a free worker looks for a job by itself: calls come sooner, but not for jobs that were put off."""
_BUSY_S = 1.0
"""The same while it has one: only what arq does beside."""
_HEAR_AGAIN_S = 1.0
_BEAT_S = 2.0
_NEVER = 1_000_000
"""Tries are counted in the database, where they survive; arq's own count must not end a job unseen."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What one worker process needs to know; addresses, its stable name, how it reads."""

    name: str
    database_url: str
    redis_url: str
    settings: Settings
    reader_command: list[str]


async def run_worker(options: WorkerOptions) -> None:
    """Work until SIGTERM or SIGINT, then finish the job at hand; raises SettingsError, SchemaTooNew.

    A database or Redis that does not answer is waited for, at start and later.
    """
    settings = options.settings
    limits = ChildLimits(time_s=settings.reading_seconds, memory_bytes=settings.reading_memory_mb * 1_000_000)
    async with AsyncExitStack() as stack:
        await _wait_for_schema(options.database_url)
        await stack.enter_async_context(open_database(options.database_url, connections=4))
        redis: ArqRedis = await _patiently(QueueUnreachable)(connect, options.redis_url, patience=20)
        queue = Queue(redis)
        stack.push_async_callback(redis.aclose)
        await _take_over(options.name, queue)
        reader = ReaderProcess(options.reader_command, limits)
        stack.push_async_callback(reader.stop)
        await reader.start()
        tracing = await stack.enter_async_context(open_tracing(settings, "worker"))
        jobs = _jobs(options, queue, reader, tracing)
        addresses = {"database_url": options.database_url, "redis_url": options.redis_url}
        await stack.enter_async_context(attending("worker", options.name, queue, settings, addresses, utcnow))
        returning = Tasks()
        stack.push_async_callback(returning.close)
        stack.push_async_callback(jobs.close)
        await _work_alive(options.name, queue, jobs, reader, _arq_worker(queue, jobs, settings, returning))


def _jobs(options: WorkerOptions, queue: Queue, reader: ReaderProcess, tracing: Tracing) -> PictureJobs:
    settings = options.settings
    return PictureJobs(
        worker=options.name,
        queue=queue,
        blobs=open_blobs(settings.picture_store, settings.data_dir),
        reader=reader,
        pipeline=_pipeline(reader),
        limits=JobLimits(settings.reading_attempts, settings.reading_seconds, timedelta(days=settings.deck_days)),
        clock=utcnow,
        tracing=tracing,
    )


def _pipeline(reader: ReaderProcess) -> str:
    if reader.facts is None:
        raise ReaderUnavailable("The reader ended as soon as it was ready.")
    return reader.facts.pipeline_version


async def _work(worker: Worker) -> None:
    """Until a signal; jobs that are cut off then are put back before this returns."""
    try:
        await worker.async_run()
    except asyncio.CancelledError:  # arq's way to end at a signal
        if is_being_cancelled():
            await end(*worker.tasks.values())
            raise
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)


class _PromptWorker(Worker):
    """arq's worker, which looks for a job as soon as one is queued or its last one has ended, unless it is paused."""

    def __init__(self, called: asyncio.Event, **options: Any) -> None:
        """``called`` is set when jobs are queued; ``options`` are arq's."""
        super().__init__(**options)
        self.called = called
        self.is_paused = False

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Take jobs, but none while paused."""
        if not self.is_paused:
            await super().start_jobs(job_ids)

    async def _poll_iteration(self) -> None:
        self.called.clear()
        await super()._poll_iteration()
        if self.tasks:
            await asyncio.wait(self.tasks.values(), timeout=_BUSY_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self.called.wait()


def _arq_worker(queue: Queue, jobs: PictureJobs, settings: Settings, returning: Tasks) -> _PromptWorker:
    async def read_picture(context: dict[Any, Any], conversion: str) -> None:
        again = await jobs.run(UUID(conversion))
        if isinstance(again, Again):
            returning.start(_return(queue, UUID(conversion), context["score"], again.delay_s))
            raise Retry(defer=again.delay_s)

    return _PromptWorker(
        asyncio.Event(),
        # arq's type asks for a function that takes anything.
        functions=[func(read_picture, name=JOB, max_tries=_NEVER)],  # type: ignore[arg-type]
        queue_name=QUEUE,
        redis_pool=queue.redis,
        max_jobs=1,
        # Readings have a limit of their own; this one only ends what waits for a database that never comes back.
        job_timeout=settings.reading_seconds + 600,
        job_completion_wait=settings.reading_seconds + 5,
        keep_result=0,
        poll_delay=0,
        health_check_interval=30,
        health_check_key=f"{QUEUE}:health-check:{jobs.worker}",
        job_serializer=serialise,
        job_deserializer=deserialise,
        log_results=False,
    )


async def _return(queue: Queue, conversion: UUID, score: float, delay_s: float) -> None:
    """Let a job that is tried later have its old place then: arq puts it behind all that came meanwhile.

    Should this worker end before, the job runs when arq says.
    """
    await asyncio.sleep(delay_s)
    with contextlib.suppress(QueueUnreachable):
        await queue.back_in_line(conversion, score)


async def _wait_for_schema(url: str) -> None:
    """The bot process brings the tables up to date; wait for it, and for the database."""

    async def check() -> None:
        (await schema.status(url)).check()

    await _patiently(SchemaOutdated, DatabaseUnreachable)(check)


def _patiently(*passing: type[Exception]) -> AsyncRetrying:
    """Try until it works, and say what is missing each time it does not."""
    return AsyncRetrying(
        retry=retry_if_exception_type(passing),
        wait=wait_exponential_jitter(multiplier=0.2, max=5, jitter=0.2),
        before_sleep=before_sleep_log(log, logging.WARNING),
        reraise=True,
    )


async def _take_over(name: str, queue: Queue) -> None:
    """Free what a killed predecessor of this name held."""
    held = await conversions.release(name, f"{name} was started again", now=utcnow())
    await queue.free(held)
    await queue.break_locks(name)
    if held:
        log.warning("%s takes over %d conversions of a worker that died", name, len(held))


async def _work_alive(name: str, queue: Queue, jobs: PictureJobs, reader: ReaderProcess, worker: _PromptWorker) -> None:
    """Work with a heartbeat: a worker that cannot tell that it lives must not go on."""
    await _patiently(QueueUnreachable)(_obey, queue, jobs, worker)
    async with asyncio.TaskGroup() as group:
        beside = [
            group.create_task(_beat(name, queue, jobs, reader, worker)),
            group.create_task(_hear(queue, jobs, worker)),
        ]
        await _work(worker)
        for task in beside:
            task.cancel()
    with contextlib.suppress(QueueUnreachable):
        await queue.say_gone(name)


async def _hear(queue: Queue, jobs: PictureJobs, worker: _PromptWorker) -> None:
    """Follow calls for workers; while Redis is away, or a call is lost, the worker looks by itself."""
    while True:
        with contextlib.suppress(QueueUnreachable):
            async for is_order in queue.calls():
                if is_order:
                    await _obey(queue, jobs, worker)
                worker.called.set()
        await asyncio.sleep(_HEAR_AGAIN_S)


async def _obey(queue: Queue, jobs: PictureJobs, worker: _PromptWorker) -> None:
    """Look at the orders for workers, and follow them."""
    at_hand = jobs.current
    orders = await queue.orders(at_hand)
    worker.is_paused = orders.is_paused
    if orders.is_cancelled and at_hand is not None:
        jobs.drop(at_hand)


async def _beat(name: str, queue: Queue, jobs: PictureJobs, reader: ReaderProcess, worker: _PromptWorker) -> None:
    started = time.time()
    while True:
        try:
            await _obey(queue, jobs, worker)
            await queue.say_alive(_record(name, jobs, reader, worker, started))
        except QueueUnreachable as error:
            log.warning("%s", error)
        await asyncio.sleep(_BEAT_S)


def _record(name: str, jobs: PictureJobs, reader: ReaderProcess, worker: _PromptWorker, started: float) -> WorkerRecord:
    facts = reader.facts
    return WorkerRecord(
        name=name,
        process=os.getpid(),
        host=platform.node(),
        release=version("screen2deck"),
        engine=facts.engine if facts else "",
        pipeline=facts.pipeline_version if facts else "",
        started=started,
        seen=time.time(),
        conversion=str(jobs.current) if jobs.current else None,
        done=jobs.done,
        failed=jobs.failed,
        memory=_memory(reader.pid),
        state=_state(is_reading=jobs.current is not None, is_paused=worker.is_paused, is_ready=facts is not None),
        stages={stage: spans.to_json() for stage, spans in jobs.stages.items()},
    )


def _state(*, is_reading: bool, is_paused: bool, is_ready: bool) -> str:
    if is_reading:
        return "reading"
    return "paused" if is_paused else "ready" if is_ready else "starting"


def _memory(child: int | None) -> int:
    """Bytes of this process and its child."""
    total = 0
    for process in (os.getpid(), child):
        with contextlib.suppress(psutil.Error):
            total += psutil.Process(process).memory_info().rss if process else 0
    return total
