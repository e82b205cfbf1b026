"""Which sessions are meant, in one word such as ``invalid``, ``all``, ``user:discord:123`` or ``older-than:2h``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chatops.model import BadArgument
from chatops.parameters import one_of
from chatops.parts import Parts
from chatops.security.owners import offered_owners, owner_of
from chatops.times import span
from config.spans import duration
from storage import access, people, sessions
from storage.sessions import SessionRecord, Which

_ALONE = ("invalid", "all")
_WITH_VALUE = ("user", "platform", "role", "older-than", "session")


@dataclass(frozen=True, slots=True)
class Scope:
    """A kind of sessions, and what tells them."""

    kind: str
    value: str = ""
    age: timedelta = timedelta()

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind


@dataclass(frozen=True, slots=True)
class Sessions:
    """The kind of a parameter that says which sessions are meant."""

    @property
    def hint(self) -> str:
        return "invalid, all, user:discord:123, platform:web, role:operator, older-than:2h or session:1a2b3c4d"

    def read(self, text: str) -> Scope:
        kind, between, value = text.strip().partition(":")
        kind = one_of(kind, [*_ALONE, *_WITH_VALUE])
        if kind in _ALONE:
            return Scope(kind)
        if not between or not value or len(value) > 100:
            raise BadArgument(f"must be {self.hint}")
        if kind != "older-than":
            return Scope(kind, value)
        try:
            age = duration(value)
        except ValueError:
            raise BadArgument("older-than must be a time such as 2h or 7d") from None
        return Scope(kind, span(age), age)

    async def complete(self, parts: Parts, typed: str) -> Sequence[str]:
        kind, between, value = typed.partition(":")
        if between and kind == "user":
            return [f"user:{one}" for one in await offered_owners(parts, value)]
        words = [*_ALONE, *(f"{one}:" for one in _WITH_VALUE)]
        return [word for word in words if typed.casefold() in word]


async def meant_by(scope: Scope, *, now: datetime) -> list[SessionRecord]:
    """The sessions that are good now and fit; raises BadArgument."""
    if scope.kind == "invalid":
        return await _invalid(now)
    which = Which()
    if scope.kind == "user":
        owner = await owner_of(scope.value, "scope")
        which = Which(persons=[owner.person], accounts=owner.names)
    elif scope.kind == "older-than":
        which = Which(used_before=now - scope.age)
    elif scope.kind == "platform":
        which = Which(platform=scope.value.casefold())
    elif scope.kind == "role":
        which = Which(role=scope.value.casefold())
    elif scope.kind == "session":
        which = Which(short=scope.value.casefold())
    return await sessions.live_sessions(which, now=now)


async def _invalid(now: datetime) -> list[SessionRecord]:
    """Sessions of banned people, and of keys that are revoked, suspended or have another role by now."""
    found = await sessions.live_sessions(Which(), now=now)
    banned: set[UUID] = {one.id for one in await people.banned(now=now)}
    keys = {str(one.id): one for one in await access.keys()}

    def is_invalid(one: SessionRecord) -> bool:
        if one.person in banned:
            return True
        if not one.credential:
            return False
        key = keys.get(one.credential)
        if key is None or key.revoked_at is not None or key.role != one.role:
            return True
        return key.suspended_until is not None and key.suspended_until > now

    return [one for one in found if is_invalid(one)]
