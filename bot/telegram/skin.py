"""The skin: what the bot process knows of Telegram."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.conversation.conversation import Conversation
from bot.delivery import TryLater
from bot.http.health import NotReady
from bot.http.problems import Problem
from bot.telegram.chatting import Chatting
from bot.telegram.connection import Connection, telegram_bot, webhook_secret
from bot.telegram.files import Files
from bot.telegram.incoming import ALLOWED, Incoming
from bot.telegram.members import Members
from bot.telegram.operations import Operations, console_menus
from bot.telegram.pace import Edits, Pace, Typing
from bot.telegram.panels import Panels
from bot.telegram.presses import Presses
from bot.telegram.reading import PLATFORM, Bot
from bot.telegram.sending import Sending
from bot.telegram.topics import Topics
from bot.telegram.webhook import Webhook
from config.settings import Settings
from storage.errors import DatabaseUnreachable
from storage.records import Json, MessageRecord

log = logging.getLogger(__name__)

_CONNECT_WITHIN_S = 25.0
_LAST_ANSWERS_S = 2.0
_SILENT_S = 60.0
"""A call for updates ends within half of it, with updates or without."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs to know who we are, and so a connection."""

    incoming: Incoming
    sending: Sending
    typing: Typing


@dataclass(slots=True)
class TelegramSkin:
    """Telegram, for one bot process."""

    settings: Settings
    conversation: Conversation
    client: "ExtBot[Any]"
    connection: Connection
    name: str = PLATFORM
    _parts: _Parts | None = field(default=None, init=False)
    _connected: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self) -> None:
        """As of ``bot.skins.Skin``."""
        try:
            await self.connection.open()
            self._parts = parts = self._assemble()
            self._connected.set()
            await self.connection.set_menu(console_menus(self.conversation))
            await self._resume(parts.incoming)
            if self.settings.telegram_webhook_url:
                await self.connection.listen(ALLOWED)
            else:
                await self.connection.poll(parts.incoming.take, ALLOWED)
        finally:
            await self._close()

    async def check(self) -> str:
        """As of ``bot.skins.Skin``."""
        if self.connection.problem or self._parts is None:
            raise NotReady(self.connection.problem or "connecting to Telegram")
        age = time.monotonic() - (self.connection.answered or 0.0)
        if self.settings.telegram_webhook_url:
            return f"(@{self.client.username}, webhook)"
        if age > _SILENT_S:
            raise NotReady(f"Telegram has not answered for {age:.0f} s")
        return f"(@{self.client.username}, answered {age:.0f} s ago)"

    async def deliver(self, message: MessageRecord) -> Json:
        """As of ``bot.delivery.Platform``."""
        if self._parts is None:
            raise TryLater(1.0)
        return await self._parts.sending.deliver(message)

    async def fetch(self, source: Json) -> bytes:
        """As of ``bot.fetching.Source``."""
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            await self._connected.wait()
        return await Files(self.client).fetch(source)

    def add_to(self, app: web.Application) -> None:
        """Add the webhook's address, where one is set."""
        if self.settings.telegram_webhook_url:
            path = urlsplit(self.settings.telegram_webhook_url).path or "/"
            app.router.add_post(path, Webhook(webhook_secret(self.settings), self._take).answer)

    async def _take(self, body: dict[str, Any]) -> None:
        if self._parts is None:
            raise Problem(503, "unavailable", "Bring it again in a moment.")
        try:
            update = Update.de_json(body, self.client)
        except Exception:  # refused, it would be brought again and again
            log.exception("an update of Telegram is not understood")
            return
        await self._parts.incoming.take([update])

    def _assemble(self) -> _Parts:
        bot = Bot(self.client.id, self.client.username)
        typing, panels = Typing(self.client), Panels(Chatting(self.client, retries=2), bot)
        groups = [one.group for one in self.conversation.console.parts.policy.groups if one.platform == PLATFORM]
        members = Members(self.client, groups)
        presses = Presses(self.conversation, panels, members)
        operations = Operations(self.conversation, panels, members, bot)
        clock = self.conversation.desk.clock
        topics = Topics(Chatting(self.client), self.conversation, self._has_room_in)
        return _Parts(
            Incoming(self.conversation, panels, presses, bot, clock, operations, self.settings.telegram_watched_chats),
            Sending(Chatting(self.client), self.conversation, typing, Edits(self._has_room), bot, topics),
            typing,
        )

    def _has_room(self) -> bool:
        limiter = self.client.rate_limiter
        return not isinstance(limiter, Pace) or limiter.has_room()

    def _has_room_in(self, group: int) -> bool:
        limiter = self.client.rate_limiter
        return not isinstance(limiter, Pace) or limiter.has_room_in(group)

    async def _resume(self, incoming: Incoming) -> None:
        """Albums that were begun; while the database is away, its return is waited for."""
        while True:
            with contextlib.suppress(DatabaseUnreachable):
                await incoming.albums.resume()
                return
            await asyncio.sleep(1.0)

    async def _close(self) -> None:
        parts, self._parts = self._parts, None
        if parts is not None:
            await parts.incoming.close(_LAST_ANSWERS_S)
            await parts.sending.close()
            await parts.typing.close()
        with contextlib.suppress(TelegramError):
            await self.connection.close()


def telegram_skin(settings: Settings, conversation: Conversation) -> TelegramSkin:
    """The skin; raises SettingsError. It connects when it is run."""
    client = telegram_bot(settings)
    return TelegramSkin(settings, conversation, client, Connection(client, settings))
