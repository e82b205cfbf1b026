"""Shows messages of posts: sent once, then edited in place; what does not fit goes with them as files."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from telegram import Message
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.conversation.conversation import Conversation
from bot.conversation.model import Author, OutFile
from bot.conversation.texts import Texts, language_of
from bot.delivery import NotNow, TryLater, Undeliverable
from bot.telegram import callbacks
from bot.telegram.chatting import Chatting, Spot
from bot.telegram.pace import Edits, Typing
from bot.telegram.reading import PLATFORM, Bot, talk_key
from bot.telegram.refusals import is_gone, is_no_right, is_no_topic, is_unreachable, wait_s
from bot.telegram.rendering import Rendered, html_of, rendered
from bot.telegram.topics import NOT_YET, Topic, Topics
from config.tasks import Tasks
from storage.conversions import SUBJECT
from storage.records import Json, MessageRecord

_REMEMBERED = 1000
_COURTESY_S = 0.5
_LAST_CALLS_S = 1.0
_CONNECTS_IN_S = 2.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a chat shows of a message: its id there, and those of files with what tells them apart.

    ``is_line`` is the line that says why the message itself is not there, ``is_gone`` that it was taken away;
    ``note`` stands above all its states. ``is_again``: somebody deleted it before, so that it was posted anew.
    ``topic`` is that of the incident that it shows. ``moved``: the topic in which it is instead of its own, 0 for none.
    """

    chat: int
    message: int
    files: tuple[tuple[int, str], ...] = ()
    is_line: bool = False
    is_gone: bool = False
    note: str = ""
    is_again: bool = False
    topic: Topic = NOT_YET
    moved: int | None = None

    @classmethod
    def of(cls, place: Json | None) -> "Shown | None":
        """What was stored."""
        if place is None:
            return None
        files = tuple((int(message), str(digest)) for message, digest in place.get("files", ()))
        return cls(
            place["chat"],
            place["message"],
            files,
            is_line=place.get("is_line", False),
            is_gone=place.get("is_gone", False),
            note=place.get("note", ""),
            is_again=place.get("is_again", False),
            topic=Topic(**place.get("topic", {})),
            moved=place.get("moved"),
        )

    def noted(self, shown: Rendered) -> Rendered:
        """A state below the note."""
        return replace(shown, text=f"{html_of(self.note)}\n\n{shown.text}") if self.note else shown

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "files": [list(one) for one in self.files]}


