"""The connection to Telegram: the client, long polling or a webhook, and the menu of commands.

The library's own updater is not used: it tells Telegram that an update has arrived as soon as it lies in its memory.
Here an update counts as arrived when what was posted is accepted, so that a process that dies loses none. The webhook
is served by the bot's own HTTP server for the same reason, and because one port and one server are enough.
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    LinkPreviewOptions,
    Update,
)
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.ext import Defaults, ExtBot
from telegram.request import HTTPXRequest

from bot.conversation.commands import COMMANDS
from bot.conversation.texts import Language, Texts
from bot.telegram.limits import MOST_COMMANDS, POLL_S
from bot.telegram.pace import Pace
from bot.telegram.refusals import wait_s
from config.settings import Settings, SettingsError
from storage.errors import DatabaseUnreachable

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_LONGEST_WAIT_S = 30.0
_LAST_CALL_S = 2.0
_REFUSED = "TELEGRAM_TOKEN is refused by Telegram: take it from @BotFather again."
_CONFLICT = "another program reads this bot's messages: stop it, or give it a token of its own"

Take = Callable[[Sequence[Update]], Awaitable[None]]


def telegram_bot(settings: Settings) -> "ExtBot[Any]":
    """The client; raises SettingsError. It connects to nothing yet."""
    # Waiting times come as timedelta, which the library will do by itself one day and warns of until then.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    # What the limiter tells there is told by the delivery that is put off.
    logging.getLogger("telegram.ext.AIORateLimiter").setLevel(logging.CRITICAL)
    token = settings.telegram_token.get_secret_value() if settings.telegram_token else ""
    api = settings.telegram_api_url.rstrip("/")
    try:
        return ExtBot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            # Long, since what was sent and not answered would be sent again.
            request=HTTPXRequest(connection_pool_size=64, pool_timeout=20, read_timeout=20, connect_timeout=5),
            get_updates_request=HTTPXRequest(connection_pool_size=2, read_timeout=POLL_S + 10),
            rate_limiter=Pace(),
            defaults=Defaults(parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)),
        )
    except InvalidToken:
        raise SettingsError(_REFUSED) from None


def webhook_secret(settings: Settings) -> str:
    """What Telegram sends with each call: what is set, or made of the token."""
    if settings.telegram_webhook_secret is not None:
        return settings.telegram_webhook_secret.get_secret_value()
    token = settings.telegram_token.get_secret_value() if settings.telegram_token else ""
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Connection:
    """Gets updates until cancelled, and keeps trying; ``problem`` says what is wrong now, if anything is.

    ``answered`` is when Telegram answered last, by the clock of ``time.monotonic``.
    """

    bot: "ExtBot[Any]"
    settings: Settings
    poll_s: int = POLL_S
    problem: str = "connecting to Telegram"
    answered: float | None = None
    _waited_s: float = field(default=0.0, init=False)

    async def open(self) -> None:
        """Learn who we are; raises SettingsError for a refused token."""
        await self._patiently(self.bot.initialize)
        self.problem = ""
        log.info("connected to Telegram as @%s", self.bot.username)

    async def close(self) -> None:
        """Free the sockets."""
        await self.bot.shutdown()

    async def set_menu(self, more: Mapping[int, Sequence[BotCommand]]) -> None:
        """The commands of private chats and of groups, in both languages; ``more`` of those of the console."""
        for language in Language:
            texts = Texts(language)
            all_ = [BotCommand(one.name, one.description(texts)) for one in COMMANDS]
            code = None if language is Language.ENGLISH else language.value  # English is what others see
            for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
                await self._set_commands(all_, scope, code)
            for chat, commands in more.items():
                await self._set_commands([*commands, *all_][:MOST_COMMANDS], BotCommandScopeChat(chat), code)

    async def _set_commands(self, commands: Sequence[BotCommand], scope: BotCommandScope, language: str | None) -> None:
        """Telegram refuses a chat in which the bot is not, or not yet."""
        try:
            await self.bot.set_my_commands(commands, scope=scope, language_code=language)
        except InvalidToken:
            raise SettingsError(_REFUSED) from None
        except TelegramError as error:
            log.info("a menu of commands could not be set: %s", error.message)

    async def listen(self, allowed: Sequence[str]) -> None:
        """Have Telegram call the webhook; raises SettingsError for one that it refuses."""
        await self._patiently(lambda: self._set_webhook(allowed))
        log.info("Telegram calls the webhook")
        await asyncio.Event().wait()

    async def _set_webhook(self, allowed: Sequence[str]) -> bool:
        try:
            return await self.bot.set_webhook(
                self.settings.telegram_webhook_url or "",
                allowed_updates=allowed,
                secret_token=webhook_secret(self.settings),
                drop_pending_updates=False,
            )
        except BadRequest as error:
            why = error.message.removeprefix("Bad webhook: ")
            raise SettingsError(f"TELEGRAM_WEBHOOK_URL or its secret is refused by Telegram: {why}.") from None

    async def poll(self, take: Take, allowed: Sequence[str]) -> None:
        """Ask for updates, and for the next ones when these are taken."""
        await self._patiently(lambda: self.bot.delete_webhook(drop_pending_updates=False))
        offset: int | None = None
        try:
            while True:
                updates = await self._patiently(partial(self._updates, offset, allowed))
                if updates and await self._taken(updates, take):
                    offset = updates[-1].update_id + 1
        finally:
            if offset is not None:
                await self._confirm(offset, allowed)

    async def _updates(self, offset: int | None, allowed: Sequence[str]) -> tuple[Update, ...]:
        return await self.bot.get_updates(
            offset=offset, timeout=timedelta(seconds=self.poll_s), allowed_updates=allowed
        )

    async def _taken(self, updates: Sequence[Update], take: Take) -> bool:
        """Whether all are; what the database could not keep comes again."""
        try:
            await take(updates)
        except DatabaseUnreachable as error:
            log.warning("%s", error)
            await asyncio.sleep(1.0)
            return False
        return True

    async def _confirm(self, offset: int, allowed: Sequence[str]) -> None:
        """Tell Telegram what was taken last, so that it does not come again at the next start."""
        with contextlib.suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(_LAST_CALL_S):
                await self.bot.get_updates(offset=offset, timeout=0, limit=1, allowed_updates=allowed)

    async def _patiently(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Try until it works; raises SettingsError for a refused token."""
        while True:
            try:
                result = await call()
            except InvalidToken:  # its words hold the token
                raise SettingsError(_REFUSED) from None
            except TimedOut:
                await self._wait("Telegram does not answer", 1.0)
            except RetryAfter as error:
                await self._wait("Telegram asks to wait", wait_s(error))
            except Conflict:
                await self._wait(_CONFLICT, 5.0)
            except TelegramError as error:
                await self._wait(f"Telegram cannot be reached ({error.message})", 1.0)
            else:
                if self.problem and self._waited_s:
                    log.info("Telegram answers again")
                self.problem, self._waited_s, self.answered = "", 0.0, time.monotonic()
                return result

    async def _wait(self, problem: str, at_least_s: float) -> None:
        """Longer each time; said once."""
        if problem != self.problem or not self._waited_s:
            log.warning("%s", problem)
        self.problem = problem
        self._waited_s = min(_LONGEST_WAIT_S, max(at_least_s, 1.5 * self._waited_s))
        await asyncio.sleep(self._waited_s)
