"""What the conversation works with: people, decks and their messages."""

import contextlib
import logging
from dataclasses import dataclass
from uuid import UUID

from bot.conversation.model import Author
from bot.conversation.preferences import Preferences
from bot.conversation.texts import Texts
from bot.library import Library
from config.clock import Clock
from ocr_worker.decks import Deck, deck_to_json
from storage import conversions, decks, outbox, people
from storage.decks import DeckChanged
from storage.errors import QueueUnreachable
from storage.queue import Queue, Signal
from storage.records import ConversionRecord, DeckRecord, Json, PersonRecord

log = logging.getLogger(__name__)


class Refused(Exception):
    """What was asked for is not done; ``key`` names the sentence."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who speaks, and what they prefer."""

    person: PersonRecord
    preferences: Preferences

    @property
    def texts(self) -> Texts:
        """The sentences in their language."""
        return self.preferences.texts


@dataclass(frozen=True, slots=True)
class Desk:
    """Looks up and changes what is stored, for one bot process."""

    library: Library
    queue: Queue
    clock: Clock

    async def somebody(self, author: Author) -> Somebody:
        """The person behind an account; their client's language is remembered for messages that come later."""
        person = await people.person_with_account(author.platform, author.user, name=author.name, now=self.clock())
        preferences = Preferences.of(person.preferences, author.locale)
        if author.locale and person.preferences.get("locale") != author.locale:
            await people.set_preferences(person.id, preferences.stored())
        return Somebody(person, preferences)

    async def prefer(self, who: Somebody, **changes: object) -> Somebody:
        """Change what somebody prefers."""
        preferences = who.preferences.with_(**changes)
        await people.set_preferences(who.person.id, preferences.stored())
        return Somebody(who.person, preferences)

    async def own_deck(self, deck_id: UUID | None, who: Somebody) -> DeckRecord:
        """A deck that is theirs; raises Refused, NotStored."""
        if deck_id is None:
            raise Refused("old_button")
        stored = await decks.deck(deck_id)
        if stored.person != who.person.id:
            raise Refused("not_yours")
        return stored

    async def deck_at(self, deck_id: UUID | None, revision: int, who: Somebody) -> tuple[DeckRecord, Deck]:
        """Their deck, if it is still as the button saw it; raises Refused."""
        stored = await self.own_deck(deck_id, who)
        if stored.revision != revision:
            raise Refused("meanwhile")
        return stored, await self.library.deck(stored.deck)

    async def change(
        self, stored: DeckRecord, kind: str, what: Json, corrected: Deck, who: Somebody | None
    ) -> DeckRecord:
        """Keep a correction and show it in the deck's message; raises Refused."""
        changed = await self._correct(stored, kind, what, corrected, who)
        await self.show(stored)
        return changed

    async def keep_merged(self, stored: DeckRecord, kind: str, what: Json, merged: Deck) -> DeckRecord:
        """Keep what the product itself put together; raises Refused."""
        return await self._correct(stored, kind, what, merged, None)

    async def _correct(
        self, stored: DeckRecord, kind: str, what: Json, corrected: Deck, who: Somebody | None
    ) -> DeckRecord:
        old = stored.deck
        new = deck_to_json(corrected, image=old.get("image"), engine=old.get("engine"), seconds=old.get("seconds"))
        try:
            return await decks.correct(
                stored.id,
                stored.revision,
                kind,
                what,
                new,
                person=None if who is None else who.person.id,
                now=self.clock(),
            )
        except DeckChanged as error:
            raise Refused("meanwhile") from error

    async def show(self, stored: DeckRecord) -> None:
        """Have the message of a deck show what it is now."""
        conversion = await conversions.conversion(stored.conversion)
        await self.show_post(conversion)

    async def show_post(self, conversion: ConversionRecord) -> None:
        """Have the message of a conversion show what it is now."""
        await outbox.show_again(conversions.SUBJECT, str(conversion.post), now=self.clock())
        await self.wake(conversion.post)

    async def wake(self, post: UUID) -> None:
        """Have delivery look now rather than at its next round."""
        with contextlib.suppress(QueueUnreachable):
            await self.queue.signal(Signal("outbox", str(post)))