@dataclass(slots=True)
class Sending:
    """Delivers the outbox's messages to Telegram."""

    chatting: Chatting
    conversation: Conversation
    typing: Typing
    edits: Edits
    bot: Bot
    topics: Topics
    _sent: dict[UUID, Shown] = field(default_factory=dict)
    _halfway: dict[UUID, tuple[str, object]] = field(default_factory=dict)
    _calls: "dict[UUID, asyncio.Task[Message]]" = field(default_factory=dict)
    _tasks: Tasks = field(default_factory=Tasks)
    _is_closed: bool = False

    async def close(self) -> None:
        """Send no more; what is being sent has a moment to end, so that it is not sent again."""
        self._is_closed = True
        await self._tasks.close(_LAST_CALLS_S)
        await self.topics.close(_LAST_CALLS_S)

    async def deliver(self, message: MessageRecord) -> Json:
        """As of ``bot.delivery.Platform``."""
        try:
            shown = await self._deliver(message)
        except RetryAfter as error:
            raise TryLater(wait_s(error)) from error
        except TelegramError as error:
            if is_gone(error):
                raise Undeliverable("somebody deleted it, or it can no longer be edited") from error
            if is_unreachable(error) or is_no_right(error):
                raise Undeliverable(error.message) from error
            raise
        self._sent.pop(message.id, None)
        self._halfway.pop(message.id, None)
        return shown.stored()

    async def _deliver(self, message: MessageRecord) -> Shown:
        before = self._sent.get(message.id) or Shown.of(message.place)
        reply = await self.conversation.render(message)
        if reply is None or (before is not None and before.is_gone):
            self.typing.stop(message.id)
            return await self._take_away(message, before)
        if before is not None and reply.is_working and not self.edits.may_show(message.id, before.chat):
            raise NotNow(_COURTESY_S)
        shown = rendered(reply, callbacks.of_message(message.id, is_by_chat=bool(message.address.get("by_chat"))))
        after = await self._show(message, shown, before)
        if reply.talk and (before is None or before.message != after.message):
            await self.conversation.begin_talk(message, talk_key(after.chat, after.message))
        if reply.talk:
            card = Spot(after.chat, reply_to=after.message)
            topic = await self.topics.follow(message, card, after.topic, reply.talk)
            after = self._remember(message, replace(after, topic=topic))
        self.typing.follow(message.id, after.chat, _thread(message, after), is_working=reply.is_working)
        return after

    async def _show(self, message: MessageRecord, shown: Rendered, before: Shown | None) -> Shown:
        if before is None:
            return await self._with_files(message, shown, await self._send(message, shown))
        if before.is_line:
            return await self._instead_of_line(message, shown, before)
        try:
            await self._edit(message, before, shown)
        except ChatMigrated as error:
            sent = await self.chatting.say(Spot(error.new_chat_id), shown.text, shown.markup)
            before = Shown(sent.chat_id, sent.message_id)
        except TelegramError as error:
            if not is_gone(error) or not _comes_back(message, before):
                raise
            spot = Spot(before.chat, _thread(message, before))
            try:
                sent = await self.chatting.say(spot, before.noted(shown).text, shown.markup)
            except TelegramError as refusal:
                spot = await self._elsewhere(spot, refusal)
                sent = await self.chatting.say(spot, before.noted(shown).text, shown.markup)
            again = replace(before, message=sent.message_id, files=(), is_again=True)
            before = self._remember(message, replace(again, moved=spot.thread or 0))
        return await self._with_files(message, shown, before)

    async def _edit(self, message: MessageRecord, at: Shown, shown: Rendered) -> None:
        """Unless this very state is there, and only its files had to wait: edits count as messages do."""
        state = (shown.text, shown.markup)
        if self._halfway.get(message.id) != state:
            await self.chatting.edit(at.chat, at.message, at.noted(shown))
        if shown.files:
            self._halfway = {**self._halfway, message.id: state} if len(self._halfway) < _REMEMBERED else {}

    async def _send(self, message: MessageRecord, shown: Rendered) -> Shown:
        """The first time: in its chat, or to its person alone where that was wished or the chat does not allow it."""
        address = _address(message)
        user = address.get("user")
        if address.get("private") and user:
            try:
                return await self._say(message, Spot(user), shown)
            except TelegramError as error:
                if not is_unreachable(error):
                    raise
            return await self._say_line(message)
        try:
            return await self._say(message, _spot(address), shown)
        except TelegramError as error:
            if is_no_topic(error) and (spot := await self.topics.instead(_spot(address))) is not None:
                return replace(await self._say(message, spot, shown), moved=spot.thread or 0)
            if not (is_no_right(error) or is_unreachable(error)) or not user or user == address["chat"]:
                raise
        why = (await self._texts(address))("may_not_write", chat=address.get("title", ""))
        return await self._say(message, Spot(user), shown, why)

    async def _say(self, message: MessageRecord, spot: Spot, shown: Rendered, note: str = "") -> Shown:
        """Send, once: a call that outlives its delivery is waited for by the next one, which then edits."""
        earlier = self._calls.get(message.id)
        noted = Shown(0, 0, note=note).noted(shown)
        if self._is_closed:
            raise TryLater(_CONNECTS_IN_S)
        call = earlier or self._tasks.start(self.chatting.say(spot, noted.text, noted.markup))
        self._calls[message.id] = call
        try:
            sent = await asyncio.shield(call)
        finally:
            if call.done():
                del self._calls[message.id]
        at = self._remember(message, Shown(sent.chat_id, sent.message_id, note=note))
        if earlier is not None:
            await self.chatting.edit(at.chat, at.message, noted)
        return at

    async def _elsewhere(self, spot: Spot, refusal: TelegramError) -> Spot:
        """Where to say what belonged into a topic of an incident that is gone; raises the refusal of any other."""
        found = await self.topics.instead(spot) if is_no_topic(refusal) else None
        if found is None:
            raise refusal
        return found

    async def _say_line(self, message: MessageRecord) -> Shown:
        """The person has not allowed the bot to write to them: say so where they asked."""
        address = _address(message)
        texts = await self._texts(address)
        line = texts("cannot_write_to_you", name=address.get("name", ""), bot=f"t.me/{self.bot.username}")
        sent = await self.chatting.say(_spot(address), html_of(line))
        return self._remember(message, Shown(sent.chat_id, sent.message_id, is_line=True))

    async def _instead_of_line(self, message: MessageRecord, shown: Rendered, line: Shown) -> Shown:
        """They may have allowed it since: the end is tried once more."""
        if not message.is_final:
            return line
        try:
            said = await self._say(message, Spot(message.address["user"]), shown)
        except TelegramError as error:
            if not is_unreachable(error):
                raise
            return line
        await self.chatting.delete(line.chat, line.message)
        return await self._with_files(message, shown, said)

    async def _with_files(self, message: MessageRecord, shown: Rendered, at: Shown) -> Shown:
        """Files that are new are sent below the message, those that are not its own any more go."""
        wanted = [_digest(file) for file in shown.files]
        if [digest for _, digest in at.files] == wanted:
            return self._remember(message, at)
        kept = 0  # what was sent before a group had its messages of this minute is not sent again
        while kept < min(len(wanted), len(at.files)) and at.files[kept][1] == wanted[kept]:
            kept += 1
        for old, _ in at.files[kept:]:
            await self.chatting.delete(at.chat, old)
        at = self._remember(message, replace(at, files=at.files[:kept]))
        for file, digest in list(zip(shown.files, wanted, strict=True))[kept:]:
            sent = await self._send_file(message, file, Spot(at.chat, _thread(message, at), at.message))
            at = self._remember(message, replace(at, files=(*at.files, (sent, digest))))
        return at

    async def _send_file(self, message: MessageRecord, file: OutFile, spot: Spot) -> int:
        try:
            return (await self.chatting.send_file(spot, file)).message_id
        except TelegramError as error:
            if not is_no_right(error):
                raise
        line = html_of((await self._texts(_address(message)))("may_not_send_files"))
        return (await self.chatting.say(spot, line)).message_id

    async def _take_away(self, message: MessageRecord, at: Shown | None) -> Shown:
        """What the message showed is no longer kept; after two days it can only be emptied."""
        if at is None:
            raise Undeliverable("its post is no longer kept")
        if at.is_gone:
            return at
        for file, _ in at.files:
            await self.chatting.delete(at.chat, file)
        if not await self.chatting.delete(at.chat, at.message):
            gone = Texts(language_of(message.address.get("locale", "")))("gone")
            await self.chatting.edit(at.chat, at.message, Rendered(html_of(gone), None, (), True))
        return replace(at, files=(), is_gone=True)

    def _remember(self, message: MessageRecord, shown: Shown) -> Shown:
        """A delivery that is cut off in the middle goes on from here, rather than sending twice."""
        if len(self._sent) >= _REMEMBERED:
            self._sent.pop(next(iter(self._sent)))
        self._sent[message.id] = shown
        return shown

    async def _texts(self, address: Mapping[str, Any]) -> Texts:
        user = address.get("user") or address["chat"]
        return await self.conversation.texts(
            Author(PLATFORM, str(user), address.get("name", ""), address.get("locale", ""))
        )


def _address(message: MessageRecord) -> Mapping[str, Any]:
    """Where a message goes; of what is said unasked, its chat says it: a group, ``group/topic``, or a person."""
    if not message.address.get("unasked"):
        return message.address
    chat, _, thread = message.chat.partition("/")
    return {"chat": int(chat), "thread": int(thread) if thread else None}


def _comes_back(message: MessageRecord, before: Shown) -> bool:
    """Whether a message that somebody deleted is posted anew, once: what operations need is, a player's deck is not.

    What was for one person alone is theirs to delete.
    """
    return message.subject != SUBJECT and not message.address.get("private") and not before.is_again


def _spot(address: Mapping[str, Any]) -> Spot:
    return Spot(address["chat"], address.get("thread"), address.get("reply_to"))


def _thread(message: MessageRecord, at: Shown) -> int | None:
    """The topic, where the message is in the chat that has it."""
    if at.moved is not None:
        return at.moved or None
    address = _address(message)
    thread = address.get("thread")
    return int(thread) if thread is not None and at.chat == address.get("chat") else None


def _digest(file: OutFile) -> str:
    return hashlib.sha256(file.name.encode() + b"\0" + file.data).hexdigest()[:16]
