"""What commands and skins of one process work with, opened together and closed in reverse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.addresses import database_url, redis_url
from bot.conversation.drawing import Drawing, open_drawing
from bot.intake import Intake
from chatops.observing.meters import Meters
from config.clock import Clock, utcnow
from config.settings import Settings
from config.tracing import UNTRACED, Tracing, open_tracing
from storage.blobs import Blobs, open_blobs
from storage.database import Database, open_database
from storage.queue import Queue, open_queue


@dataclass(frozen=True, slots=True)
class Services:
    """Open connections and what is built on them."""

    settings: Settings
    database: Database
    queue: Queue
    blobs: Blobs
    intake: Intake
    clock: Clock
    drawing: Drawing
    meters: Meters = field(default_factory=Meters)
    tracing: Tracing = UNTRACED


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock = utcnow) -> AsyncIterator[Services]:
    """Connect to database and Redis; raises SettingsError, DatabaseUnreachable, QueueUnreachable."""
    async with (
        open_tracing(settings, "bot") as tracing,
        open_database(database_url(settings)) as database,
        open_queue(redis_url(settings)) as queue,
        open_drawing(settings.data_dir) as drawing,
    ):
        blobs = open_blobs(settings.picture_store, settings.data_dir)
        meters = Meters()
        intake = Intake(queue, blobs, settings, clock, meters, tracing)
        yield Services(settings, database, queue, blobs, intake, clock, drawing, meters, tracing)
