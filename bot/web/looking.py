"""What the page shows: messages, their files, events, and the state of the product."""

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from bot.conversation.conversation import Conversation
from bot.http.problems import Problem
from bot.web.entering import role_of
from bot.web.events import Page, Pages
from bot.web.limits import OPS_CHAT, PLATFORM
from bot.web.showing import Json, Showing, may_see
from bot.web.visitors import Visitor, Visitors
from storage import conversions, maintenance, outbox
from storage.dead_letters import dead_letter_count
from storage.records import MessageRecord, State

_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


@dataclass(frozen=True, slots=True)
class LookRoutes:
    """All that is only looked at."""

    conversation: Conversation
    visitors: Visitors
    showing: Showing
    pages: Pages

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_get("/chats/{chat}", self.chat)
        app.router.add_get("/messages/{id}", self.message)
        app.router.add_get("/messages/{id}/files/{number:\\d{1,2}}", self.file)
        app.router.add_get("/events", self.events)
        app.router.add_get("/dashboard", self.dashboard)

    async def chat(self, request: web.Request) -> web.Response:
        """The newest messages of a chat."""
        visitor = await self.visitors.required(request)
        chat = request.match_info["chat"]
        if chat not in await self._chats(visitor):
            raise Problem(403, "forbidden", "This chat is not yours.")
        return web.json_response(await self.showing.chat(chat, visitor))

    async def message(self, request: web.Request) -> web.Response:
        """One message."""
        found = await self.showing.message(await self._message(request))
        return web.json_response(found or {"id": request.match_info["id"], "gone": True})

    async def file(self, request: web.Request) -> web.Response:
        """A file of a message: pictures are shown, all else is saved."""
        reply = await self.showing.reply(await self._message(request))
        number = int(request.match_info["number"])
        if reply is None or number >= len(reply.files):
            raise Problem(404, "not_found", "This file is no longer there.")
        file = reply.files[number]
        is_shown = file.media_type in _PICTURES
        name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in file.name)
        headers = {"Cache-Control": "private, max-age=3600"}
        if not is_shown:
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        media_type = file.media_type if is_shown else "application/octet-stream"
        return web.Response(body=file.data, content_type=media_type, headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What happens in their chats from now on."""
        visitor = await self.visitors.required(request)
        page = Page(visitor.session.id_hash, await self._chats(visitor))
        return await self.pages.stream(request, page)

    async def dashboard(self, request: web.Request) -> web.Response:
        """How things are, for those with a role."""
        visitor = await self.visitors.required(request)
        if not await role_of(self.conversation, visitor):
            raise Problem(403, "forbidden", "This is for people with a role.")
        return web.json_response(await dashboard(self.conversation))

    async def _chats(self, visitor: Visitor) -> list[str]:
        has_role = await role_of(self.conversation, visitor)
        return [visitor.chat, *([OPS_CHAT] if has_role else [])]

    async def _message(self, request: web.Request) -> MessageRecord:
        visitor = await self.visitors.required(request)
        try:
            found = await outbox.message(UUID(request.match_info["id"]))
        except ValueError:
            found = None
        if found is None or found.platform != PLATFORM or not may_see(found, visitor):
            raise Problem(404, "not_found", "This message is not there.")
        if found.chat == OPS_CHAT and not await role_of(self.conversation, visitor):
            raise Problem(403, "forbidden", "This is for people with a role.")
        return found


async def dashboard(conversation: Conversation) -> Json:
    """Queue, workers and what is owed; raises StorageError."""
    services = conversation.services
    counts = await conversions.counts()
    oldest = await conversions.oldest_waiting()
    now = services.clock()
    held = await maintenance.in_force(now)
    return {
        "waiting": counts[State.QUEUED],
        "running": counts[State.RUNNING],
        "oldest_seconds": None if oldest is None else round((now - oldest).total_seconds()),
        "undelivered": await outbox.pending_count(),
        "dead_letters": await dead_letter_count(),
        "maintenance": None if held is None else {"mode": str(held.mode), "reason": held.reason},
        "workers": [
            {"name": one.name, "state": one.state, "memory": one.memory, "done": one.done}
            for one in await services.queue.workers()
        ],
    }
