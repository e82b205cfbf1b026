"""What callers get of what is stored: plain, frozen, free of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

Json = Mapping[str, Any]


class State(StrEnum):
    """Where a conversion is.

    ``accepted`` waits for its picture, ``held`` for the end of maintenance or of an overload, ``queued`` for a
    worker. The last four are ends: ``refused`` is a finding about the picture (no deck in it, damaged), ``failed`` our
    own failure.
    """

    ACCEPTED = "accepted"
    HELD = "held"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Nothing follows by itself."""
        return self in ENDS


ENDS = frozenset({State.DONE, State.REFUSED, State.FAILED, State.CANCELLED})
OPEN = frozenset(State) - ENDS


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody, with what they prefer."""

    id: UUID
    preferences: Json
    created_at: datetime
    banned_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """How a person is known on a platform."""

    person: UUID
    platform: str
    user: str
    name: str


@dataclass(frozen=True, slots=True)
class ConversionRecord:
    """One accepted picture and what became of it; ``timings`` are seconds by stage.

    ``is_fresh`` asks for a reading that no cache has seen.
    """

    id: UUID
    person: UUID
    state: State
    picture_hash: str | None
    picture_name: str
    correlation: str
    post: UUID
    position: int
    accepted_at: datetime
    source: Json | None = None
    community: str = ""
    priority: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    worker: str | None = None
    code: str | None = None
    sentence: str | None = None
    is_fresh: bool = False
    from_cache: bool = False
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A change of state."""

    state: State
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be sent and kept up to date: ``subject`` and ``subject_id`` say what it shows.

    ``origin`` is the platform's id of what it answers; nothing is answered twice.
    """

    platform: str
    chat: str
    subject: str
    subject_id: str
    address: Json = field(default_factory=dict)
    payload: Json | None = None
    is_final: bool = False
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message with the state that is wanted and the one that is delivered (0: none yet).

    ``place`` is what the platform gave to find it again. ``id`` serves as nonce.
    """

    id: UUID
    platform: str
    chat: str
    address: Json
    subject: str
    subject_id: str
    payload: Json | None
    wanted: int
    delivered: int
    is_final: bool
    place: Json | None
    attempts: int
    due_at: datetime
    created_at: datetime
    changed_at: datetime
    origin: str | None = None
    problem: str = ""
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """What a picture says: deck JSON, or the code and sentence of a refusal; ``timings`` are seconds by stage."""

    deck: Json | None
    code: str | None = None
    sentence: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """A deck: as it was read, and as it is after ``revision`` corrections; both deck JSON."""

    id: UUID
    person: UUID
    conversion: UUID
    read: Json
    deck: Json
    revision: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionRecord:
    """One change of a deck, the ``revision``-th."""

    revision: int
    kind: str
    change: Json
    before: Json
    person: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetterRecord:
    """A conversion that was given up."""

    id: UUID
    conversion: UUID
    reason: str
    detail: str
    attempts: int
    created_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A key of the API, without the key."""

    id: UUID
    person: UUID
    name: str
    prefix: str
    role: str
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    suspended_until: datetime | None = None
