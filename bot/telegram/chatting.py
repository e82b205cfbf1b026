"""Sending, editing and deleting messages: the calls that deliveries and panels share."""

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from telegram import (
    ForceReply,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.error import ChatMigrated, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.conversation.model import OutFile
from bot.telegram.pace import DO_NOT_WAIT
from bot.telegram.refusals import is_not_modified, wait_s
from bot.telegram.rendering import Rendered

_T = TypeVar("_T")
_LONGEST_WAIT_S = 20.0
Markup = InlineKeyboardMarkup | ForceReply | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message goes: a chat, its topic, and what it answers."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Chatting:
    """Calls of the Bot API. ``retries`` is how often to wait when Telegram asks for it; 0 leaves it to the caller."""

    bot: "ExtBot[Any]"
    retries: int = 0

    async def say(self, spot: Spot, text: str, markup: Markup = None) -> Message:
        """Send HTML; a group that has become another one is followed."""
        return await self._patiently(
            lambda at: self.bot.send_message(
                at.chat,
                text,
                message_thread_id=at.thread,
                reply_parameters=_reply(at),
                reply_markup=markup,
                rate_limit_args=self._pace,
            ),
            spot,
        )

    async def send_file(self, spot: Spot, file: OutFile, text: str = "", markup: Markup = None) -> Message:
        """Send a file, as a picture where it is one."""
        if file.is_picture:
            return await self._patiently(
                lambda at: self.bot.send_photo(
                    at.chat,
                    _input(file),
                    caption=text or None,
                    message_thread_id=at.thread,
                    reply_parameters=_reply(at),
                    reply_markup=markup,
                    rate_limit_args=self._pace,
                ),
                spot,
            )
        return await self._patiently(
            lambda at: self.bot.send_document(
                at.chat,
                _input(file),
                caption=text or None,
                message_thread_id=at.thread,
                reply_parameters=_reply(at),
                reply_markup=markup,
                disable_content_type_detection=True,
                rate_limit_args=self._pace,
            ),
            spot,
        )

    async def edit(self, chat: int, message: int, shown: Rendered) -> None:
        """Change a message's text and keyboard; that nothing was to change is as good."""
        await self._edit(
            lambda: self.bot.edit_message_text(
                shown.text, chat, message, reply_markup=shown.markup, rate_limit_args=self._pace
            )
        )

    async def edit_picture(self, chat: int, message: int, file: OutFile, shown: Rendered) -> None:
        """Change a picture with its text and keyboard."""
        kind = InputMediaPhoto if file.is_picture else InputMediaDocument
        media = kind(_input(file), caption=shown.text or None, parse_mode="HTML")
        await self._edit(
            lambda: self.bot.edit_message_media(
                media, chat, message, reply_markup=shown.markup, rate_limit_args=self._pace
            )
        )

    async def edit_keyboard(self, chat: int, message: int, markup: InlineKeyboardMarkup | None) -> None:
        """Change a message's keyboard alone."""
        await self._edit(
            lambda: self.bot.edit_message_reply_markup(chat, message, reply_markup=markup, rate_limit_args=self._pace)
        )

    async def delete(self, chat: int, message: int) -> bool:
        """Delete a message; false where Telegram does not allow it, such as after two days."""
        with contextlib.suppress(TelegramError):
            return await self.bot.delete_message(chat, message)
        return False

    async def make_topic(self, chat: int, name: str) -> int:
        """A new topic of a forum; its number."""
        return (await self.bot.create_forum_topic(chat, name, rate_limit_args=self._pace)).message_thread_id

    async def turn_topic(self, chat: int, number: int, *, closes: bool) -> None:
        """Close a topic, or open it again."""
        turn = self.bot.close_forum_topic if closes else self.bot.reopen_forum_topic
        await turn(chat, number, rate_limit_args=self._pace)

    @property
    def _pace(self) -> int | None:
        return None if self.retries else DO_NOT_WAIT

    async def _edit(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await self._patiently(lambda _: call(), Spot(0))
        except ChatMigrated:
            raise
        except TelegramError as error:
            if not is_not_modified(error):
                raise

    async def _patiently(self, call: Callable[[Spot], Awaitable[_T]], spot: Spot) -> _T:
        left = self.retries
        while True:
            try:
                return await call(spot)
            except RetryAfter as error:
                if not left or wait_s(error) > _LONGEST_WAIT_S:
                    raise
                left -= 1
                await asyncio.sleep(wait_s(error))
            except ChatMigrated as error:
                if not spot.chat or spot.chat == error.new_chat_id:
                    raise
                spot = replace(spot, chat=error.new_chat_id, reply_to=None)


def _reply(spot: Spot) -> ReplyParameters | None:
    """What was answered may be deleted meanwhile: the answer comes all the same."""
    return None if spot.reply_to is None else ReplyParameters(spot.reply_to, allow_sending_without_reply=True)


def _input(file: OutFile) -> InputFile:
    return InputFile(io.BytesIO(file.data), filename=file.name)
