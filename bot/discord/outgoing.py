"""Shows messages of the outbox: where they were asked for, or else to the player alone."""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

import discord

from bot.conversation.conversation import Conversation
from bot.conversation.model import Author
from bot.delivery import NotNow, TryLater, Undeliverable
from bot.discord.components import Surface
from bot.discord.limits import PLATFORM
from bot.discord.outbound import Address, FreshTokens, Shown
from bot.discord.pace import Pace
from bot.discord.rendering import Rendered, render
from bot.discord.sending import Deleted, Sender, WayClosed
from storage.conversions import SUBJECT
from storage.records import Json, MessageRecord

log = logging.getLogger(__name__)

_PATIENCE_S = 6.0
"""Less than a delivery may take; the library itself waits where Discord asks it to slow down."""
_ASKED_TO_WAIT_S = 3.0
_TYPING_EVERY_S = 8.0
_COURTESY_S = 0.5
_MANY = 5000

Way = Callable[[], Coroutine[Any, Any, Shown]]


@dataclass(slots=True)
class Outgoing:
    """Delivers for one skin; ``client`` raises TryLater while there is no connection."""

    conversation: Conversation
    client: Callable[[], discord.Client]
    tokens: FreshTokens
    pace: Pace
    _last: "OrderedDict[UUID, bytes]" = field(default_factory=OrderedDict)
    _typed: dict[int, float] = field(default_factory=dict)

    async def deliver(self, message: MessageRecord) -> Json:
        """As ``bot.delivery.Platform``."""
        shown = Shown.of(message.place)
        reply = await self.conversation.render(message)
        sender = Sender(self.client(), message)
        if shown is not None and reply is not None and reply.is_working and not self.pace.has_room():
            raise NotNow(_COURTESY_S)
        async with _bounded():
            if reply is None:
                return await self._remove(sender, message, shown)
            rendered = render(reply, Surface.DECK, "" if shown is None else shown.note)
            if shown is None or self._last.get(message.id) != _digest(rendered, shown):
                shown = await self._bring(sender, message, shown, rendered)
                if reply.talk and not shown.has_talk and not shown.is_direct:
                    shown = await self._begin_talk(sender, message, shown, reply.talk.name)
                self._remember(message.id, _digest(rendered, shown))
            if reply.is_working and not shown.by_token:
                await self._type(shown.channel)
        return shown.to_json()

    async def _bring(self, sender: Sender, message: MessageRecord, shown: Shown | None, rendered: Rendered) -> Shown:
        """By the first way that is open."""
        why: WayClosed | None = None
        address = Address.of(message.address, message.chat)
        for way in self._ways(sender, message, address, shown, rendered):
            try:
                return await way()
            except Deleted:
                if shown is None or not _comes_back(message, address, shown):
                    raise
                return await self._bring_back(sender, message, address, shown, rendered)
            except WayClosed as closed:
                log.info("message %s: %s", message.id, closed)
                why = _graver(why, closed)
        if address.user is None or (shown is not None and not message.is_final):
            raise Undeliverable(str(why))
        return await self._send_direct(sender, address, address.user, rendered, why)

    async def _bring_back(
        self, sender: Sender, message: MessageRecord, address: Address, shown: Shown, rendered: Rendered
    ) -> Shown:
        channel = shown.channel if address.is_direct else int(message.chat)
        try:
            return replace(await sender.send(channel, None, rendered, again=True), is_direct=shown.is_direct)
        except WayClosed as closed:
            raise Undeliverable(str(closed)) from closed

    def _ways(
        self, sender: Sender, message: MessageRecord, address: Address, shown: Shown | None, rendered: Rendered
    ) -> list[Way]:
        """An interaction's own reply as long as its token is good, the message itself, a new one in the channel."""
        ways: list[Way] = []
        if (shown is None or shown.by_token) and (address.is_private or not address.is_press):
            usable = self.tokens.usable(shown, address.token)
            ways += [partial(sender.by_token, one, shown, rendered) for one in usable]
        is_hidden = address.is_private and (shown is None or shown.by_token)
        if shown is not None and not is_hidden:
            ways.append(lambda: sender.edit(shown, rendered))
        if shown is None and not is_hidden and not address.is_direct:
            ways.append(lambda: sender.send(int(message.chat), address.reply_to, rendered))
        return ways

    async def _send_direct(
        self, sender: Sender, address: Address, user: int, rendered: Rendered, why: "WayClosed | None"
    ) -> Shown:
        """To the player alone, with the reason why it does not come where it was asked for."""
        texts = await self.conversation.texts(Author(PLATFORM, str(user)))
        note = ""
        if why is not None and why.permission:
            note = texts("no_permission", permission=texts(f"permission_{why.permission}"))
        elif why is not None and why.is_refusal:
            note = texts("cannot_answer_there")
        noted = render(rendered.reply, Surface.DECK, note)
        try:
            return await sender.send_direct(user, note, noted)
        except WayClosed as closed:
            if address.is_private and address.reply_to and why is None:
                with suppress(WayClosed, discord.HTTPException):
                    await sender.say(address.reply_to, texts("direct_refused", ask="/deck"))
            reasons = "; ".join(str(one) for one in (why, closed) if one is not None)
            raise Undeliverable(reasons) from closed

    async def _remove(self, sender: Sender, message: MessageRecord, shown: Shown | None) -> Json:
        """What it showed is gone, so it goes too, as far as it can be reached."""
        address = Address.of(message.address, message.chat)
        await sender.delete(shown, [] if address.is_press else self.tokens.usable(shown, address.token))
        return message.place or {}

    async def _begin_talk(self, sender: Sender, message: MessageRecord, shown: Shown, name: str) -> Shown:
        """A thread to talk about it; where it cannot be, that is not tried at each edit."""
        thread = await sender.open_thread(shown, name)
        if thread is not None:
            await self.conversation.begin_talk(message, thread)
        return replace(shown, has_talk=True)

    async def _type(self, channel: int) -> None:
        """Show that work goes on, as long as progress is shown."""
        now = time.monotonic()
        if now - self._typed.get(channel, -_TYPING_EVERY_S) < _TYPING_EVERY_S:
            return
        self._typed = {one: at for one, at in self._typed.items() if now - at < _TYPING_EVERY_S} | {channel: now}
        with suppress(discord.HTTPException):
            await self.client().http.send_typing(channel)

    def _remember(self, message: UUID, state: bytes) -> None:
        self._last[message] = state
        self._last.move_to_end(message)
        if len(self._last) > _MANY:
            self._last.popitem(last=False)


def _comes_back(message: MessageRecord, address: Address, shown: Shown) -> bool:
    """Whether a message that somebody deleted is posted anew, once: what operations need is, a player's deck is not.

    What was for one person alone is theirs to dismiss.
    """
    return message.subject != SUBJECT and not address.is_private and not shown.is_again


def _digest(rendered: Rendered, shown: Shown) -> bytes:
    """Tells one state of a message from another, so that nothing is edited into what it is."""
    return hashlib.sha256(repr((rendered, shown)).encode("utf-8", "surrogatepass")).digest()


def _graver(before: "WayClosed | None", now: WayClosed) -> WayClosed:
    """A refused permission says more than an expired token."""
    return before if before is not None and before.is_refusal and not now.permission else now


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    """Whatever Discord asks to wait for, the outbox waits for, not the connection."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            yield
    except TimeoutError as error:
        raise TryLater(_ASKED_TO_WAIT_S) from error
    except discord.RateLimited as error:
        raise TryLater(error.retry_after) from error
    except discord.HTTPException as error:
        if error.status == 429:
            raise TryLater(10 * _ASKED_TO_WAIT_S) from error
        if error.status in (400, 413):
            raise Undeliverable(str(error)) from error
        raise
