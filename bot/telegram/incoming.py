"""What Telegram reports, sorted: posts, commands, presses, answers to questions."""

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegram import Message, Update
from telegram.error import TelegramError

from bot.conversation.commands import COMMANDS
from bot.conversation.conversation import Conversation
from bot.conversation.model import Attachment, Call, Post
from bot.conversation.posts import is_deck_file
from bot.telegram.albums import Albums
from bot.telegram.chatting import Spot
from bot.telegram.forms import asked_by
from bot.telegram.limits import OLD
from bot.telegram.operations import Operations
from bot.telegram.panels import Panels, holder_for
from bot.telegram.presses import Presses
from bot.telegram.reading import (
    Bot,
    Command,
    attachments_of,
    author_of,
    command_of,
    is_private,
    mentions,
    place_key,
    place_of,
    remarks_of,
    replied_attachments,
    replies_to,
    without_mention,
    words_of,
)
from bot.telegram.refusals import is_unreachable
from config.clock import Clock
from config.tasks import Tasks
from storage.errors import DatabaseUnreachable

log = logging.getLogger(__name__)

ALLOWED = ["message", "edited_message", "channel_post", "edited_channel_post", "callback_query"]
_TAKING_PICTURES = frozenset(command.name for command in COMMANDS if command.takes_picture)
_PERSONAL = frozenset(command.name for command in COMMANDS if command.is_personal)
_KNOWN = frozenset(command.name for command in COMMANDS) | {"start"}
_REMEMBERED = 2000


