"""A server that speaks Scryfall's listing of bulk data, on a real port, and misbehaves as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Scryfall:
    """What the server answers; ``seen`` are the requests that came."""

    body: bytes
    updated_at: str = "2026-11-20T10:03:27.421+00:00"
    listing: Any = None
    answer: Handler | None = None
    url: str = ""
    seen: list[web.BaseRequest] = field(default_factory=list)

    async def list_files(self, request: web.Request) -> web.StreamResponse:
        """``/bulk-data``."""
        self.seen.append(request)
        if self.listing is not None:
            return web.Response(body=self.listing, content_type="application/json")
        kinds = {"default_cards": "none.json", "oracle_cards": "oracle-cards-20261120100327.json"}
        files = [
            {
                "object": "bulk_data",
                "type": kind,
                "updated_at": self.updated_at,
                "size": len(self.body),
                "download_uri": f"{self.url}/file/{name}",
                "content_type": "application/json",
            }
            for kind, name in kinds.items()
        ]
        return web.json_response({"object": "list", "has_more": False, "data": files})

    async def send_file(self, request: web.Request) -> web.StreamResponse:
        """The file of oracle cards, unless a test wants another answer."""
        self.seen.append(request)
        if self.answer is not None:
            return await self.answer(request)
        return web.Response(body=self.body, content_type="application/json")

    async def send_moved_file(self, request: web.Request) -> web.StreamResponse:
        """The file of oracle cards, at the address to which ``moved`` leads."""
        return web.Response(body=self.body, content_type="application/json")


@asynccontextmanager
async def running(scryfall: Scryfall) -> AsyncIterator[Scryfall]:
    """The server on a free port, its address in ``url``."""
    app = web.Application()
    app.router.add_get("/bulk-data", scryfall.list_files)
    app.router.add_get("/file/{name}", scryfall.send_file)
    app.router.add_get("/moved/{name}", scryfall.send_moved_file)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    scryfall.url = f"http://{host}:{port}"
    try:
        yield scryfall
    finally:
        await runner.cleanup()


def body_of(records: list[dict[str, Any]]) -> bytes:
    """A bulk file in the layout of Scryfall's: an object a line."""
    return ("[\n" + ",\n".join(json.dumps(record) for record in records) + "\n]").encode()


def cut(body: bytes, share: float) -> Handler:
    """Promise the whole body, send a part of it, and hang up."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        response.content_type = "application/json"
        await response.prepare(request)
        await response.write(body[: int(len(body) * share)])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def silent_after(body: bytes) -> Handler:
    """Send ``body``, and then nothing more, for longer than anyone waits."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        await response.write(body)
        await asyncio.sleep(30)
        return response

    return answer


def with_type(body: bytes, content_type: str, status: int = 200) -> Handler:
    """Send ``body`` as something else."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, status=status)

    return answer


async def moved(request: web.Request) -> web.StreamResponse:
    """Redirect to the moved file."""
    raise web.HTTPFound(f"/moved/{request.match_info['name']}")


async def moved_in_a_circle(request: web.Request) -> web.StreamResponse:
    """Redirect to the same address again."""
    raise web.HTTPFound(request.path)
