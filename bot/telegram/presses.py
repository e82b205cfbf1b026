"""Buttons that were pressed, and questions that were answered."""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.conversation.conversation import Conversation
from bot.conversation.model import Answer, Place, Press, Reply
from bot.conversation.operations.runs import read_run
from bot.conversation.tokens import parse
from bot.telegram import callbacks
from bot.telegram.callbacks import Holder, Pressed
from bot.telegram.chatting import Spot
from bot.telegram.forms import Asked
from bot.telegram.limits import NOTICE
from bot.telegram.members import Members
from bot.telegram.panels import Panel, Panels, holder_for, panel_of
from bot.telegram.reading import (
    address_of,
    around,
    author_of,
    chat_author,
    community_of,
    person_author,
    place_key,
    place_of,
)
from bot.telegram.refusals import is_no_right, is_unreachable
from bot.telegram.rendering import keyboard
from chatops.model import OpsError
from config.tasks import with_word
from storage import outbox

log = logging.getLogger(__name__)

_ANSWER_WITHIN_S = 4.0
"""Telegram shows a clock on the button until the press is answered."""
_ALERT_FROM = 60
_OPERATION = "ops"
"""Tokens of the console begin so."""
_ADMIN_KNOWN_S = 60.0
_ADMINS = frozenset({ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER})


@dataclass(slots=True)
class Presses:
    """Takes presses to the conversation and shows what it answers."""

    conversation: Conversation
    panels: Panels
    members: Members
    _admins: dict[tuple[int, int], tuple[float, bool]] = field(default_factory=dict)

    async def press(self, query: CallbackQuery) -> None:
        """A button was pressed."""
        said = _Saying(query)
        try:
            await self._press(query, callbacks.pressed(query.data or ""), said)
        finally:
            await said.nothing_more()

    async def _press(self, query: CallbackQuery, pressed: Pressed, said: "_Saying") -> None:
        user, holder, message = query.from_user, pressed.holder, query.message
        if message is None:
            return
        if holder.owner is not None and holder.owner != user.id:
            await said.notice((await self.conversation.texts(person_author(user)))("not_your_panel"))
            return
        is_admin = await self._is_admin(message.chat, user)
        author = chat_author(message.chat) if holder.is_by_chat and is_admin else person_author(user)
        if pressed.token.startswith(_OPERATION):
            author = await self.members.placed(person_author(user))
        place = _place(message, user)
        if pressed.fold is not None:
            await self._fold(pressed, Press(author, place, callbacks.token_of(holder.reopen)), message)
            return
        press = Press(author, place, pressed.token, is_moderator=is_admin, origin=query.id)
        answer = await said.soon(self.conversation.press(press))
        await self._show(answer, press, holder, message, user, said)
        if not holder.is_panel and isinstance(message, Message) and _is_open(message):
            await self._fold_again(message)

    async def answer_form(self, message: Message, asked: Asked) -> None:
        """A question was answered; the panel that asked shows what comes of it."""
        user, text = message.from_user, message.text or ""
        if user is None or user.id != asked.owner or message.reply_to_message is None:
            return
        is_admin = asked.is_by_chat and await self._is_admin(message.chat, user)
        author = chat_author(message.chat) if is_admin else author_of(message)
        if asked.token.startswith(_OPERATION):
            author = await self.members.placed(author_of(message))
            if self._asks_a_secret(asked.token):
                await self.panels.chatting.delete(message.chat_id, message.message_id)
        origin = f"m{message.message_id}"
        press = Press(author, place_of(message), asked.token, {"text": text}, is_moderator=is_admin, origin=origin)
        answer = await self.conversation.press(press)
        spot = Spot(message.chat_id, _thread(message), message.message_id)
        if answer.panel is None and answer.notice:
            await self.panels.remark(answer.notice, spot)
            return
        if answer.panel is not None:
            holder = holder_for(user.id, asked.token, is_by_chat=asked.is_by_chat)
            before = None if asked.panel is None else Panel(message.chat_id, asked.panel, asked.is_media)
            await self.panels.show(answer.panel, spot, holder, before)
        await self.panels.chatting.delete(message.chat_id, message.reply_to_message.message_id)

    def _asks_a_secret(self, token: str) -> bool:
        """Whether a question was for something that is not to stay in the chat."""
        try:
            action, _, option = read_run(parse(token).arguments)
            return self.conversation.console.registry.named(action).parameter(option).is_secret
        except (ValueError, OpsError):
            return False

    async def _show(
        self,
        answer: Answer,
        press: Press,
        holder: Holder,
        message: MaybeInaccessibleMessage,
        user: User,
        said: "_Saying",
    ) -> None:
        if answer.notice and not await said.notice(answer.notice):
            await self.panels.remark(answer.notice, _spot(message))
        before = panel_of(message) if holder.is_panel and isinstance(message, Message) else None
        if answer.closes_panel and holder.is_panel:
            await self.panels.close(before or Panel(message.chat.id, message.message_id))
            before = None
        if answer.form is not None:
            panel = message.message_id if holder.is_panel else None
            is_media = before is not None and before.is_media
            asked = Asked(answer.form.token, user.id, panel, is_media, holder.is_by_chat)
            await self.panels.ask(answer.form, asked, user.first_name, _spot(message))
        if answer.panel is not None:
            mark = holder_for(user.id, press.token, is_by_chat=holder.is_by_chat)
            await self._show_panel(answer.panel, mark, before, press, message, said)

    async def _show_panel(
        self,
        reply: Reply,
        holder: Holder,
        before: Panel | None,
        press: Press,
        message: MaybeInaccessibleMessage,
        said: "_Saying",
    ) -> None:
        """In the same chat; what readers of a channel ask for is theirs alone."""
        if message.chat.type != ChatType.CHANNEL or press.is_moderator:
            await self._show_there(reply, holder, before, press, message, said)
            return
        try:
            await self.panels.show(reply, Spot(holder.owner or 0), holder)
        except TelegramError as error:
            if not is_unreachable(error):
                raise
            texts = await self.conversation.texts(press.author)
            me = f"t.me/{self.panels.bot.username}"
            await said.notice(texts("cannot_write_to_you", name=press.author.name, bot=me))

    async def _show_there(
        self,
        reply: Reply,
        holder: Holder,
        before: Panel | None,
        press: Press,
        message: MaybeInaccessibleMessage,
        said: "_Saying",
    ) -> None:
        try:
            await self.panels.show(reply, _spot(message), holder, before)
        except TelegramError as error:
            if not is_no_right(error):
                raise
            await said.notice((await self.conversation.texts(press.author))("may_not_send_files"))

    async def _fold(self, pressed: Pressed, press: Press, message: MaybeInaccessibleMessage) -> None:
        """Open a select, or close it; the reply is made anew, so nothing has to be remembered."""
        reply = await self._reply_of(pressed.holder.reopen, press)
        if reply is not None:
            opened = None if pressed.fold == -1 else pressed.fold
            markup = keyboard(reply, pressed.holder, opened=opened)
            await self.panels.chatting.edit_keyboard(message.chat.id, message.message_id, markup)

    async def _reply_of(self, reopen: str, press: Press) -> Reply | None:
        shown = callbacks.message_of(reopen)
        if shown is None:
            return (await self.conversation.press(press)).panel
        record = await outbox.message(shown)
        return None if record is None else await self.conversation.render(record)

    async def _fold_again(self, message: Message) -> None:
        """After a choice the select closes."""
        closing = next(one for one in _datas(message) if callbacks.pressed(one).fold == -1)
        pressed = callbacks.pressed(closing)
        reply = await self._reply_of(pressed.holder.reopen, Press(author_of(message), place_of(message), ""))
        if reply is not None:
            markup = keyboard(reply, pressed.holder)
            await self.panels.chatting.edit_keyboard(message.chat_id, message.message_id, markup)

    async def _is_admin(self, chat: Chat, user: User) -> bool:
        """Whether somebody administrates a chat; asked once a minute."""
        if chat.type == ChatType.PRIVATE:
            return False
        now, key = time.monotonic(), (chat.id, user.id)
        asked, is_admin = self._admins.get(key, (-1e9, False))
        if now - asked > _ADMIN_KNOWN_S:
            try:
                member = await self.panels.chatting.bot.get_chat_member(chat.id, user.id)
                is_admin = member.status in _ADMINS
            except TelegramError as error:
                log.warning("who administrates a chat is not known: %s", error.message)
                return False
            self._admins = {one: known for one, known in self._admins.items() if now - known[0] < _ADMIN_KNOWN_S}
            self._admins[key] = (now, is_admin)
        return is_admin


