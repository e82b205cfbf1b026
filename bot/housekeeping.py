"""What is done by the calendar: expired things dropped, the card catalogue kept fresh."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services import Services
from ocr_worker.cards import best_catalogue, is_stale
from ocr_worker.cards.update import update_catalogue
from ocr_worker.errors import CatalogueError
from storage.errors import StorageError
from storage.retention import sweep

log = logging.getLogger(__name__)

SWEEP = timedelta(minutes=15)
LOOK_AT_CATALOGUE = timedelta(days=1)
_SOON = timedelta(minutes=10)
"""A process that has just started has better things to do than to download cards."""


@asynccontextmanager
async def housekeeping(services: Services) -> AsyncIterator[None]:
    """Sweep every quarter of an hour, and look once a day whether the catalogue is a week old."""
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
    first = services.clock() + _SOON
    for work, every, options in (
        (drop_expired, SWEEP, {}),
        (refresh_catalogue, LOOK_AT_CATALOGUE, {"next_run_time": first}),
    ):
        scheduler.add_job(_forgiving(work, services), "interval", seconds=every.total_seconds(), **options)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


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


def _forgiving(work: Callable[[Services], Awaitable[None]], services: Services) -> Callable[[], Awaitable[None]]:
    """What cannot be done today is told in a sentence, and tried again next time."""

    async def trying() -> None:
        try:
            await work(services)
        except (StorageError, CatalogueError) as error:
            log.warning("%s", error)
        except Exception:
            log.exception("fault in %s", work.__name__)

    return trying