@dataclass(slots=True)
class Incoming:
    """Takes updates in: posts before it returns, so that Telegram need not keep them; all else beside."""

    conversation: Conversation
    panels: Panels
    presses: Presses
    bot: Bot
    clock: Clock
    operations: Operations
    watched: Collection[int] = ()
    albums: Albums = field(init=False)
    _seen: "OrderedDict[int, None]" = field(default_factory=OrderedDict)
    _excused: set[int] = field(default_factory=set)
    _tasks: Tasks = field(default_factory=Tasks)

    def __post_init__(self) -> None:
        self.albums = Albums(self._receive, self.clock)

    async def take(self, updates: Sequence[Update]) -> None:
        """All chats of a batch at once, each in its order; raises DatabaseUnreachable where one must come again."""
        chats: dict[int, list[Update]] = defaultdict(list)
        for update in updates:
            chats[update.effective_chat.id if update.effective_chat else 0].append(update)
        results = await asyncio.gather(*map(self._in_order, chats.values()), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def close(self, within_s: float) -> None:
        """Let what is being answered end, for a moment."""
        await self._tasks.close(within_s)
        await self.albums.close()

    async def _in_order(self, updates: Sequence[Update]) -> None:
        for update in updates:
            await self._once(update)

    async def _once(self, update: Update) -> None:
        """What is reported twice is taken once."""
        if update.update_id in self._seen:
            return
        self._seen[update.update_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        try:
            await self._take(update)
        except DatabaseUnreachable:
            del self._seen[update.update_id]
            raise
        except Exception:
            log.exception("an update could not be taken in")

    async def _take(self, update: Update) -> None:
        if update.callback_query is not None:
            self._start(self.presses.press(update.callback_query))
            return
        message = update.effective_message
        if message is None or (message.from_user is not None and message.from_user.id == self.bot.id):
            return
        is_edit = update.edited_message is not None or update.edited_channel_post is not None
        if not words_of(message) and message.effective_attachment is None:
            return  # somebody joined, a message was pinned and the like
        await self._take_message(message, is_edit)

    async def _take_message(self, message: Message, is_edit: bool) -> None:
        command = command_of(message, self.bot)
        asked = None if is_edit else asked_by(message, self.bot)
        order = None if is_edit else self.operations.words(message, command)
        phrase = None if is_edit else self.operations.phrase_of(message, command)
        if asked is not None and message.text and command is None:
            self._start(self.presses.answer_form(message, asked))
        elif order is not None:
            self._start(self.operations.take(message, order))
        elif phrase is not None:
            self._start(self.operations.take_phrase(message, phrase))
        elif command is None or command.name in _TAKING_PICTURES:
            await self._take_post(message, command, is_edit)
        elif not is_edit and (command.name in _KNOWN or is_private(message)):
            self._start(self._call(message, command))
            if command.name == "start":
                self._start(self.operations.offer_menu(message))

    async def _take_post(self, message: Message, command: Command | None, is_edit: bool) -> None:
        if command is None and self.operations.is_place(message):
            for remark in remarks_of(message, self.bot, is_edit=is_edit):
                if await self.conversation.overhear(remark):
                    return
        post = await self._post(message, command, is_edit)
        may_mean_us = replies_to(message, self.bot) or self._is_watched(message)
        if not post.is_explicit and not post.attachments and not may_mean_us:
            return
        if self._is_old(message, is_edit):
            if post.is_explicit:
                self._start(self._excuse(message))
        elif message.media_group_id and attachments_of(message):
            await self.albums.add(post, message.media_group_id)
        elif post.is_explicit or may_mean_us:
            await self._receive(post)

    async def _post(self, message: Message, command: Command | None, is_edit: bool) -> Post:
        own = attachments_of(message)
        is_asked = command is not None or mentions(message, self.bot)
        replied = await self._replied(message) if is_asked and not own else ()
        text = without_mention(words_of(message) if command is None else command.rest, self.bot)
        if is_asked and not own and not replied and not text and message.reply_to_message is not None:
            text = words_of(message.reply_to_message)
        return Post(
            author=author_of(message),
            place=place_of(message),
            origin=str(message.message_id),
            attachments=own or replied,
            text=text,
            # A mere word in reply to the bot asks for nothing, a picture does.
            is_explicit=is_private(message)
            or is_asked
            or (bool(own) and replies_to(message, self.bot))
            or (self._is_watched(message) and any(map(is_deck_file, own))),
            is_edit=is_edit,
        )

    def _is_watched(self, message: Message) -> bool:
        """Whether pictures and lists of this chat are read without being asked; those of other bots are not."""
        is_of_bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
        return message.chat_id in self.watched and not is_of_bot

    async def _replied(self, message: Message) -> tuple[Attachment, ...]:
        """The picture that is answered, with the others of its album where the bot saw them."""
        replied = message.reply_to_message
        if replied is not None and replied.media_group_id:
            thread = replied.message_thread_id if replied.is_topic_message else None
            album = await self.albums.attachments(place_key(message.chat_id, thread), replied.media_group_id)
            if album:
                return album
        return replied_attachments(message)

    async def _receive(self, post: Post) -> None:
        answer = await self.conversation.receive(post)
        if answer is not None and answer.notice:
            address = post.place.address
            spot = Spot(address["chat"], address["thread"], address["reply_to"])
            self._start(self.panels.remark(answer.notice, spot))

    async def _call(self, message: Message, command: Command) -> None:
        place = place_of(message)
        line, _, card = command.rest.partition("=")  # what ``/fix`` takes: a line, and the card that it is
        options = {"line": line.strip(), "card": card.strip()}
        answer = await self.conversation.call(Call(author_of(message), place, command.name, options))
        spot = Spot(message.chat_id, place.address["thread"], message.message_id)
        if answer.panel is None:
            await self.panels.remark(answer.notice, spot)
            return
        user = message.from_user.id if message.from_user else 0
        holder = holder_for(user, "", is_by_chat=place.address["by_chat"])
        if is_private(message) or command.name not in _PERSONAL:
            await self.panels.show(answer.panel, spot, holder)
            return
        try:
            await self.panels.show(answer.panel, Spot(user), holder)
        except TelegramError as error:
            if not is_unreachable(error):
                raise
            await self._say_cannot_write(message, spot)

    async def _say_cannot_write(self, message: Message, spot: Spot) -> None:
        author = author_of(message)
        texts = await self.conversation.texts(author)
        line = texts("cannot_write_to_you", name=author.name, bot=f"t.me/{self.bot.username}")
        await self.panels.remark(line, spot)

    def _is_old(self, message: Message, is_edit: bool) -> bool:
        said_at = message.edit_date if is_edit and message.edit_date else message.date
        return self.clock() - said_at > OLD

    async def _excuse(self, message: Message) -> None:
        """The bot was away; said once in each chat."""
        if message.chat_id in self._excused:
            return
        self._excused.add(message.chat_id)
        texts = await self.conversation.texts(author_of(message))
        thread = message.message_thread_id if message.is_topic_message else None
        await self.panels.remark(texts("was_away"), Spot(message.chat_id, thread, message.message_id))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(_forgiving(work))


async def _forgiving(work: Coroutine[Any, Any, None]) -> None:
    """An answer that cannot be shown is not worth more than a line in the log."""
    try:
        await work
    except TelegramError as error:
        log.warning("an answer could not be shown: %s", error.message)
    except DatabaseUnreachable as error:
        log.warning("%s", error)
    except Exception:
        log.exception("an answer could not be shown")
