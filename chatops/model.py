"""What goes into the console and what comes out, without a word of any chat platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from storage.records import Json, NewMessage


class Risk(StrEnum):
    """What can go wrong: nothing; what can be taken back; users notice; data or evidence can be lost."""

    READ = "read"
    WRITE = "write"
    DANGEROUS = "dangerous"
    DESTRUCTIVE = "destructive"


class Confirmation(StrEnum):
    """What stands between a plan and its deed, from nothing to a second person."""

    NONE = "none"
    BUTTON = "button"
    PHRASE = "phrase"
    TWO_PERSONS = "two-persons"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Confirmation).index(self)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account of a platform, with the groups (roles, chats) in which the platform says it is."""

    platform: str
    user: str
    name: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was asked: ``also`` are chats around it, such as the channel of a thread.

    ``incident`` is the id of that which it was asked about, where the place does not say it: with a button of
    its card, in an answer to it.
    """

    platform: str
    chat: str
    is_private: bool = False
    also: frozenset[str] = frozenset()
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An action with its arguments as text; ``origin`` is what the platform calls it, so that it is done once.

    ``message`` is what will show it, where its answer is a message of the outbox.
    """

    actor: Actor
    place: Place
    action: str
    arguments: Mapping[str, str]
    origin: str
    message: NewMessage | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; cells are short, the first column tells what a row is about."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of an answer."""

    name: str
    data: bytes = field(repr=False)
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An action that may come next, as a button; it has its own role, plan and confirmation."""

    label: str
    action: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action says. ``ok`` is false where it did not do, or did not find, what was asked.

    ``log`` lines are shown as they are, in letters of one width; ``data`` is the same for programs.
    """

    text: str
    ok: bool = True
    table: Table | None = None
    log: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    data: Any = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deed would do, with numbers.

    ``items`` are what it would touch: they and ``target`` are what a confirmation is bound to, so that what must not
    change before the deed is an item. ``confirmation`` and ``role`` raise what the action asks for. ``target`` is what
    has to be typed besides the action's name.
    """

    summary: str
    items: tuple[str, ...] = ()
    target: str = ""
    confirmation: Confirmation | None = None
    role: str | None = None
    table: Table | None = None
    data: Json | None = None


class OpsError(Exception):
    """Something expected that ends an action; ``str(error)`` is one sentence that says what to do."""

    def __init__(self, sentence: str, *suggestions: Suggestion) -> None:
        super().__init__(sentence)
        self.suggestions = suggestions


class BadArgument(OpsError):
    """An argument is missing, unknown or out of its bounds."""


class Denied(OpsError):
    """Who asks may not, or not here."""


class NotConfigured(OpsError):
    """This deployment does not have what the action needs."""


class NotPossible(OpsError):
    """The state of things forbids it now."""
