"""Incidents' own topics, where an operations group is a forum and the bot may manage topics.

Which topic an incident has is kept as the place of its talk, so that a restart changes nothing. Telegram tells no bot
that a topic was deleted: that comes out when something is to be shown in it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.conversation.conversation import Conversation
from bot.conversation.model import Talk
from bot.conversation.subjects.alert_cards import talk_of
from bot.telegram.chatting import Chatting, Spot
from bot.telegram.limits import TOPIC_NAME
from bot.telegram.reading import PLATFORM, place_key
from bot.telegram.refusals import is_no_forum, is_no_right, is_no_topic, is_not_modified, wait_s
from bot.telegram.rendering import html_of
from chatops import notices
from chatops.model import Answer, Place
from config.tasks import Tasks
from storage import incidents, outbox, timeline
from storage.errors import StorageError
from storage.records import MessageRecord

log = logging.getLogger(__name__)

_LATER_S = 30
_LACKS = (
    "Incidents get no topics of their own in this group: the bot lacks the administrator's right Manage Topics "
    "(can_manage_topics). Until it has that, answers to an incident's message are its talk."
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What became of an incident's topic: ``number`` is 0 where there is none yet, -1 where there can be none."""

    number: int = 0
    is_closed: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether there is one, or may be."""
        return self.number >= 0


NOT_YET, NONE = Topic(), Topic(-1)


@dataclass(slots=True)
class Topics:
    """Makes topics, closes and opens them again; ``has_room`` says whether a group bears more than its messages."""

    chatting: Chatting
    conversation: Conversation
    has_room: Callable[[int], bool] = lambda _: True
    _making: "dict[tuple[int, UUID], asyncio.Task[Topic]]" = field(default_factory=dict)
    _makers: Tasks = field(default_factory=Tasks)
    _waiting: Tasks = field(default_factory=Tasks)

    async def follow(self, message: MessageRecord, card: Spot, before: Topic, talk: Talk) -> Topic:
        """The topic of what a message in a group shows, open until that is over; ``card`` is what it answers to."""
        if not before.is_possible or card.chat > 0 or "/" in message.chat:
            return NONE  # of a forum, a single topic may be all that belongs to the console
        number = await self._known(card.chat, talk.incident)
        topic = before if before.number == number else Topic(number or 0)
        try:
            if number is not None and (topic.is_closed == talk.is_over or await self._turn(card.chat, number, talk)):
                return Topic(number, talk.is_over)
            return NOT_YET if talk.is_over else await self._begin(card, talk)
        except RetryAfter as error:  # a card is not to wait for its topic
            self._look_again(message, wait_s(error))
            return topic

    async def instead(self, spot: Spot) -> Spot | None:
        """Where to say what belonged into a topic that somebody deleted; None where it was no incident's."""
        if spot.thread is None:
            return None
        key = place_key(spot.chat, spot.thread)
        identity = await timeline.incident_of_talk(PLATFORM, key)
        if identity is None:
            return None
        await timeline.end_talk(PLATFORM, key)
        talk = talk_of(await incidents.incident(identity))
        if talk is None or talk.is_over:
            return Spot(spot.chat)
        found = await self._begin(Spot(spot.chat), talk)
        return Spot(spot.chat, found.number if found.number > 0 else None)

    async def close(self, within_s: float) -> None:
        """Make no more; a topic that is being made has a moment to be kept, so that it is not made again."""
        await self._waiting.close()
        await self._makers.close(within_s)

    async def _known(self, chat: int, incident: UUID) -> int | None:
        found = [talk.partition("/") for platform, talk in await timeline.talks_of(incident) if platform == PLATFORM]
        return max((int(number) for group, slash, number in found if slash and group == str(chat)), default=None)

    async def _begin(self, card: Spot, talk: Talk) -> Topic:
        """A new one, once: a call that outlives its delivery is waited for by the next one."""
        if not self.has_room(card.chat):
            raise RetryAfter(_LATER_S)
        key = (card.chat, talk.incident)
        call = self._making.get(key) or self._makers.start(self._make(card, talk))
        self._making[key] = call
        try:
            return await asyncio.shield(call)
        finally:
            if call.done():
                self._making.pop(key, None)

    async def _make(self, card: Spot, talk: Talk) -> Topic:
        try:
            number = await self.chatting.make_topic(card.chat, talk.name[:TOPIC_NAME])
        except (BadRequest, Forbidden) as error:
            if is_no_right(error):
                await self._say_what_lacks(card.chat)
            elif not is_no_forum(error):
                log.warning("an incident gets no topic in %d: %s", card.chat, error.message)
            return NONE
        await timeline.talk_in(talk.incident, PLATFORM, place_key(card.chat, number))
        with contextlib.suppress(TelegramError):
            await self.chatting.say(Spot(card.chat, number), _beginning(card, talk))
        return Topic(number)

    async def _turn(self, chat: int, number: int, talk: Talk) -> bool:
        """Close or open it; false where it is gone. Somebody may have done it by hand, or have taken the right away."""
        try:
            await self.chatting.turn_topic(chat, number, closes=talk.is_over)
        except (BadRequest, Forbidden) as error:
            if is_no_topic(error):
                await timeline.end_talk(PLATFORM, place_key(chat, number))
                return False
            if not is_not_modified(error):
                log.warning("topic %d/%d stays as it is: %s", chat, number, error.message)
        return True

    async def _say_what_lacks(self, chat: int) -> None:
        """Once in each group."""
        now = self.conversation.console.parts.clock()
        answer = Answer(_LACKS, ok=False)
        await notices.say([Place(PLATFORM, str(chat))], answer, origin=f"no-topics:{chat}", now=now)

    def _look_again(self, message: MessageRecord, seconds: float) -> None:
        self._waiting.start(self._shown_again(message, seconds))

    async def _shown_again(self, message: MessageRecord, seconds: float) -> None:
        await asyncio.sleep(seconds)
        now = self.conversation.console.parts.clock()
        try:
            await outbox.show_again(message.subject, message.subject_id, now=now, is_final=message.is_final)
        except StorageError as error:
            log.warning("%s", error)


def _beginning(card: Spot, talk: Talk) -> str:
    """What stands first in a topic."""
    lines = [f"{talk.name}: what is said here, and what the console does here, is kept in its timeline."]
    if card.reply_to is not None:
        lines.append(f"https://t.me/c/{str(card.chat).removeprefix('-100')}/{card.reply_to}")
    return html_of("\n".join(lines))
