"""Shows conversions on a terminal, as the other skins do in their chats."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from bot.conversation.status import status_sentence
from storage import conversions, decks
from storage.queue import Queue
from storage.records import ConversionRecord, DeckRecord, Json, MessageRecord, NewMessage


@dataclass(slots=True)
class TerminalPlatform:
    """One run of a command is one chat, and its own platform, so that no other process delivers for it."""

    name: str
    queue: Queue
    tell: Callable[[str], None]
    ended: "asyncio.Queue[tuple[ConversionRecord, DeckRecord | None]]" = field(default_factory=asyncio.Queue)
    _told: dict[UUID, str] = field(default_factory=dict)
    _over: set[UUID] = field(default_factory=set)

    def message(self, conversion: UUID) -> NewMessage:
        """The message that shows a conversion here."""
        return NewMessage(self.name, self.name, conversions.SUBJECT, str(conversion))

    async def deliver(self, message: MessageRecord) -> Json:
        """Tell what is new; the end of a conversion goes to ``ended``, once."""
        row = await conversions.conversion(UUID(message.subject_id))
        sentence = status_sentence(row, place=await self.queue.place(row.id), stage=await self.queue.progress(row.id))
        label = row.picture_name or str(row.id)
        if self._told.get(row.id) != sentence and not row.state.is_end:
            self._told[row.id] = sentence
            self.tell(f"{label}: {sentence}")
        if row.state.is_end and row.id not in self._over:
            self._over.add(row.id)
            deck = await decks.deck_of(row.id) if row.state is row.state.DONE else None
            await self.ended.put((row, deck))
        return {"line": label}
