"""What a post's message shows now; an album becomes one deck when its last picture is read."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.conversation.desk import Desk, Refused
from bot.conversation.model import Reply
from bot.conversation.preferences import Preferences
from bot.conversation.quiet import held_until
from bot.conversation.rendering import Progress, deck_reply, problem_reply, progress_reply
from ocr_worker.decks.merging import merge_decks
from storage import conversions, decks, holding, people
from storage.errors import NotStored, QueueUnreachable
from storage.pictures import is_kept
from storage.records import ConversionRecord, DeckRecord, MessageRecord, State

ALBUM = "album"
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Showing:
    """Renders messages of posts."""

    desk: Desk

    async def reply(self, message: MessageRecord) -> Reply:
        """The present state of a message; raises NotStored where its post is gone."""
        found = await conversions.conversions_of(UUID(message.subject_id))
        if not found or all(one.code == DELETED for one in found):
            raise NotStored("This post is no longer kept.")
        preferences = await self._preferences(found[0])
        if any(not one.state.is_end for one in found):
            return progress_reply(found, [await self._progress(one) for one in found], preferences.texts)
        read = [one for one in found if one.state is State.DONE]
        if not read:
            return problem_reply(found, preferences.texts)
        return await self._deck(found, read, preferences)

    async def _preferences(self, conversion: ConversionRecord) -> Preferences:
        return Preferences.of((await people.person(conversion.person)).preferences)

    async def _progress(self, conversion: ConversionRecord) -> Progress:
        with contextlib.suppress(QueueUnreachable):
            if conversion.state is State.RUNNING:
                return Progress(stage=await self.desk.queue.progress(conversion.id))
            if conversion.state is State.QUEUED:
                return Progress(place=await self.desk.queue.place(conversion.id))
        if conversion.state is State.HELD:
            return await self._holding()
        return Progress()

    async def _holding(self) -> Progress:
        """Until when, or for about how long, pictures are held."""
        now = self.desk.clock()
        until = await held_until(now)
        if until is not None:
            return Progress(until=until)
        return Progress(wait=await holding.expected_wait(sum((await conversions.counts()).values()), now=now))

    async def _deck(
        self, found: Sequence[ConversionRecord], read: Sequence[ConversionRecord], preferences: Preferences
    ) -> Reply:
        stored = await self.deck_of_post(read)
        deck = await self.desk.library.deck(stored.deck)
        first = read[0]
        kept = first.picture_hash is not None and await is_kept(first.picture_hash, first.person)
        return deck_reply(stored, deck, found, preferences, kept)

    async def deck_of_post(self, read: Sequence[ConversionRecord]) -> DeckRecord:
        """The deck of a post whose pictures are read: that of the first, which takes in the others once."""
        stored = await decks.deck_of(read[0].id)
        if len(read) == 1 or any(one.kind == ALBUM for one in await decks.corrections(stored.id)):
            return stored
        try:
            others = [await decks.deck_of(one.id) for one in read[1:]]
        except NotStored:
            return stored
        parts = [await self.desk.library.deck(one.deck) for one in (stored, *others)]
        merged = merge_decks(parts)
        with contextlib.suppress(Refused):  # another process has just done it
            await self.desk.keep_merged(stored, ALBUM, {"decks": [str(one.id) for one in others]}, merged)
        return await decks.deck(stored.id)
