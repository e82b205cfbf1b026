"""The page, put together: as delivery, fetching and the bot process see it."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from bot.conversation.conversation import Conversation
from bot.fetching import CannotFetch
from bot.http.problems import Handler
from bot.web.entering import EnterRoutes
from bot.web.events import Pages
from bot.web.guarding import HEADERS, check_host, check_origin, own_names
from bot.web.limits import OPS_CHAT, PLATFORM
from bot.web.looking import LookRoutes, dashboard
from bot.web.pages import PageRoutes
from bot.web.showing import Showing
from bot.web.talking import TalkRoutes
from bot.web.visitors import Visitors
from config.settings import Settings
from storage.errors import StorageError
from storage.records import Json, MessageRecord

_DASHBOARD_S = 3.0


@dataclass(slots=True)
class WebSkin:
    """As ``bot.skins.Skin``, and a group of routes."""

    settings: Settings
    conversation: Conversation
    name: str = PLATFORM
    pages: Pages = field(default_factory=Pages)
    showing: Showing = field(init=False)
    visitors: Visitors = field(init=False)

    def __post_init__(self) -> None:
        self.showing = Showing(self.conversation)
        self.visitors = Visitors(self.settings, self.conversation.services.clock)

    async def run(self) -> None:
        """Tell open pages of the operations channel how things are."""
        try:
            while True:
                await asyncio.sleep(_DASHBOARD_S)
                if self.pages.watched(OPS_CHAT):
                    try:
                        self.pages.publish(OPS_CHAT, "dashboard", await dashboard(self.conversation))
                    except StorageError as error:
                        self.pages.publish(OPS_CHAT, "dashboard", {"problem": str(error)})
        finally:
            self.pages.close()

    async def check(self) -> str:
        """It is there as long as the process is."""
        return ""

    async def deliver(self, message: MessageRecord) -> Json:
        """Tell those who look; others find it when they come."""
        if self.pages.watched(message.chat):
            if message.address.get("private") is True:
                self.pages.publish(message.chat, "look", {"chat": message.chat, "id": str(message.id)})
            else:
                shown = await self.showing.message(message)
                gone = {"id": str(message.id), "gone": True}
                self.pages.publish(message.chat, "message", {"chat": message.chat, "message": shown or gone})
        return message.place or {"chat": message.chat}

    async def fetch(self, source: Json) -> bytes:
        """What was sent here was kept before it was promised."""
        data = await self.conversation.services.blobs.get(str(source.get("key", "")))
        if data is None:
            raise CannotFetch("picture_gone")
        return data

    def add_to(self, app: web.Application) -> None:
        """Add the page with its routes, all of them guarded."""
        inner = web.Application(middlewares=[self._guarded], client_max_size=app._client_max_size)
        visitors, conversation = self.visitors, self.conversation
        for routes in (
            EnterRoutes(self.settings, conversation, visitors, self.pages),
            TalkRoutes(conversation, visitors),
            LookRoutes(conversation, visitors, self.showing, self.pages),
        ):
            routes.add_to(inner)
        app.add_subapp("/web/", inner)
        PageRoutes(self.settings).add_to(app)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        check_host(request, own_names(self.settings))
        if request.method != "GET" or request.path == "/web/events":
            check_origin(request)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
            response.headers.setdefault("Cache-Control", "no-store")
        return response
