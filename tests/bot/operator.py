"""An operator beside a running product, with connections of their own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from bot.operations import open_console
from bot.services import open_services
from chatops.parts import Parts
from config.clock import utcnow
from config.settings import Settings


@asynccontextmanager
async def operating(settings: Settings, clock: Callable[[], datetime] = utcnow) -> AsyncIterator[Parts]:
    """What their actions work with."""
    async with open_services(settings, clock) as services:
        yield open_console(services).parts
