"""Short-lived tokens of the API (JWT, RFC 7519), made from API keys and signed with the newest key of a ring."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from aiohttp import web

from bot.http.limiting import Rate
from bot.http.problems import Problem
from config.clock import Clock
from config.settings import Settings
from storage import sessions, signing
from storage.sessions import NewSession
from storage.signing import KeyRecord, Ring

LIFE = timedelta(minutes=15)
ROLES = ("player", "viewer", "responder", "operator", "admin")
"""Each may do what those before it may."""
CALLER = web.RequestKey("caller", UUID)
"""The person behind a request whose token was good."""
_ISSUER = "screen2deck"
_ALGORITHM = "HS256"
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and as what."""

    person: UUID
    role: str

    def may_act_as(self, role: str) -> bool:
        """Whether the caller's role is that one or above."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(slots=True)
class Keyring:
    """Keys and revoked tokens as this process knows them, a second old at most when a request is looked at."""

    ring: Ring
    clock: Clock
    keys: list[KeyRecord] = field(default_factory=list)
    revoked: frozenset[str] = frozenset()
    _seen_s: float = 0.0

    async def load(self) -> None:
        """Look anew; raises DatabaseUnreachable, and keeps what is known then."""
        now = self.clock()
        self.keys, self.revoked = (
            await signing.ensured_keys(self.ring, now=now),
            await sessions.revoked_tokens(now=now),
        )
        self._seen_s = time.monotonic()

    async def refresh(self) -> None:
        """Look anew if it is time; raises as ``load``."""
        if time.monotonic() - self._seen_s > _FRESH_S:
            await self.load()

    def key(self, kid: str) -> KeyRecord | None:
        """The key of an id, if its tokens are good now."""
        now = self.clock()
        good = (one for one in self.keys if one.accepted_until is None or one.accepted_until > now)
        return next((one for one in good if one.kid == kid), None)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and checks tokens; ``rate`` is of each person that they belong to."""

    keyring: Keyring
    clock: Clock
    rate: Rate = field(default_factory=lambda: Rate(0))

    async def login(self, caller: Caller, session: NewSession) -> str:
        """A token, with the session that can be ended before its time."""
        await self.keyring.refresh()
        identity = secrets.token_hex(16)
        await sessions.open_session(identity, session, life=LIFE, now=self.clock())
        return self.issue(caller, identity)

    def issue(self, caller: Caller, identity: str = "") -> str:
        """A token for the next minutes; ``identity`` is its ``jti``."""
        now, key = self.clock(), self.keyring.keys[0]
        claims = {
            "iss": _ISSUER,
            "sub": str(caller.person),
            "role": caller.role,
            "scope": " ".join(scopes(caller.role)),
            "iat": now,
            "exp": now + LIFE,
            "jti": identity or secrets.token_hex(16),
        }
        return jwt.encode(claims, key.secret, algorithm=_ALGORITHM, headers={"kid": key.kid})

    def caller(self, request: web.Request, role: str) -> Caller:
        """Who calls with a good token for ``role``; raises Problem 401, 403 or 429."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorised("This needs a token: POST your API key to /api/auth/login.")
        caller = self._checked(token.strip(), self.clock())
        request[CALLER] = caller.person
        self.rate.take(str(caller.person))
        if not caller.may_act_as(role):
            raise Problem(403, "forbidden", f"This needs the role {role}; yours is {caller.role}.")
        return caller

    def _checked(self, token: str, now: datetime) -> Caller:
        try:
            key = self.keyring.key(str(jwt.get_unverified_header(token).get("kid", "")))
            if key is None:
                raise _unauthorised("This token is not valid.")
            claims = jwt.decode(
                token,
                key.secret,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": ["exp", "sub", "role", "jti"], "verify_exp": False, "verify_iat": False},
            )
            if float(claims["exp"]) <= now.timestamp() or claims["role"] not in ROLES:
                raise _unauthorised("This token has expired: POST your API key to /api/auth/login.")
            if sessions.hashed(claims["jti"]) in self.keyring.revoked:
                raise _unauthorised("This token was taken back: POST your API key to /api/auth/login.")
            return Caller(UUID(claims["sub"]), claims["role"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise _unauthorised("This token is not valid.") from error


async def open_tokens(settings: Settings, clock: Clock) -> Tokens:
    """What makes and checks tokens in this process; raises SettingsError, DatabaseUnreachable."""
    keyring = Keyring(signing.open_ring(settings), clock)
    await keyring.load()
    return Tokens(keyring, clock, Rate(settings.http_per_minute))


def scopes(role: str) -> list[str]:
    """What a role may do, in words for other programs."""
    return [f"role:{one}" for one in ROLES[: ROLES.index(role) + 1]]


def _unauthorised(sentence: str) -> Problem:
    return Problem(401, "unauthorized", sentence, {"WWW-Authenticate": "Bearer"})
