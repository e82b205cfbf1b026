"""A Bot API of our own: what a bot can do is checked as Telegram checks it, what people see of it is kept."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes.telegram_formats import ApiError
from tests.fakes.telegram_methods import METHODS
from tests.fakes.telegram_rooms import Player, Room

TOKEN = "777:" + "A" * 35


@dataclass(slots=True)
class Fault:
    """An answer to come in place of the right one, so many times."""

    method: str
    error: ApiError
    times: int = 1
    chat: int | None = None
    is_after: bool = False
    """The call has its effect, and its answer is an error all the same."""


@dataclass(slots=True)
class StoredFile:
    """A file that was sent: ``slow_s`` before its bytes come, ``cut`` after so many."""

    data: bytes
    path: str
    slow_s: float = 0.0
    cut: int | None = None
    is_local: bool = False


@dataclass(slots=True)
class Call:
    """One call of the bot."""

    method: str
    fields: dict[str, Any]
    at: float


@dataclass(slots=True)
class TelegramServer:
    """Telegram, for one bot."""

    token: str = TOKEN
    bot_id: int = 777
    username: str = "DeckBot"
    rooms: dict[int, Room] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: dict[str, tuple[str, bool]] = field(default_factory=dict)
    menus: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    downloads: list[str] = field(default_factory=list)
    polls_elsewhere: bool = False
    webhook: dict[str, Any] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    groups: "itertools.count[int]" = field(default_factory=lambda: itertools.count(13579246801234567))
    query_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4382100000000000001))
    file_ids: "itertools.count[int]" = field(default_factory=itertools.count)
    update_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))
    new: asyncio.Event = field(default_factory=asyncio.Event)
    _known: dict[bytes, str] = field(default_factory=dict)

    # Setting the scene

    def private(self, player: Player) -> Room:
        """The chat of a person with the bot, whose id is theirs."""
        return self.rooms.setdefault(player.id, Room(self, player.id))

    def group(self, number: int = 1, **settings: Any) -> Room:
        """A group, or a channel."""
        settings = {"kind": "supergroup", "title": "Friday <Night> & Magic", **settings}
        return self.rooms.setdefault(-1001000 - number, Room(self, -1001000 - number, **settings))

    def add_file(self, data: bytes, **about: Any) -> dict[str, Any]:
        """Keep a file; the same bytes have the same unique id."""
        identity = f"file{next(self.file_ids)}"
        unique = self._known.setdefault(data, f"unique{len(self._known)}")
        self.files[identity] = StoredFile(data, f"photos/{identity}.bin")
        return {"file_id": identity, "file_unique_id": unique, "file_size": len(data), **about}

    def file_of(self, data: bytes) -> StoredFile:
        """The latest file of these bytes."""
        return [file for file in self.files.values() if file.data == data][-1]

    def fail(self, method: str, status: int, description: str, times: int = 1, **more: Any) -> None:
        """Have a method answer with an error."""
        chat, is_after = more.pop("chat", None), more.pop("is_after", False)
        self.faults.append(Fault(method, ApiError(status, description, **more), times, chat, is_after))

    def flood(self, method: str, retry_after: int, times: int = 1, **more: Any) -> None:
        """Have a method answer that the bot is too fast."""
        sentence = f"Too Many Requests: retry after {retry_after}"
        self.fail(method, 429, sentence, times, retry_after=retry_after, **more)

    def tell(self, update: dict[str, Any]) -> None:
        """Something has happened."""
        self.updates.append({"update_id": next(self.update_ids), **json.loads(json.dumps(update))})
        self.new.set()

    def tell_again(self) -> None:
        """The latest update comes once more, as when its arrival was not noted."""
        self.updates.append(self.updates_told[-1])
        self.new.set()

    updates_told: list[dict[str, Any]] = field(default_factory=list)

    # What was done

    def count(self, method: str, chat: int | None = None) -> int:
        """Calls of a method."""
        return sum(
            call.method == method and (chat is None or call.fields.get("chat_id") == str(chat)) for call in self.calls
        )

    def in_a_minute(self, chat: int) -> int:
        """The most messages and edits in one chat within a minute."""
        counted = ("sendMessage", "sendDocument", "sendPhoto", "editMessageText", "editMessageReplyMarkup")
        times = [one.at for one in self.calls if one.method in counted and one.fields.get("chat_id") == str(chat)]
        return max((sum(0 <= other - at < 60 for other in times) for at in times), default=0)

    # Serving

    async def handle(self, request: web.Request) -> web.Response:
        """One call."""
        fields = dict(await request.post())
        method = request.match_info["method"]
        call = Call(method, dict(fields.items()), time.monotonic())
        self.calls.append(call)
        try:
            if request.match_info["token"] != self.token:
                raise ApiError(401, "Unauthorized")
            result = await self._result(method, fields)
        except ApiError as error:
            body: dict[str, Any] = {"ok": False, "error_code": error.status, "description": error.description}
            if error.parameters:
                body["parameters"] = error.parameters
            return web.json_response(body, status=error.status)
        return web.json_response({"ok": True, "result": result})

    async def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method not in METHODS:
            raise ApiError(404, f"Not Found: method {method} not found")
        fault = self._fault(method, fields)
        if fault is not None and not fault.is_after:
            raise fault.error
        result = await METHODS[method](self, fields)
        if fault is not None:
            raise fault.error
        return result

    def _fault(self, method: str, fields: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.chat in (None, int(fields.get("chat_id", 0))):
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                return fault
        return None

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes, as slowly and as completely as it was set."""
        path = request.match_info["path"]
        self.downloads.append(path)
        if request.match_info["token"] != self.token:
            raise web.HTTPNotFound
        file = next((one for one in self.files.values() if one.path == path), None)
        if file is None:
            raise web.HTTPNotFound
        response = web.StreamResponse(headers={"Content-Length": str(len(file.data))})
        await response.prepare(request)
        await asyncio.sleep(file.slow_s)
        await response.write(file.data[: file.cut])
        if file.cut is not None:
            file.cut = None
            assert request.transport is not None
            request.transport.close()
        return response

    async def call_webhook(self) -> int:
        """Bring the oldest update to the webhook; returns what that answered. It stays until that is 200."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with aiohttp.ClientSession() as session:
            response = await session.post(self.webhook["url"], json=self.updates[0], headers=headers)
            if response.status == 200:
                self.updates_told.append(self.updates.pop(0))
            return response.status


@asynccontextmanager
async def telegram_server(port: int = 0) -> AsyncIterator[TelegramServer]:
    """A server while the context lasts."""
    server = TelegramServer()
    app = web.Application(client_max_size=60_000_000)
    app.router.add_post("/bot{token}/{method}", server.handle)
    app.router.add_get("/file/bot{token}/{path:.*}", server.download)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
