"""Sends pictures from a terminal through the running product and waits for their decks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from bot.delivery import Delivery
from bot.intake import Submission
from bot.services import Services
from bot.terminal.skin import TerminalPlatform
from config.tasks import beside
from storage import people
from storage.records import ConversionRecord, DeckRecord

USER = "local"
Ended = tuple[ConversionRecord, DeckRecord | None]


@dataclass(frozen=True, slots=True)
class TerminalChat:
    """One run of a command as a chat."""

    services: Services
    platform: TerminalPlatform
    person: UUID

    async def send(self, path: Path, *, is_fresh: bool = False) -> ConversionRecord:
        """Hand a picture in; raises NotAccepted, OSError."""
        data = await asyncio.to_thread(path.read_bytes)
        submission = Submission(self.person, data, path.name, is_fresh=is_fresh)
        return await self.services.intake.submit(submission, self.platform.message)

    async def ended(self, conversions: Iterable[UUID]) -> AsyncIterator[Ended]:
        """The ends of these conversions, as they come."""
        waiting = set(conversions)
        while waiting:
            conversion, deck = await self.platform.ended.get()
            waiting.discard(conversion.id)
            yield conversion, deck


@asynccontextmanager
async def terminal_chat(services: Services, tell: Callable[[str], None]) -> AsyncIterator[TerminalChat]:
    """A chat that delivers to this process while the context lasts."""
    platform = TerminalPlatform(f"terminal-{uuid4().hex[:12]}", services.queue, tell)
    person = await people.person_with_account("terminal", USER, name=USER, now=services.clock())
    delivery = Delivery({platform.name: platform}, services.queue, services.clock, tracing=services.tracing)
    async with beside(delivery.run()):
        yield TerminalChat(services, platform, person.id)
