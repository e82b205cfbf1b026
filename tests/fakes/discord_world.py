"""What exists on the Discord of the tests: players, channels, messages and interactions, as players see them."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_rules import EPHEMERAL, LOADING

BOT = 900_000_000_000_000_001
EVERYONE_MAY = 0x0000_0C00 | 0x8000 | 0x10000 | 0x40_0000_0000 | 0x8000_0000
"""View, send, attach, read history, send in threads, use commands."""
MANAGE_MESSAGES = 0x2000
BITS = {
    "view_channel": 0x400,
    "send_messages": 0x800,
    "attach_files": 0x8000,
    "read_message_history": 0x10000,
    "create_public_threads": 0x8_0000_0000,
    "send_messages_in_threads": 0x40_0000_0000,
}
_EPOCH_MS = 1_420_070_400_000
_counter = itertools.count(1)


def snowflake() -> int:
    """A new id, of now."""
    return (int(time.time() * 1000) - _EPOCH_MS) << 22 | next(_counter) & 0x3FFFFF


def timestamp() -> str:
    """Now, as Discord writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())


@dataclass(slots=True)
class Player:
    """Somebody. ``takes_direct`` says whether the bot may write to them."""

    name: str
    locale: str = "en-US"
    is_moderator: bool = False
    takes_direct: bool = True
    is_bot: bool = False
    roles: tuple[int, ...] = ()
    id: int = field(default_factory=snowflake)

    def payload(self) -> dict[str, Any]:
        """As Discord tells of them."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "bot": self.is_bot,
        }


@dataclass(slots=True)
class Channel:
    """A place to write; ``guild`` None is a direct message with ``player``. The bot lacks what is ``denied``."""

    name: str
    guild: int | None = None
    player: Player | None = None
    kind: int = 0
    parent: int | None = None
    denied: set[str] = field(default_factory=set)
    is_installed: bool = True
    id: int = field(default_factory=snowflake)
    typed: int = 0

    def payload(self) -> dict[str, Any]:
        """As Discord tells of it."""
        if self.guild is None:
            recipients = [] if self.player is None else [self.player.payload()]
            return {"id": str(self.id), "type": 1, "recipients": recipients, "last_message_id": None}
        deny = sum(BITS[name] for name in self.denied)
        found: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild),
            "name": self.name,
            "position": 0,
            "permission_overwrites": [{"id": str(BOT), "type": 1, "allow": "0", "deny": str(deny)}],
            "parent_id": None if self.parent is None else str(self.parent),
            "nsfw": False,
            "topic": None,
        }
        if self.kind == 11:
            metadata = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": timestamp()}
            found |= {"owner_id": "1", "message_count": 1, "member_count": 1, "thread_metadata": metadata}
        return found


@dataclass(slots=True)
class Message:
    """A message and all that it ever showed. ``seen_by`` None is everybody, ``called`` are told of it by name."""

    channel: Channel
    author: dict[str, Any]
    content: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    reply_to: int | None = None
    seen_by: int | None = None
    mentions: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    is_deleted: bool = False
    is_edited: bool = False
    nonce: str | None = None
    called: list[int] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    id: int = field(default_factory=snowflake)

    @property
    def is_ephemeral(self) -> bool:
        """For one player alone."""
        return bool(self.flags & EPHEMERAL)

    @property
    def is_thinking(self) -> bool:
        """Nothing but that an answer will come."""
        return bool(self.flags & LOADING)

    @property
    def block(self) -> str:
        """What stands in the code block."""
        parts = self.content.split("```")
        return parts[1].strip("\n") if len(parts) == 3 else ""

    @property
    def items(self) -> list[dict[str, Any]]:
        """All components."""
        return [item for row in self.components for item in row["components"]]

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [item["label"] for item in self.items if "label" in item]

    def button(self, label: str) -> str:
        """The id of a button; raises AssertionError where there is none."""
        found = [item["custom_id"] for item in self.items if item.get("label") == label]
        assert found, f"no button {label!r} in {self.labels}: {self.content}"
        return str(found[0])

    def option(self, label: str) -> tuple[str, str]:
        """The select and the value of the option that begins with this; raises AssertionError."""
        options = [(item, one) for item in self.items for one in item.get("options", ())]
        found = [(item["custom_id"], one["value"]) for item, one in options if one["label"].startswith(label)]
        assert found, f"no option {label!r} in {[one['label'] for _, one in options]}"
        return str(found[0][0]), str(found[0][1])

    def payload(self) -> dict[str, Any]:
        """As Discord tells of it."""
        found: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author,
            "content": self.content,
            "timestamp": timestamp(),
            "edited_timestamp": timestamp() if self.is_edited else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": self.mentions,
            "mention_roles": [],
            "attachments": self.attachments,
            "embeds": [],
            "pinned": False,
            "type": self.kind,
            "components": self.components,
            "flags": self.flags,
        }
        if self.channel.guild is not None:
            found["guild_id"] = str(self.channel.guild)
        if self.reply_to is not None:
            found["message_reference"] = {"message_id": str(self.reply_to), "channel_id": str(self.channel.id)}
        if self.snapshots:
            found["message_reference"] = {"type": 1, "message_id": str(snowflake()), "channel_id": str(snowflake())}
            found["message_snapshots"] = [{"message": one} for one in self.snapshots]
        return found


@dataclass(slots=True)
class Interaction:
    """What a player did, and what became of it."""

    player: Player
    channel: Channel
    kind: int
    data: dict[str, Any]
    message: Message | None = None
    created: float = field(default_factory=time.monotonic)
    id: int = field(default_factory=snowflake)
    is_expired: bool = False
    response: int | None = None
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)

    @property
    def token(self) -> str:
        """Its token, long as Discord's are."""
        return f"aW50ZXJhY3Rpb246{self.id}" + "x" * 160

    def shown(self) -> Iterator[Message]:
        """What the player sees of it beside what was pressed."""
        if self.original is not None and self.original is not self.message:
            yield self.original
        yield from self.followups

    def payload(self) -> dict[str, Any]:
        """As Discord tells of it."""
        channel = self.channel
        found: dict[str, Any] = {
            "id": str(self.id),
            "application_id": str(BOT),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(channel.id),
            "channel": channel.payload(),
            "locale": self.player.locale,
            "app_permissions": str(EVERYONE_MAY),
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(channel.guild or 0)},
            "context": 1 if channel.guild is None else 0,
            "attachment_size_limit": 10_485_760,
        }
        if channel.guild is None:
            found["user"] = self.player.payload()
        else:
            found |= {"guild_id": str(channel.guild), "guild_locale": "en-US", "member": self._member()}
            found["guild"] = {"id": str(channel.guild), "locale": "en-US", "features": []}
        if self.message is not None:
            found["message"] = self.message.payload()
        return found

    def _member(self) -> dict[str, Any]:
        permissions = EVERYONE_MAY | (MANAGE_MESSAGES if self.player.is_moderator else 0)
        return {
            "user": self.player.payload(),
            "roles": [str(role) for role in self.player.roles],
            "joined_at": timestamp(),
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": str(permissions),
        }
