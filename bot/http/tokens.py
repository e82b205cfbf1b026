"""Short-lived tokens of the API (JWT, RFC 7519), made from API keys and signed with one secret."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
from aiohttp import web

from bot.http.problems import Problem
from config.clock import Clock
from config.settings import Settings, SettingsError

LIFE = timedelta(minutes=15)
ROLES = ("player", "viewer", "responder", "operator", "admin")
"""Each may do what those before it may."""
_ISSUER = "screen2deck"
_SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and as what."""

    person: UUID
    role: str

    def may_act_as(self, role: str) -> bool:
        """Whether the caller's role is that one or above."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and checks tokens."""

    secret: str
    clock: Clock

    def issue(self, caller: Caller) -> str:
        """A token for the next minutes."""
        now = self.clock()
        claims = {
            "iss": _ISSUER,
            "sub": str(caller.person),
            "role": caller.role,
            "scope": " ".join(scopes(caller.role)),
            "iat": now,
            "exp": now + LIFE,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self.secret, algorithm="HS256")

    def caller(self, request: web.Request, role: str) -> Caller:
        """Who calls with a good token for ``role``; raises Problem 401 or 403."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorised("This needs a token: POST your API key to /api/auth/login.")
        caller = self._checked(token.strip(), self.clock())
        if not caller.may_act_as(role):
            raise Problem(403, "forbidden", f"This needs the role {role}; yours is {caller.role}.")
        return caller

    def _checked(self, token: str, now: datetime) -> Caller:
        try:
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=["HS256"],
                issuer=_ISSUER,
                options={"require": ["exp", "sub", "role"], "verify_exp": False, "verify_iat": False},
            )
            if float(claims["exp"]) <= now.timestamp() or claims["role"] not in ROLES:
                raise _unauthorised("This token has expired: POST your API key to /api/auth/login.")
            return Caller(UUID(claims["sub"]), claims["role"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise _unauthorised("This token is not valid.") from error


def scopes(role: str) -> list[str]:
    """What a role may do, in words for other programs."""
    return [f"role:{one}" for one in ROLES[: ROLES.index(role) + 1]]


def token_secret(settings: Settings) -> str:
    """The secret of the settings, or one that is made once and kept in the data folder."""
    if settings.jwt_secret is not None:
        secret = settings.jwt_secret.get_secret_value()
        if len(secret) < _SHORTEST_SECRET:
            raise SettingsError(f"JWT_SECRET is too short: it needs {_SHORTEST_SECRET} characters or more.")
        return secret
    return _kept_secret(settings.data_dir / "jwt-secret")


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


def _unauthorised(sentence: str) -> Problem:
    return Problem(401, "unauthorized", sentence, {"WWW-Authenticate": "Bearer"})
