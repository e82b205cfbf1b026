"""Keeping to Discord's global limit: the library waits only after Discord has refused something."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiolimiter import AsyncLimiter

from bot.discord.limits import REQUESTS, REQUESTS_S

_FREE = ("/interactions/", "/webhooks/", "/gateway")


@dataclass(frozen=True, slots=True)
class Pace:
    """One for each connection."""

    _limiter: AsyncLimiter = field(default_factory=lambda: AsyncLimiter(REQUESTS, REQUESTS_S))

    def has_room(self) -> bool:
        """Whether a mere courtesy would keep nobody waiting."""
        return self._limiter.has_capacity(REQUESTS - 1)

    def trace(self) -> aiohttp.TraceConfig:
        """Makes each request wait for its turn; as ``http_trace`` of a client."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._wait)
        return trace

    async def _wait(self, _: aiohttp.ClientSession, __: Any, request: aiohttp.TraceRequestStartParams) -> None:
        if not any(part in request.url.path for part in _FREE):
            await self._limiter.acquire()
