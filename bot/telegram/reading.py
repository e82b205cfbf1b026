"""What a message of Telegram says, in the conversation's terms. Pure: nothing is asked or sent here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Chat, Message, MessageEntity, User
from telegram.constants import ChatType

from bot.conversation.model import Attachment, Author, Place
from bot.conversation.overhearing import Remark

PLATFORM = "telegram"
_COMMAND = re.compile(r"^/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Bot:
    """Who we are."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a message begins with, and what follows."""

    name: str
    rest: str


def author_of(message: Message) -> Author:
    """Who speaks: a person, or the chat in whose name a channel or an anonymous admin does."""
    if message.sender_chat is not None:
        return chat_author(message.sender_chat)
    return person_author(message.from_user) if message.from_user else chat_author(message.chat)


def person_author(user: User) -> Author:
    """A person."""
    return Author(PLATFORM, str(user.id), user.full_name, user.language_code or "")


def chat_author(chat: Chat) -> Author:
    """A chat in whose name somebody speaks."""
    return Author(PLATFORM, str(chat.id), chat.title or "")


def place_of(message: Message) -> Place:
    """Where a message is, and where an answer belongs."""
    thread = message.message_thread_id if message.is_topic_message else None
    by_chat = message.sender_chat is not None or message.from_user is None
    user = None if by_chat or message.from_user is None else message.from_user.id
    address = address_of(message.chat, thread, message.message_id, author_of(message), user)
    chat = message.chat_id
    return Place(place_key(chat, thread), address, community_of(message.chat), around(chat, thread))


def address_of(chat: Chat, thread: int | None, reply_to: int, author: Author, user: int | None) -> dict[str, Any]:
    """What is kept to answer there; ``user`` is None where somebody speaks in the name of a chat."""
    return {
        "chat": chat.id,
        "thread": thread,
        "reply_to": reply_to,
        "user": user,
        "name": author.name[:64],
        "title": (chat.title or "")[:64],
        "locale": author.locale,
        "by_chat": user is None,
    }


def community_of(chat: Chat) -> str:
    """The group or channel; nothing for a chat with one person."""
    return "" if chat.type == ChatType.PRIVATE else str(chat.id)


def around(chat: int, thread: int | None) -> frozenset[str]:
    """The group of a topic."""
    return frozenset() if thread is None else frozenset({str(chat)})


def place_key(chat: int, thread: int | None) -> str:
    """One chat, or one topic of a forum."""
    return str(chat) if thread is None else f"{chat}/{thread}"


def remarks_of(message: Message, bot: Bot, *, is_edit: bool) -> list[Remark]:
    """What somebody says in a topic, or answers to a message of ours in a group, by the talks that it may belong to."""
    if is_private(message):
        return []
    talks, replied = [], message.reply_to_message
    if message.is_topic_message:
        talks.append(place_key(message.chat_id, message.message_thread_id))
    if replied is not None and replies_to(message, bot):
        talks.append(talk_key(message.chat_id, replied.message_id))
    words = " ".join(one for one in (words_of(message), _file_of(message)) if one)
    return [Remark(author_of(message), talk, str(message.message_id), words, is_edit) for talk in talks]


def _file_of(message: Message) -> str:
    """``[screen.png]`` or ``[photo]``, of what comes with a message."""
    found = message.effective_attachment
    if found is None:
        return ""
    name = message.document.file_name if message.document is not None else ""
    return f"[{name or ('photo' if message.photo else type(found).__name__.lower())}]"


def talk_key(chat: int, message: int) -> str:
    """Where people talk about a message: in answers to it."""
    return f"{chat}:{message}"


def is_private(message: Message) -> bool:
    """A chat with one person."""
    return message.chat.type == ChatType.PRIVATE


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """The picture or file of a message."""
    found = _photo_or_document(message)
    return () if found is None else (found,)


def replied_attachments(message: Message) -> tuple[Attachment, ...]:
    """Those of the message that this one answers, be it of another chat."""
    for replied in (message.reply_to_message, message.external_reply):
        found = None if replied is None else _photo_or_document(replied)
        if found is not None:
            return (found,)
    return ()


def _photo_or_document(holder: Any) -> Attachment | None:
    """Both messages and outside replies have these fields."""
    if holder.photo:
        largest = max(holder.photo, key=lambda size: size.width * size.height)
        return Attachment("", _source(largest), largest.file_size, "image/jpeg")
    if holder.document is not None:
        document = holder.document
        return Attachment(document.file_name or "", _source(document), document.file_size, document.mime_type or "")
    return None


def _source(file: Any) -> Mapping[str, Any]:
    return {"file": file.file_id, "key": file.file_unique_id}


def command_of(message: Message, bot: Bot) -> Command | None:
    """The command to us that a message or caption begins with; None where it is to another bot."""
    text = words_of(message)
    found = _COMMAND.match(text)
    if found is None or (found[2] and found[2].lower() != bot.username.lower()):
        return None
    return Command(found[1].lower(), text[found.end() :].strip())


def words_of(message: Message) -> str:
    """Text or caption."""
    return message.text or message.caption or ""


def mentions(message: Message, bot: Bot) -> bool:
    """Whether a message names us."""
    entities = {**message.parse_entities(), **message.parse_caption_entities()}
    return any(
        (entity.type == MessageEntity.MENTION and text.lower() == f"@{bot.username.lower()}")
        or (entity.user is not None and entity.user.id == bot.id)
        for entity, text in entities.items()
    )


def replies_to(message: Message, bot: Bot) -> bool:
    """Whether it answers a message of ours.

    What answers nothing in a topic comes as an answer to the beginning of the topic, which says nothing.
    """
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created is not None:
        return False
    return replied.from_user.id == bot.id


def without_mention(text: str, bot: Bot) -> str:
    """Text without our name."""
    return re.sub(rf"@{re.escape(bot.username)}\b", "", text, flags=re.IGNORECASE).strip()
