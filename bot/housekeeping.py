"""What is done by the calendar: expired things dropped, the card catalogue kept fresh, the console's own jobs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.services import Services
from chatops.jobs import Job, jobs
from chatops.parts import Parts
from config.tasks import Tasks
from ocr_worker.cards import best_catalogue, is_stale
from ocr_worker.cards.update import update_catalogue
from ocr_worker.errors import CatalogueError
from storage import requests
from storage.errors import StorageError
from storage.retention import sweep

log = logging.getLogger(__name__)

SWEEP = timedelta(minutes=15)
LOOK_AT_CATALOGUE = timedelta(days=1)
_SOON = timedelta(minutes=10)
"""A process that has just started has better things to do than to download cards."""
_AFTER_TIMEOUT = timedelta(seconds=10)
_Work = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def housekeeping(services: Services, parts: Parts) -> AsyncIterator[None]:
    """Sweep every quarter of an hour, look once a day whether the catalogue is a week old, run the console's jobs."""
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
    turns = _Turns()
    first = services.clock() + _SOON
    for work, every, options in (
        (drop_expired, SWEEP, {}),
        (refresh_catalogue, LOOK_AT_CATALOGUE, {"next_run_time": first}),
    ):
        round_ = partial(turns.take, _forgiving(work, services))
        scheduler.add_job(round_, "interval", seconds=every.total_seconds(), **options)
    for job in jobs():
        at_once = {"next_run_time": services.clock()} if job.everywhere else {}
        scheduler.add_job(turns.take, trigger_of(job), args=(partial(run_job, job, parts),), id=job.name, **at_once)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        await turns.close()
        scheduler.shutdown(wait=False)


@dataclass(slots=True)
class _Turns:
    """What the scheduler runs: it would cancel its jobs, not wait for them, and log that as a fault of theirs."""

    _works: Tasks = field(default_factory=Tasks)
    _turns: Tasks = field(default_factory=Tasks)

    async def take(self, work: _Work) -> None:
        """Do a job in a task of its own; the scheduler's ends in peace when that is cancelled."""
        if (turn := asyncio.current_task()) is not None:
            self._turns.own(turn)
        await asyncio.wait({self._works.start(work())})

    async def close(self) -> None:
        """Return when nothing is being done."""
        await self._works.close()
        await self._turns.settle()


async def drop_expired(services: Services) -> None:
    """Drop pictures and decks whose time is over."""
    keeping = timedelta(days=services.settings.deck_days)
    removed = await sweep(services.blobs, deck_keeping=keeping, now=services.clock())
    if any(removed.values()):
        log.info("expired: %s", ", ".join(f"{count} {name}" for name, count in removed.items() if count))


async def refresh_catalogue(services: Services) -> None:
    """Fetch Scryfall's cards when ours are a week old; readers that start afterwards know them."""
    data_dir = services.settings.data_dir
    present = best_catalogue(data_dir).catalogue.date
    if is_stale(present, services.clock()):
        await update_catalogue(data_dir)
        log.info("the card catalogue of %s is replaced", present)


async def run_job(job: Job, parts: Parts) -> None:
    """Run one of the console's jobs, unless another process does; what fails is told and tried at its next time."""
    try:
        async with _turn_of(job, parts) as is_ours:
            if is_ours:
                async with asyncio.timeout(job.timeout.total_seconds()):
                    await job.work(parts)
    except StorageError as error:
        log.warning("%s: %s", job.name, error)
    except TimeoutError:
        log.error("%s took longer than %.0f s", job.name, job.timeout.total_seconds())
    except Exception:
        log.exception("fault in the job %s", job.name)


@asynccontextmanager
async def _turn_of(job: Job, parts: Parts) -> AsyncIterator[bool]:
    """Whether this process is the one to do it."""
    if job.everywhere:
        yield True
        return
    name, owner, now = f"job:{job.name}", uuid4().hex, parts.clock()
    if await requests.take_lock(name, owner, now=now, until=now + job.timeout + _AFTER_TIMEOUT) != owner:
        yield False
        return
    try:
        yield True
    finally:
        await requests.give_lock(name, owner)


def trigger_of(job: Job) -> BaseTrigger:
    """When a job is due; raises ValueError for a line that is no crontab's."""
    if isinstance(job.when, str):
        return CronTrigger.from_crontab(job.when, timezone="UTC")
    return IntervalTrigger(seconds=job.when.total_seconds(), timezone="UTC")


def _forgiving(work: Callable[[Services], Awaitable[None]], services: Services) -> _Work:
    """What cannot be done today is told in a sentence, and tried again next time."""

    async def trying() -> None:
        try:
            await work(services)
        except (StorageError, CatalogueError) as error:
            log.warning("%s", error)
        except Exception:
            log.exception("fault in %s", work.__name__)

    return trying
