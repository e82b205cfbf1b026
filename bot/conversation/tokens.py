"""What buttons carry: a verb, the short form of a deck's id, and small numbers; at most 64 bytes."""

import base64
import hashlib
from dataclasses import dataclass
from uuid import UUID

LONGEST = 64
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class Token:
    """A verb about something, with arguments."""

    verb: str
    subject: UUID | None = None
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        subject = "" if self.subject is None else short(self.subject)
        text = _BETWEEN.join((self.verb, subject, *self.arguments))
        if len(text.encode()) > LONGEST:
            raise ValueError(f"{text!r} is longer than {LONGEST} bytes")
        return text

    def number(self, place: int) -> int:
        """An argument as a number; raises ValueError."""
        if place >= len(self.arguments):
            raise ValueError("an argument is missing")
        return int(self.arguments[place])


def parse(text: str) -> Token:
    """The token of a text; raises ValueError where it is none."""
    verb, _, rest = text.partition(_BETWEEN)
    subject, *arguments = rest.split(_BETWEEN)
    return Token(verb, long(subject) if subject else None, tuple(arguments))


def token(verb: str, subject: UUID | None = None, *arguments: object) -> str:
    """The text of a token."""
    return str(Token(verb, subject, tuple(str(one) for one in arguments)))


def short(identity: UUID) -> str:
    """22 characters."""
    return base64.urlsafe_b64encode(identity.bytes).decode().rstrip("=")


def long(text: str) -> UUID:
    """The id back; raises ValueError."""
    return UUID(bytes=base64.urlsafe_b64decode(text + "=="))


def name_key(name: str) -> str:
    """Eight characters that stand for a card's name in a token."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:6]).decode()
