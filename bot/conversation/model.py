"""What comes in from chats and what goes out, without a word of any platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Author:
    """Who speaks: the platform's own id, the name to show, the language that their client uses.

    ``groups`` are what the platform says they belong to (roles on Discord), for the console's roles.
    """

    platform: str
    user: str
    name: str = ""
    locale: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said. ``address`` is what the skin needs to answer there; it goes into the outbox as it is.

    ``community`` is the server or group, empty in a direct message; ``around`` are chats that hold this one, such as
    the channel of a thread. ``incident`` is the id of that which it is about, where the chat alone does not say it.
    """

    chat: str
    address: Mapping[str, Any] = field(default_factory=dict)
    community: str = ""
    around: frozenset[str] = frozenset()
    incident: str = ""

    @property
    def is_private(self) -> bool:
        """A direct message."""
        return not self.community


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was posted; ``source`` is what the skin needs to fetch it, ``size`` in bytes if known."""

    name: str
    source: Mapping[str, Any]
    size: int | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A message with pictures, deck files or a pasted list.

    ``origin`` is its id in its chat; ``is_explicit`` says that somebody asked for an answer, rather than that
    the bot watches the channel.
    """

    author: Author
    place: Place
    origin: str
    attachments: tuple[Attachment, ...] = ()
    text: str = ""
    is_explicit: bool = True
    is_edit: bool = False
    wants_privacy: bool | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A command with its options, as the player gave them."""

    author: Author
    place: Place
    name: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Press:
    """A button or an option of a select was chosen, or a form was filled in (``values``).

    ``is_moderator`` lets the author delete what others asked for. ``origin`` is the platform's id of the press.
    """

    author: Author
    place: Place
    token: str
    values: Mapping[str, str] = field(default_factory=dict)
    is_moderator: bool = False
    origin: str = ""


class Style(StrEnum):
    """How a button looks, where the platform has a choice."""

    PLAIN = "plain"
    MAIN = "main"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. ``token`` is at most 64 bytes and says all that is needed when it comes back."""

    label: str
    token: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a select; ``token`` as of a Choice."""

    label: str
    token: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """A list to choose one from: at most 25 options."""

    prompt: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file to send."""

    name: str
    data: bytes
    is_picture: bool = False
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is called by name; ``user`` is their account, empty where they have none on the platform."""

    name: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A place to talk about an incident by itself: what it is called, and whether nothing is left to talk about."""

    name: str
    incident: UUID
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message shows: sentences, a block to copy, files, and what can be chosen.

    ``mentions`` stand first, and make the platform tell those who are named.

    ``block_name`` is that of the file which a block becomes that is too long for the platform. ``talk`` wants a place
    to talk about it, such as a thread, where the platform has one.
    """

    text: str
    block: str = ""
    files: tuple[OutFile, ...] = ()
    selects: tuple[Select, ...] = ()
    choices: tuple[tuple[Choice, ...], ...] = ()
    is_working: bool = False
    block_name: str = "deck.txt"
    mentions: tuple[Mention, ...] = ()
    talk: Talk | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Asks for one line of text; the answer comes back as a Press with ``token`` and ``values["text"]``."""

    title: str
    prompt: str
    token: str
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens after a command or press.

    ``panel`` is for the one who pressed: shown to them alone where the platform can, and in place of the panel
    that was pressed. ``form`` asks for text. ``notice`` is a short remark. What changed in a post's message is
    shown through the outbox; ``is_coming`` says that a new message of it will answer this very press, for the one who
    pressed alone. ``closes_panel`` removes the panel.
    """

    panel: Reply | None = None
    form: Form | None = None
    notice: str = ""
    closes_panel: bool = False
    is_coming: bool = False
