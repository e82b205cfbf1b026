"""Signing in and out."""

from dataclasses import dataclass

from aiohttp import web

from bot.conversation.commands import COMMANDS
from bot.conversation.conversation import Conversation
from bot.conversation.operations.ordering import actor_of, place_of
from bot.http.problems import Problem
from bot.web.events import Pages
from bot.web.guarding import is_secure
from bot.web.limits import COOKIE, OPS_CHAT
from bot.web.oidc import Provider
from bot.web.reading import given, locale_of
from bot.web.showing import Json
from bot.web.visitors import Visitor, Visitors
from config.settings import Settings
from storage.errors import StorageError


@dataclass(frozen=True, slots=True)
class EnterRoutes:
    """Sessions of browsers."""

    settings: Settings
    conversation: Conversation
    visitors: Visitors
    pages: Pages

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/session", self.session)
        app.router.add_post("/enter", self.enter)
        app.router.add_post("/leave", self.leave)
        app.router.add_get("/oidc", self.ask_provider)
        app.router.add_get("/oidc/back", self.back_from_provider)

    async def session(self, request: web.Request) -> web.Response:
        """Who looks; guests get a session where there are any. 401 with the ways to sign in otherwise."""
        visitor = await self.visitors.of(request)
        if visitor is None and not self.visitors.takes_guests:
            return web.json_response({"ways": self._ways()})
        visitor = visitor or await self.visitors.guest(request)
        return await self._entered(request, visitor)

    async def enter(self, request: web.Request) -> web.Response:
        """By a one-time code or an API key."""
        words = await given(request)
        if words.get("code"):
            visitor = await self.visitors.by_link(str(words["code"]), request)
        elif words.get("key"):
            visitor = await self.visitors.by_key(str(words["key"]), request)
        else:
            raise Problem(400, "bad_request", "Give a code or a key.")
        return await self._entered(request, visitor)

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out."""
        visitor = await self.visitors.checked(request)
        await self.visitors.leave(visitor)
        self.pages.end_session(visitor.session.id_hash)
        response = web.json_response({})
        response.del_cookie(COOKIE, path="/")
        return response

    async def ask_provider(self, request: web.Request) -> web.StreamResponse:
        """To the OpenID provider."""
        return await self._provider().ask(request)

    async def back_from_provider(self, request: web.Request) -> web.StreamResponse:
        """With its answer."""
        user = await self._provider().user(request)
        visitor = await self.visitors.by_provider(user, request)
        # The cookie is for this site's own pages alone; this page is reached from another.
        response = web.Response(
            text='<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Screen2Deck</a>',
            content_type="text/html",
        )
        self.visitors.keep(response, visitor, is_secure=is_secure(request, self.settings))
        return response

    def _provider(self) -> Provider:
        if not self.settings.oidc_issuer:
            raise Problem(404, "not_configured", "No OpenID provider is set: see OIDC_ISSUER.")
        return Provider(self.settings)

    def _ways(self) -> list[str]:
        return ["key", *(["oidc"] if self.settings.oidc_issuer else [])]

    async def _entered(self, request: web.Request, visitor: Visitor) -> web.Response:
        response = web.json_response(await self._about(request, visitor))
        self.visitors.keep(response, visitor, is_secure=is_secure(request, self.settings))
        return response

    async def _about(self, request: web.Request, visitor: Visitor) -> Json:
        author = visitor.author(locale_of(request))
        texts = await self.conversation.texts(author)
        return {
            "user": "" if visitor.is_guest else visitor.user,
            "chat": visitor.chat,
            "csrf": visitor.csrf,
            "language": texts.language.value,
            "commands": [{"name": one.name, "description": one.description(texts)} for one in COMMANDS],
            "ways": self._ways() if visitor.is_guest else [],
            "role": await role_of(self.conversation, visitor, author.locale),
            "environment": self.conversation.console.parts.policy.environment,
        }


async def role_of(conversation: Conversation, visitor: Visitor, locale: str = "") -> str:
    """Their role in the console, empty for players; also while that cannot be known."""
    console, author = conversation.console, visitor.author(locale)
    try:
        identity = await console.authorisation.identify(actor_of(author), now=console.parts.clock())
    except StorageError:
        return ""
    place = place_of(author, visitor.place(OPS_CHAT))
    is_place = console.authorisation.is_ops_place(place, identity)
    return identity.role.value if identity.role is not None and is_place else ""
