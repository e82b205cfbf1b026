"""Whether the process lives, whether it can work, and how it does."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import psutil
from aiohttp import web

from bot.http.tokens import Tokens
from bot.services import Services
from chatops.observing.readiness import Check, Part, checked
from storage import conversions, outbox
from storage.dead_letters import dead_letter_count
from storage.errors import StorageError


class NotReady(StorageError):
    """A part is not there."""


@dataclass(frozen=True, slots=True)
class HealthRoutes:
    """``checks`` are the parts that readiness needs, by name."""

    services: Services
    tokens: Tokens
    checks: Mapping[str, Check]
    started: float

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_get("/health", self.health)
        app.router.add_get("/health/ready", self.ready)
        app.router.add_get("/health/detailed", self.detailed)

    async def health(self, _: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def ready(self, _: web.Request) -> web.Response:
        """One line for each part; 503 when one is missing."""
        found = await asyncio.gather(*(checked(name, check) for name, check in self.checks.items()))
        is_ready = all(one.is_ok for one in found)
        return web.Response(status=200 if is_ready else 503, text="".join(f"{_line(one)}\n" for one in found))

    async def detailed(self, request: web.Request) -> web.Response:
        """Versions, uptime, queue, workers and memory, for viewers."""
        self.tokens.caller(request, "viewer")
        oldest = await conversions.oldest_waiting()
        now = self.services.clock()
        body = {
            "version": version("screen2deck"),
            "uptime_seconds": round(time.time() - self.started, 1),
            "queue": {
                "states": {str(state): count for state, count in (await conversions.counts()).items()},
                "jobs": await self.services.queue.depth(),
                "oldest_seconds": None if oldest is None else round((now - oldest).total_seconds(), 1),
                "dead_letters": await dead_letter_count(),
            },
            "outbox": {"pending": await outbox.pending_count()},
            "workers": [
                {
                    "name": worker.name,
                    "state": worker.state,
                    "engine": worker.engine,
                    "release": worker.release,
                    "done": worker.done,
                    "failed": worker.failed,
                    "memory_bytes": worker.memory,
                }
                for worker in await self.services.queue.workers()
            ],
            "memory_bytes": psutil.Process().memory_info().rss,
        }
        return web.json_response(body)


def _line(one: Part) -> str:
    if not one.is_ok:
        return f"{one.name}: {one.words}"
    return f"{one.name}: ok ({one.words})" if one.words else f"{one.name}: ok"
