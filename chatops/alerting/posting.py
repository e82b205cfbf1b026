"""Decides which cards are posted, and when: the worst first, few enough to be read, the rest in one digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops import notices
from chatops.model import Place
from chatops.notices import message_of
from chatops.parts import Parts
from chatops.places import alert_places
from storage import cards
from storage.alert_records import CardRecord
from storage.budget import DIGEST, Budget, posts_in_minute
from storage.cards import STORM
from storage.incidents import CARD

_SETTLE = timedelta(seconds=2)
"""What is not urgent waits so long for what is."""
_GROWS = timedelta(minutes=10)
"""A digest that is older is not added to any more: nobody would look there."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts for one process; of those who try at once, one does."""

    parts: Parts

    async def post(self) -> int:
        """Post what is to be posted now; returns for how many cards."""
        now = self.parts.clock()
        places = alert_places(self.parts)
        waiting = [one for one in await cards.unposted_cards() if is_urgent(one) or now - one.opened_at >= _SETTLE]
        for place in places:
            await self._after_outage(place, now)
        if not waiting or not places:
            return 0
        posted = await self._room(waiting, places, now)
        for one in posted:
            messages = [message_of(place, CARD, str(one.id), f"card-{one.id}") for place in places]
            await cards.post_card(one.id, messages, now=now, within=self._budget(one))
        rest = [one for one in waiting if one not in posted]
        for place in places:
            await self._digest(place, rest, STORM, now)
        for one in rest:
            if not is_urgent(one):
                await cards.post_card(one.id, (), now=now)
        return len(waiting)

    def _budget(self, card: CardRecord) -> Budget:
        return notices.urgent(self.parts) if is_urgent(card) else notices.routine(self.parts)

    async def _room(self, waiting: Sequence[CardRecord], places: Sequence[Place], now: datetime) -> list[CardRecord]:
        """Those that probably find room for a message of their own in all places."""
        posts = max([len(await posts_in_minute(one.platform, one.chat, now=now)) for one in places])
        chosen: list[CardRecord] = []
        for one in waiting:
            if self._budget(one).left(posts + len(chosen)):
                chosen.append(one)
        return chosen

    async def _digest(self, place: Place, some: Sequence[CardRecord], reason: str, now: datetime) -> None:
        known = await cards.in_digests([one.id for one in some], place.platform, place.chat)
        new = [one.id for one in some if one.id not in known]
        if new:
            grows = await cards.digest_since(reason, place.platform, place.chat, now - _GROWS)
            message = message_of(place, DIGEST, "", "")
            await cards.add_to_digest(grows, reason, message, new, now=now)

    async def _after_outage(self, place: Place, now: datetime) -> None:
        """A chat that was away for long gets one digest of all that it missed."""
        long_ago = now - self.parts.policy.alerts.digest_after
        if await cards.is_away(place.platform, place.chat, long_ago):
            await cards.replace_by_digest(message_of(place, DIGEST, "", ""), now=now)


def is_urgent(card: CardRecord) -> bool:
    """P0 and P1."""
    return card.severity.rank <= 1
