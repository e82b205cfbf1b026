"""Who looks at the page: guests on the same machine, and people who signed in by link, key or OpenID Connect."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from bot.conversation.model import Author, Place
from bot.http.guarding import CLIENT
from bot.http.limiting import Rate
from bot.http.problems import Problem
from bot.http.untrusted import is_same
from bot.web.limits import COOKIE, GUEST_LIFE, GUESTS, OPS_CHAT, PLATFORM, SESSION_LIFE, SIGN_INS
from bot.web.linking import WEB_LINK, guest_name
from chatops.authorisation import TERMINAL
from config.clock import Clock
from config.settings import Settings
from storage import access, codes, people, sessions
from storage.sessions import NewSession, SessionKind, SessionRecord


@dataclass(frozen=True, slots=True)
class Visitor:
    """A session and whose it is. ``is_local``: whoever has the server's own terminal."""

    cookie: str
    session: SessionRecord

    @property
    def user(self) -> str:
        """The account's id on this platform."""
        return self.session.account.partition(":")[2]

    @property
    def is_guest(self) -> bool:
        """Somebody who has shown nothing."""
        return self.session.source == "guest"

    @property
    def is_local(self) -> bool:
        """Somebody whose link came from the server's own terminal, without a name."""
        return self.session.source == "terminal"

    @property
    def csrf(self) -> str:
        """What requests that change something must bring: no other site can read it."""
        return hashlib.sha256(b"csrf:" + self.cookie.encode()).hexdigest()[:32]

    @property
    def chat(self) -> str:
        """Their direct messages."""
        return self.user

    def author(self, locale: str) -> Author:
        """For the conversation."""
        groups = frozenset({TERMINAL}) if self.is_local else frozenset[str]()
        name = self.user if not self.is_guest else ""
        return Author(PLATFORM, self.user, name, locale, groups)

    def place(self, chat: str) -> Place:
        """Where they speak: alone, or in the operations channel."""
        return Place(OPS_CHAT, {}, community=OPS_CHAT) if chat == OPS_CHAT else Place(self.chat)


@dataclass(slots=True)
class Visitors:
    """Opens, finds and ends sessions."""

    settings: Settings
    clock: Clock
    _sign_ins: Rate = field(default_factory=lambda: Rate(SIGN_INS))
    _guests: Rate = field(default_factory=lambda: Rate(GUESTS))

    @property
    def takes_guests(self) -> bool:
        """Only where nobody but this machine can come."""
        return self.settings.http_host in ("127.0.0.1", "::1", "localhost")

    async def of(self, request: web.Request) -> Visitor | None:
        """Whose cookie this is; raises DatabaseUnreachable."""
        cookie = request.cookies.get(COOKIE, "")
        if not 20 <= len(cookie) <= 100:
            return None
        found = await sessions.session(cookie, now=self.clock())
        return Visitor(cookie, found) if found is not None and found.kind is SessionKind.WEB else None

    async def required(self, request: web.Request) -> Visitor:
        """The same; raises Problem 401."""
        visitor = await self.of(request)
        if visitor is None:
            raise Problem(401, "signed_out", "Sign in first.")
        return visitor

    async def checked(self, request: web.Request) -> Visitor:
        """Who changes something from our own page; raises Problem 401, 403."""
        visitor = await self.required(request)
        given = request.headers.get("X-CSRF-Token", "")
        if not is_same(given, visitor.csrf):
            raise Problem(403, "foreign", "This page is out of date: load it again.")
        return visitor

    async def guest(self, request: web.Request) -> Visitor:
        """Somebody new; raises Problem."""
        if not self.takes_guests:
            raise Problem(401, "signed_out", "Sign in first.")
        self._guests.take("all")
        return await self._open(guest_name(), "guest", request, GUEST_LIFE)

    async def by_link(self, code: str, request: web.Request) -> Visitor:
        """Whoever comes first with a one-time code; raises Problem."""
        self._sign_ins.take(request.get(CLIENT) or request.remote or "")
        found = await codes.use_code(code, WEB_LINK, now=self.clock())
        if found is None:
            raise Problem(401, "link_used", "This link was used or is too old: `screen2deck link` prints a new one.")
        source = "terminal" if found.details.get("is_local") else "link"
        return await self._open(str(found.details["user"]), source, request, SESSION_LIFE)

    async def by_key(self, key: str, request: web.Request) -> Visitor:
        """The owner of an API key, as the account ``key-`` and the key's beginning; raises Problem."""
        self._sign_ins.take(request.get(CLIENT) or request.remote or "")
        now = self.clock()
        found = await access.find_key(key, now=now)
        if found is None or (found.suspended_until is not None and found.suspended_until > now):
            raise Problem(401, "unauthorized", "This API key is not valid.")
        return await self._open(f"key-{found.prefix}", "key", request, SESSION_LIFE, credential=found.prefix)

    async def by_provider(self, user: str, request: web.Request) -> Visitor:
        """Whom an OpenID provider vouches for."""
        return await self._open(user, "oidc", request, SESSION_LIFE)

    async def leave(self, visitor: Visitor) -> None:
        """Sign out."""
        await sessions.revoke_sessions([visitor.session.id_hash], by=visitor.session.account, now=self.clock())

    async def _open(
        self, user: str, source: str, request: web.Request, life: timedelta, credential: str = ""
    ) -> Visitor:
        now = self.clock()
        person = await people.person_with_account(PLATFORM, user, now=now)
        cookie = sessions.new_id()
        new = NewSession(
            SessionKind.WEB,
            role="player",
            source=source,
            person=person.id,
            account=f"{PLATFORM}:{user}",
            credential=credential,
            agent=request.headers.get("User-Agent", ""),
        )
        return Visitor(cookie, await sessions.open_session(cookie, new, life=life, now=now))

    def keep(self, response: web.StreamResponse, visitor: Visitor, *, is_secure: bool) -> None:
        """Have the browser keep the session; scripts cannot read it, other sites cannot send it."""
        left = (visitor.session.expires_at - self.clock()).total_seconds()
        response.set_cookie(
            COOKIE, visitor.cookie, max_age=int(left), httponly=True, samesite="Strict", secure=is_secure, path="/"
        )
