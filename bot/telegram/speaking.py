"""Says something on Telegram with nothing but the token: no polling, no database."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.conversation.model import Mention, Reply
from bot.telegram.callbacks import Holder
from bot.telegram.chatting import Chatting, Spot
from bot.telegram.connection import telegram_bot
from bot.telegram.rendering import rendered
from chatops.model import Place
from chatops.on_call.emergency import Called
from config.settings import Settings


@dataclass(slots=True)
class TelegramSpeaker:
    """As ``chatops.on_call.emergency.Speaker``."""

    settings: Settings
    _bot: "ExtBot[Any] | None" = field(default=None, init=False)

    async def speak(self, place: Place, text: str, called: Sequence[Called]) -> None:
        """To a chat, a topic of it, or a person."""
        mentions = tuple(Mention(one.name, one.user) for one in called)
        shown = rendered(Reply(text, mentions=mentions), Holder(None))
        chat, _, thread = place.chat.partition("/")
        bot = await self._open()
        await Chatting(bot, retries=1).say(Spot(int(chat), int(thread) if thread else None), shown.text)

    async def close(self) -> None:
        """Close the connection, if there was one."""
        if self._bot is not None:
            with contextlib.suppress(TelegramError):
                await self._bot.shutdown()
            self._bot = None

    async def _open(self) -> "ExtBot[Any]":
        if self._bot is None:
            bot = telegram_bot(self.settings)
            await bot.initialize()
            self._bot = bot
        return self._bot
