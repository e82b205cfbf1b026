"""Who is signed in: tokens of the API and browsers. A session is known by the hash of its id."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from storage.database import column, patient, turn
from storage.models import Session
from storage.texts import storable

_NOTE_USE_EVERY = timedelta(minutes=1)
_SHOWN = 8


class SessionKind(StrEnum):
    """What holds the id."""

    TOKEN = "token"  # noqa: S105  (a kind of session)
    WEB = "web"


@dataclass(frozen=True, slots=True)
class NewSession:
    """Somebody signs in. ``account`` is ``platform:user``, ``source`` is what proved it, ``credential`` an API key."""

    kind: SessionKind
    role: str
    source: str
    person: UUID | None = None
    account: str = ""
    credential: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session, without its id."""

    id_hash: str
    kind: SessionKind
    person: UUID | None
    account: str
    role: str
    source: str
    credential: str
    agent: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def short(self) -> str:
        """What people call it."""
        return self.id_hash[:_SHOWN]


@dataclass(frozen=True, slots=True)
class Which:
    """Sessions that are meant: all that fit everything that is given."""

    persons: Collection[UUID] | None = None
    accounts: Collection[str] | None = None
    kind: SessionKind | None = None
    platform: str | None = None
    role: str | None = None
    used_before: datetime | None = None
    short: str | None = None


def new_id() -> str:
    """What a client keeps, which nobody guesses."""
    return secrets.token_urlsafe(32)


@patient
async def open_session(identity: str, new: NewSession, *, life: timedelta, now: datetime) -> SessionRecord:
    """Begin a session whose id is ``identity`` (``new_id()``, or a token's ``jti``)."""
    row = await Session.create(
        id_hash=hashed(identity),
        kind=new.kind,
        person_id=new.person,
        account=storable(new.account)[:128],
        role=new.role,
        source=storable(new.source)[:96],
        credential=new.credential,
        agent=storable(new.agent)[:200],
        created_at=now,
        used_at=now,
        expires_at=now + life,
    )
    return _record(row)


@patient
async def session(identity: str, *, now: datetime) -> SessionRecord | None:
    """The session of an id, if it is good now; that it is used is noted once a minute."""
    row = await Session.get_or_none(id_hash=hashed(identity), revoked_at=None, expires_at__gt=now)
    if row is None:
        return None
    if now - row.used_at > _NOTE_USE_EVERY:
        await Session.filter(id_hash=row.id_hash).update(used_at=now)
    return _record(row)


@patient
async def live_sessions(which: Which, *, now: datetime, limit: int | None = None) -> list[SessionRecord]:
    """Those that are good now, used last first."""
    rows = _meant(which, now).order_by("-used_at")
    return [_record(row) for row in await (rows if limit is None else rows.limit(limit))]


@patient
async def revoke_sessions(hashes: Collection[str], *, by: str, now: datetime) -> int:
    """End sessions; returns how many were good until now."""
    ended = 0
    wanted = list(hashes)
    for start in range(0, len(wanted), 500):
        async with turn():
            rows = Session.filter(id_hash__in=wanted[start : start + 500], revoked_at__isnull=True)
            ended += await rows.update(revoked_at=now, revoked_by=by[:128])
    return ended


@patient
async def revoked_tokens(*, now: datetime) -> frozenset[str]:
    """Hashes of tokens that were taken back before their time."""
    rows = Session.filter(kind=SessionKind.TOKEN, revoked_at__isnull=False, expires_at__gt=now)
    return frozenset(await column(rows, "id_hash"))


@patient
async def remove_sessions(before: datetime) -> int:
    """Forget those that ended before."""
    return await Session.filter(expires_at__lt=before).delete()


def hashed(identity: str) -> str:
    """Ids are long and random: a plain hash cannot be guessed back."""
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()


def _meant(which: Which, now: datetime) -> QuerySet[Session]:
    rows = Session.filter(revoked_at__isnull=True, expires_at__gt=now)
    owners: list[Q] = []
    if which.persons is not None:
        owners.append(Q(person_id__in=list(which.persons)))
    if which.accounts is not None:
        owners.append(Q(account__in=list(which.accounts)))
    if owners:
        rows = rows.filter(Q(*owners, join_type="OR"))
    wanted: dict[str, Any] = {"kind": which.kind, "role": which.role, "used_at__lt": which.used_before}
    wanted["account__startswith"] = None if which.platform is None else f"{which.platform}:"
    wanted["id_hash__startswith"] = which.short
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _record(row: Session) -> SessionRecord:
    return SessionRecord(
        row.id_hash,
        SessionKind(row.kind),
        row.person_id,
        row.account,
        row.role,
        row.source,
        row.credential,
        row.agent,
        row.created_at,
        row.used_at,
        row.expires_at,
        row.revoked_at,
    )
