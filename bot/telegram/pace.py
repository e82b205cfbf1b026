"""Keeping to Telegram's pace: requests, progress that is shown, and the typing indicator."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from telegram.constants import ChatAction
from telegram.error import RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bot.telegram.limits import (
    GROUP_EDIT_S,
    GROUP_SPARE,
    MESSAGES,
    MESSAGES_S,
    MOST_TYPING,
    PRIVATE_EDIT_S,
    TYPING_EVERY_S,
    TYPING_LONGEST_S,
)
from config.tasks import Tasks

DO_NOT_WAIT = -1
"""As ``rate_limit_args``: raise RetryAfter where a group has had its messages of this minute."""
_FULL_S = 3
_KNOWN_S = 120.0
_NO_MESSAGES = frozenset({"sendChatAction", "getChatMember", "deleteMessage", "getFile", "getMe"})


class Pace(AIORateLimiter):
    """Counts what Telegram counts: messages and edits, neither questions nor the typing indicator.

    A RetryAfter goes to the caller at once: the library's own retries would halt all chats for one.
    """

    def __init__(self) -> None:
        super().__init__(overall_max_rate=MESSAGES, overall_time_period=MESSAGES_S)

    def has_room(self) -> bool:
        """Whether a mere courtesy would keep nobody waiting."""
        return self._base_limiter is None or self._base_limiter.has_capacity(MESSAGES - 1)

    def has_room_in(self, group: int) -> bool:
        """Whether a group bears more in this minute than what it will surely be told."""
        return self._get_group_limiter(group).has_capacity(GROUP_SPARE)

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """As of the library, with ``DO_NOT_WAIT``."""
        counted = {} if endpoint in _NO_MESSAGES else data
        group = counted.get("chat_id")
        if rate_limit_args == DO_NOT_WAIT and isinstance(group, int) and group < 0:
            limiter = self._get_group_limiter(group)
            if not limiter.has_capacity():
                raise RetryAfter(_FULL_S)
        return await super().process_request(callback, args, kwargs, endpoint, counted, None)


@dataclass(slots=True)
class Edits:
    """When each message's progress was shown last; ``has_room`` says whether there is time for more than ends."""

    has_room: Callable[[], bool] = lambda: True
    _at: dict[UUID, float] = field(default_factory=dict)

    def may_show(self, message: UUID, chat: int) -> bool:
        """Whether progress may be shown now; the more messages are at work, the more rarely."""
        now = time.monotonic()
        busy = sum(1 for at in self._at.values() if now - at < GROUP_EDIT_S)
        every = max(PRIVATE_EDIT_S if chat > 0 else GROUP_EDIT_S, busy / 10)
        if now - self._at.get(message, -1e9) < every or not self.has_room():
            return False
        self._at = {key: at for key, at in self._at.items() if now - at < _KNOWN_S}
        self._at[message] = now
        return True


@dataclass(slots=True)
class Typing:
    """Shows that the bot is at work, for as long as it is, within bounds."""

    bot: "ExtBot[Any]"
    _running: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: Tasks = field(default_factory=Tasks)

    def follow(self, message: UUID, chat: int, thread: int | None, *, is_working: bool) -> None:
        """Begin or stop, as it is."""
        if not is_working:
            self.stop(message)
        elif message not in self._running and len(self._running) < MOST_TYPING:
            task = self._tasks.start(self._type(chat, thread))
            self._running[message] = task
            task.add_done_callback(lambda _: self._forget(message, task))

    def stop(self, message: UUID) -> None:
        """The work is done."""
        task = self._running.pop(message, None)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop all."""
        await self._tasks.close()

    def _forget(self, message: UUID, task: "asyncio.Task[None]") -> None:
        if self._running.get(message) is task:
            del self._running[message]

    async def _type(self, chat: int, thread: int | None) -> None:
        with contextlib.suppress(TimeoutError, TelegramError):
            async with asyncio.timeout(TYPING_LONGEST_S):
                while True:
                    await self.bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=thread)
                    await asyncio.sleep(TYPING_EVERY_S)
