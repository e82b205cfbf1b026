"""People and chats of the fake Telegram: what they send, and what they see."""

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram_formats import plain_entities

if TYPE_CHECKING:
    from tests.fakes.telegram_server import TelegramServer


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody with an account."""

    id: int
    name: str = "Anna"
    language: str = "en"

    def as_json(self) -> dict[str, Any]:
        """As the Bot API tells it."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}


@dataclass(slots=True)
class Said:
    """A message as people see it, and as the Bot API tells it (``raw``)."""

    raw: dict[str, Any]
    by_bot: bool
    file: bytes | None = None
    file_name: str = ""
    versions: list[str] = field(default_factory=list)
    is_deleted: bool = False
    is_old: bool = False
    mentions: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        """In its chat."""
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        """Text or caption."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def block(self) -> str:
        """The part to copy."""
        for entity in self.raw.get("entities", self.raw.get("caption_entities", [])):
            if entity["type"] == "pre":
                units = self.text.encode("utf-16-le")
                return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
        return ""

    @property
    def labels(self) -> list[str]:
        """The buttons."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    @property
    def reply_to(self) -> int | None:
        """What it answers."""
        return self.raw.get("reply_to_message", {}).get("message_id")

    def data_of(self, label: str) -> str:
        """What the first button carries whose label has these words."""
        rows = self.raw["reply_markup"]["inline_keyboard"]
        for button in (button for row in rows for button in row):
            if label.lower() in button["text"].lower():
                return str(button["callback_data"])
        raise AssertionError(f"no button {label!r} among {self.labels}")


@dataclass(slots=True)
class Topic:
    """A topic of a forum; its number is that of the service message with which it begins."""

    name: str
    beginning: dict[str, Any]
    by_bot: bool = False
    is_closed: bool = False


