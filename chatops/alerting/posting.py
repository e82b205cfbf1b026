"""Decides which cards are posted, and when: the worst first, few enough to be read, the rest in one digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops import notices
from chatops.model import Place
from chatops.notices import message_of
from chatops.parts import Parts
from chatops.places import alert_places
from storage import cards, incidents, pages
from storage.alert_records import CardRecord
from storage.cards import DIGEST, STORM
from storage.incidents import CARD

_UNASKED = (CARD, DIGEST, incidents.SUBJECT, notices.SUBJECT, pages.SUBJECT)
"""What fills a chat besides answers: calls of people count too."""
_MINUTE = timedelta(minutes=1)
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
        rest = [one for one in waiting if one not in posted]
        for one in posted:
            messages = [message_of(place, CARD, str(one.id), f"card-{one.id}") for place in places]
            await cards.post_card(one.id, messages, now=now)
        for place in places:
            await self._digest(place, rest, STORM, now)
        for one in rest:
            if not is_urgent(one):
                await cards.post_card(one.id, (), now=now)
        return len(waiting)

    async def _room(self, waiting: Sequence[CardRecord], places: Sequence[Place], now: datetime) -> list[CardRecord]:
        """Those that get a message of their own in all places.

        One post is left for the digest, and half of all for what is urgent and may yet come.
        """
        most = self.parts.policy.alerts.posts_a_minute
        counts = [await cards.posts_since(one.platform, one.chat, now - _MINUTE, _UNASKED) for one in places]
        left, others = most - 1 - max(counts), most // 2 - max(counts)
        chosen: list[CardRecord] = []
        for one in waiting:
            if len(chosen) < (left if is_urgent(one) else min(left, others)):
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