@dataclass(slots=True)
class _Saying:
    """Answers a press once: with a remark if there is one in time."""

    query: CallbackQuery
    is_over: bool = False

    async def soon(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of the conversation; a press that takes long is answered meanwhile."""
        return await with_word(work, _ANSWER_WITHIN_S, self.nothing_more)

    async def notice(self, text: str) -> bool:
        """Show a remark, a longer one in a window; false where it is too late, or too long for Telegram."""
        if self.is_over or len(text) > NOTICE:
            return False
        return await self._answer(lambda: self.query.answer(text, show_alert=len(text) >= _ALERT_FROM))

    async def nothing_more(self) -> None:
        """There is nothing to say."""
        if not self.is_over:
            await self._answer(self.query.answer)

    async def _answer(self, call: Callable[[], Awaitable[bool]]) -> bool:
        self.is_over = True
        try:
            await call()
        except TelegramError as error:  # such as a query that is too old: what it asked for is done all the same
            log.info("a press could not be answered: %s", error.message)
        return True


def _spot(message: MaybeInaccessibleMessage) -> Spot:
    return Spot(message.chat.id, _thread(message), message.message_id)


def _thread(message: MaybeInaccessibleMessage) -> int | None:
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None


def _place(message: MaybeInaccessibleMessage, user: User) -> Place:
    """Where it was pressed; what comes of it answers the message that has the button."""
    chat, thread = message.chat, _thread(message)
    address = address_of(chat, thread, message.message_id, person_author(user), user.id)
    return Place(place_key(chat.id, thread), address, community_of(chat), around(chat.id, thread))


def _datas(message: Message) -> list[str]:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return [str(button.callback_data) for row in rows for button in row if button.callback_data]


def _is_open(message: Message) -> bool:
    return callbacks.is_open(_datas(message))