@dataclass(slots=True)
class Room:
    """A chat: ``privacy`` is the bot's privacy mode there, ``can_write`` and ``can_send_files`` its rights.

    ``can_manage_topics`` is a right of administrators, who see every message whatever their privacy mode.
    """

    server: "TelegramServer"
    id: int
    kind: str = "private"
    title: str = ""
    is_forum: bool = False
    privacy: bool = True
    admins: set[int] = field(default_factory=set)
    outsiders: set[int] = field(default_factory=set)
    can_write: bool = True
    can_send_files: bool = True
    can_manage_topics: bool = False
    is_blocked: bool = False
    migrated_to: int | None = None
    said: dict[int, Said] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(100))

    def as_json(self) -> dict[str, Any]:
        """As the Bot API tells it."""
        told: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            return told | {"first_name": "Anna"}
        return told | {"title": self.title} | ({"is_forum": True} if self.is_forum else {})

    # What people see

    @property
    def visible(self) -> list[Said]:
        """All that is there."""
        return [one for _, one in sorted(self.said.items()) if not one.is_deleted]

    @property
    def from_bot(self) -> list[Said]:
        """What the bot has said and not deleted."""
        return [one for one in self.visible if one.by_bot]

    @property
    def last(self) -> Said:
        """The bot's latest message."""
        return self.from_bot[-1]

    def answer_to(self, message: int) -> Said | None:
        """The first message of the bot that answers this one."""
        return next((one for one in self.from_bot if one.reply_to == message), None)

    def in_topic(self, number: int) -> list[Said]:
        """What the bot has said in a topic."""
        return [one for one in self.from_bot if one.raw.get("message_thread_id") == number and one.text]

    @property
    def own_topics(self) -> dict[int, Topic]:
        """Those that the bot has made."""
        return {number: one for number, one in self.topics.items() if one.by_bot}

    # What people do

    def delete_topic(self, number: int) -> None:
        """Somebody deletes a topic, with all that is in it; no bot is told."""
        del self.topics[number]
        for said in self.said.values():
            if number in (said.id, said.raw.get("message_thread_id")):
                said.is_deleted = True

    def begin_topic(self, name: str, number: int, by: dict[str, Any], *, by_bot: bool) -> Topic:
        """A new one."""
        told = {"message_id": number, "date": int(time.time()), "chat": self.as_json(), "from": by}
        told |= {"message_thread_id": number, "is_topic_message": True}
        beginning = {**told, "forum_topic_created": {"name": name, "icon_color": 7322096}}
        topic = self.topics.setdefault(number, Topic(name, beginning, by_bot))
        if by_bot:
            self.said[number] = Said(beginning, by_bot=True)
        return topic

    def text(self, who: Player | None, text: str, **more: Any) -> int:
        """Send a text."""
        return self._send(who, {"text": text, "entities": plain_entities(text)}, **more)

    def photo(self, who: Player | None, data: bytes, caption: str = "", **more: Any) -> int:
        """Send a picture as a photo, in three sizes."""
        sizes = [
            self.server.add_file(data if width == 1280 else b"thumbnail", width=width, height=width * 9 // 16)
            for width in (90, 1280, 320)
        ]
        return self._send(who, {"photo": sizes, **_caption(caption)}, **more)

    def document(
        self, who: Player | None, data: bytes, name: str, media_type: str = "", caption: str = "", **more: Any
    ) -> int:
        """Send a file as it is; ``size`` may lie."""
        size = more.pop("size", None)
        file = self.server.add_file(data, file_name=name, mime_type=media_type or "application/octet-stream")
        if size is not None:
            file["file_size"] = size
        return self._send(who, {"document": file, **_caption(caption)}, **more)

    def album(self, who: Player, pictures: list[bytes], caption: str = "") -> list[int]:
        """Send several pictures at once."""
        group = str(next(self.server.groups))
        return [
            self.photo(who, data, caption if number == 0 else "", album=group) for number, data in enumerate(pictures)
        ]

    def edit(self, who: Player | None, message: int, **changes: Any) -> None:
        """Edit one's own message."""
        said = self.said[message]
        said.raw = {**said.raw, **changes, "edit_date": int(time.time())}
        kind = "edited_channel_post" if self.kind == "channel" else "edited_message"
        self._tell({kind: said.raw})

    def edit_photo(self, who: Player | None, message: int, data: bytes) -> None:
        """Put another picture into one's own message."""
        self.edit(who, message, photo=[self.server.add_file(data, width=1280, height=720)])

    def press(self, who: Player, said: Said, label: str) -> str:
        """Press a button; returns the id by which it must be answered."""
        return self.press_data(who, said, said.data_of(label))

    def press_data(self, who: Player, said: Said, data: str) -> str:
        """Press a button that may be there no longer."""
        identity = str(next(self.server.query_ids))
        query = {
            "id": identity,
            "from": who.as_json(),
            "message": said.raw,
            "chat_instance": "1",
            "data": data,
        }
        self._tell({"callback_query": query})
        return identity

    def delete(self, message: int) -> None:
        """Somebody deletes a message."""
        self.said[message].is_deleted = True

    def _send(self, who: Player | None, content: dict[str, Any], **more: Any) -> int:
        number = next(self.numbers)
        raw: dict[str, Any] = {
            "message_id": number,
            "date": int(more.pop("date", time.time())),
            "chat": self.as_json(),
            **content,
        }
        album = more.pop("album", None)
        if album:
            raw["media_group_id"] = album
        if who is not None:
            raw["from"] = who.as_json()
        if self.kind == "channel" or more.pop("anonymous", False):
            raw["sender_chat"] = self.as_json()
            if self.kind != "channel":
                raw["from"] = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        thread = more.pop("thread", None)
        if thread is not None:
            raw |= {"message_thread_id": thread, "is_topic_message": True}
            # What answers nothing there answers the beginning of the topic (tdlib/telegram-bot-api #356).
            raw["reply_to_message"] = self.topic(thread).beginning
        reply_to = more.pop("reply_to", None)
        if reply_to is not None:
            raw["reply_to_message"] = dict(self.said[reply_to].raw.items())
            if thread is None and self.kind != "private":
                raw["message_thread_id"] = reply_to  # a chain of replies is no topic
        raw |= more
        self.said[number] = Said(raw, by_bot=False)
        if self._reaches_bot(raw):
            self._tell({"channel_post" if self.kind == "channel" else "message": raw})
        return number

    def topic(self, number: int) -> Topic:
        """One that somebody has begun some time ago, if it is not known."""
        somebody = Player(9999, "Somebody").as_json()
        return self.topics.get(number) or self.begin_topic(f"Topic {number}", number, somebody, by_bot=False)

    def _reaches_bot(self, raw: dict[str, Any]) -> bool:
        """What privacy mode lets through."""
        if self.kind in ("private", "channel") or not self.privacy or self.can_manage_topics:
            return True
        words = raw.get("text") or raw.get("caption") or ""
        replied = raw.get("reply_to_message", {}).get("from", {}).get("id")
        command = re.match(r"/\w+(?:@(\w+))?", words)
        is_ours = command is not None and (command[1] or self.server.username).lower() == self.server.username.lower()
        return is_ours or replied == self.server.bot_id

    def _tell(self, update: dict[str, Any]) -> None:
        self.server.tell(update)


def _caption(caption: str) -> dict[str, Any]:
    return {"caption": caption, "caption_entities": plain_entities(caption)} if caption else {}
