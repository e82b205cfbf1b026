"""What is kept to reach a place on Discord again: addresses, places of messages, tokens of interactions."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from storage.records import Json

_TOKENS = 2000


@dataclass(frozen=True, slots=True)
class Token:
    """The right to answer an interaction until a time, in seconds since 1970."""

    application: int
    secret: str
    until: float


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to answer, and how: in reply to a message, or with an interaction's token.

    ``user`` is None for what is said unasked in a channel; ``is_direct`` says it to that user alone. ``is_press``:
    the token is that of a press, by which only what is private is answered.
    """

    user: int | None
    reply_to: int | None = None
    token: Token | None = None
    is_private: bool = False
    is_direct: bool = False
    is_press: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the outbox keeps it, which adds ``private``."""
        token = self.token
        kept: dict[str, Any] = {}
        if token is not None:
            kept = {"token": token.secret, "application": token.application, "until": token.until}
        kept |= {"press": True} if self.is_press else {}
        return {"user": self.user, **({"reply_to": self.reply_to} if self.reply_to else {}), **kept}

    @classmethod
    def of(cls, kept: Json, chat: str) -> "Address":
        """The address back, of a message in ``chat``: a channel, or an account for what is said unasked to one."""
        if kept.get("unasked"):
            is_direct = kept.get("direct") is True
            return cls(int(chat) if is_direct else None, is_direct=is_direct)
        token = Token(int(kept["application"]), str(kept["token"]), float(kept["until"])) if "token" in kept else None
        reply_to = int(kept["reply_to"]) if "reply_to" in kept else None
        is_private, is_press = kept.get("private") is True, kept.get("press") is True
        return cls(int(kept["user"]), reply_to, token, is_private, is_press=is_press)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a message is. ``by_token``: only an interaction's token reaches it for certain.

    ``is_again``: somebody deleted it before, so that it was posted anew. ``has_talk``: a thread hangs on it, or cannot.
    """

    channel: int
    message: int
    by_token: bool = False
    is_direct: bool = False
    note: str = ""
    is_again: bool = False
    has_talk: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the outbox keeps it."""
        return {
            "channel": self.channel,
            "message": self.message,
            "by_token": self.by_token,
            "direct": self.is_direct,
            "note": self.note,
            "again": self.is_again,
            "talk": self.has_talk,
        }

    @classmethod
    def of(cls, kept: Json | None) -> "Shown | None":
        """The place back; None for a message that was never sent."""
        if not kept or "message" not in kept:
            return None
        return cls(
            int(kept["channel"]),
            int(kept["message"]),
            kept.get("by_token") is True,
            kept.get("direct") is True,
            str(kept.get("note", "")),
            kept.get("again") is True,
            kept.get("talk") is True,
        )


@dataclass(slots=True)
class FreshTokens:
    """Tokens of presses on messages that only a token reaches: they prolong the 15 minutes of the first."""

    now: Callable[[], float]
    _by_message: "OrderedDict[int, Token]" = field(default_factory=OrderedDict)

    def remember(self, message: int, token: Token) -> None:
        """Of the latest press on a message."""
        self._by_message[message] = token
        self._by_message.move_to_end(message)
        if len(self._by_message) > _TOKENS:
            self._by_message.popitem(last=False)

    def usable(self, shown: Shown | None, first: Token | None) -> list[Token]:
        """What may reach a message now, best first."""
        latest = None if shown is None else self._by_message.get(shown.message)
        return [one for one in (latest, first) if one is not None and one.until > self.now()]
