"""Messages and interactions of Discord, as the conversation takes them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import discord

from bot.conversation.model import Attachment, Author, Place, Post
from bot.conversation.overhearing import Remark
from bot.discord.limits import PLATFORM
from bot.discord.outbound import Address

_TYPES = (discord.MessageType.default, discord.MessageType.reply)


def author_of(user: discord.abc.User, locale: str = "") -> Author:
    """Who speaks, with the roles that they have in the server where they do."""
    roles = user.roles if isinstance(user, discord.Member) else []
    return Author(PLATFORM, str(user.id), user.name, locale, frozenset(str(role.id) for role in roles))


def post_of(message: discord.Message, me: int, watched: Collection[int], *, is_edit: bool) -> Post | None:
    """The post that a message is; None for one that nobody meant for the bot."""
    if not _is_from_somebody(message):
        return None
    named = _names(message, me)
    is_explicit = message.guild is None or named
    if not (is_explicit or _is_reply_to(message, me) or _is_watched(message.channel, watched)):
        return None
    files, text = attachments_of(message), text_of(message, me)
    if message.guild is None and not files and not message.content:
        return None  # a sticker, or a message of a server that Discord has not told of yet
    if not files and named and isinstance(quoted := _quoted(message), discord.Message):
        files = attachments_of(quoted)
    return Post(
        author=author_of(message.author),
        place=place_of_message(message),
        origin=str(message.id),
        attachments=files,
        text=text,
        is_explicit=is_explicit,
        is_edit=is_edit,
    )


@dataclass(frozen=True, slots=True)
class Words:
    """An order to the console: a group of its actions, and what follows."""

    group: str
    rest: str


def words_of(message: discord.Message, me: int, groups: Collection[str]) -> Words | None:
    """The order that a message to the bot is, by its first word; None for another message."""
    if not _is_from_somebody(message) or not _names(message, me):
        return None
    group, _, rest = text_of(message, me).removeprefix("/").partition(" ")
    return Words(group.lower(), rest.strip()) if group.lower() in groups else None


def remark_of(message: discord.Message, me: int, *, is_edit: bool) -> Remark | None:
    """What somebody says in a thread; Discord shows it to bots that may read contents, or that are named."""
    if not _is_from_somebody(message):
        return None
    # A thread that has just been made may not be known as one yet.
    is_thread = isinstance(message.channel, discord.Thread | discord.PartialMessageable)
    if not is_thread or message.guild is None or not (message.content or message.attachments):
        return None
    files = "".join(f" [{one.filename}]" for one in message.attachments)
    text = text_of(message, me) + files
    return Remark(author_of(message.author), str(message.channel.id), str(message.id), text.strip(), is_edit)


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    """Its files, as posted."""
    return attached(files_of(message), {"channel": message.channel.id, "message": message.id})


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """Its files, and those of what it forwards."""
    forwarded = [one for snapshot in message.message_snapshots for one in snapshot.attachments]
    return [*message.attachments, *forwarded]


def attached(files: Iterable[discord.Attachment], where: dict[str, int] | None = None) -> tuple[Attachment, ...]:
    """Files that ``fetch`` finds again; ``where`` is the message that shows them."""
    return tuple(
        Attachment(
            name=one.filename,
            source={"key": str(one.id), "url": one.url, **(where or {})},
            size=one.size,
            media_type=one.content_type or "",
        )
        for one in files
    )


def text_of(message: discord.Message, me: int) -> str:
    """What it says, or what it forwards says, without the bot's name."""
    said = [message.content, *(one.content for one in message.message_snapshots)]
    return re.sub(rf"<@!?{me}>", "", "\n".join(one for one in said if one)).strip()


def place_of(interaction: discord.Interaction[Any], address: Address | None = None) -> Place:
    """Where an interaction happened; a group's direct messages count as a community, since others read them."""
    community = str(interaction.guild_id or "")
    if interaction.context.private_channel:
        community = str(interaction.channel_id)
    return Place(
        str(interaction.channel_id),
        {} if address is None else address.to_json(),
        community,
        _around(interaction.channel),
    )


def place_of_message(message: discord.Message) -> Place:
    """Where a message is, and how it is answered."""
    address = Address(user=message.author.id, reply_to=message.id)
    community = "" if message.guild is None else str(message.guild.id)
    return Place(str(message.channel.id), address.to_json(), community, _around(message.channel))


def _around(channel: object) -> frozenset[str]:
    """The channel of a thread."""
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    return frozenset() if parent is None else frozenset({str(parent)})


def _is_from_somebody(message: discord.Message) -> bool:
    return not (message.author.bot or message.webhook_id) and message.type in _TYPES


def _names(message: discord.Message, me: int) -> bool:
    return bool(re.search(rf"<@!?{me}>", message.content))


def _is_reply_to(message: discord.Message, me: int) -> bool:
    quoted = _quoted(message)
    return isinstance(quoted, discord.Message) and quoted.author.id == me


def _quoted(message: discord.Message) -> discord.Message | discord.DeletedReferencedMessage | None:
    return None if message.reference is None else message.reference.resolved


def _is_watched(channel: object, watched: Collection[int]) -> bool:
    """A thread is watched with its channel, a post with its forum."""
    return bool({getattr(channel, "id", 0), getattr(channel, "parent_id", 0)} & set(watched))
