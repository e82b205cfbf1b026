"""What stands before all routes: networks kept out, too many requests, and the log of who asked for what."""

import asyncio
import ipaddress
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.http.limiting import Rate, is_limited
from bot.http.problems import Handler, Problem, problem_response
from bot.http.tokens import CALLER, Keyring
from config.clock import Clock
from config.tasks import Tasks, beside
from storage import access_log, blocks
from storage.access_log import AccessRecord
from storage.blocks import BlockRecord, Network
from storage.errors import StorageError

log = logging.getLogger(__name__)

_FRESH_S = 1.0
_PATIENCE_S = 0.5
"""How long a request waits for the list of blocks; with a database that is away the last one holds."""
_FLUSH_S = 1.0
_MOST_KEPT = 5000
_UNWATCHED = ("/health", "/health/ready", "/metrics")
"""Machines ask for these every few seconds: only what fails is kept."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CLIENT = web.RequestKey("client", str)
"""The address that asks, as far as it is known."""


@dataclass(slots=True)
class Guard:
    """Refuses, measures and notes requests. ``proxies`` may say for whom they ask.

    ``rate`` is of addresses of other machines.
    """

    keyring: Keyring
    clock: Clock
    proxies: Collection[Network] = ()
    rate: Rate = field(default_factory=lambda: Rate(0))
    blocked: list[BlockRecord] = field(default_factory=list)
    _entries: deque[AccessRecord] = field(default_factory=deque)
    _hits: Counter[UUID] = field(default_factory=Counter)
    _looking: "asyncio.Task[None] | None" = None
    _tasks: Tasks = field(default_factory=Tasks)
    _seen_s: float = 0.0

    def middleware(self) -> Middleware:
        """To stand around all that answers."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path != "/health":
                await self._look()
            address, began, status = client_address(request, self.proxies), time.monotonic(), 499
            request[CLIENT] = "" if address is None else str(address)
            try:
                response = self._refused(address) or self._limited(request, address) or await handler(request)
                status = response.status
                return response
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self._note(request, address, status, time.monotonic() - began)

        return guarded

    async def load(self) -> None:
        """Look at blocks and keys anew; raises DatabaseUnreachable."""
        self.blocked = await blocks.blocks(now=self.clock())
        await self.keyring.load()
        self._seen_s = time.monotonic()

    async def flush(self) -> None:
        """Keep what was noted; what cannot be kept now is kept next time."""
        taken = [self._entries.popleft() for _ in range(len(self._entries))]
        hits, self._hits = self._hits, Counter()
        try:
            if taken:
                await access_log.add_entries(taken)
                taken = []
            if hits:
                await blocks.count_hits(hits, now=self.clock())
        except StorageError as error:
            log.warning("%s", error)
            self._entries.extendleft(reversed(taken))
            self._hits.update(hits)

    async def close(self) -> None:
        """Keep what is left to be kept."""
        await self._tasks.close()
        await self.flush()

    async def _look(self) -> None:
        """One task looks for all requests, none of which waits long."""
        if time.monotonic() - self._seen_s <= _FRESH_S:
            return
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.start(self._forgiving_load())
        await asyncio.wait({self._looking}, timeout=_PATIENCE_S)

    async def _forgiving_load(self) -> None:
        try:
            await self.load()
        except StorageError as error:
            log.warning("%s", error)
            self._seen_s = time.monotonic()

    def _refused(self, address: Address | None) -> web.Response | None:
        now = self.clock()
        for one in self.blocked:
            if address is not None and address in one.network and one.expires_at > now:
                self._hits[one.id] += 1
                return problem_response(Problem(403, "blocked", "Requests from this network are refused for now."))
        return None

    def _limited(self, request: web.Request, address: Address | None) -> web.Response | None:
        """Networks of IPv6 count as one address: whoever has one address there has them all."""
        if not is_limited(request.path) or address is None or address.is_loopback:
            return None
        try:
            self.rate.take(str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False)))
        except Problem as problem:
            return problem_response(problem)
        return None

    def _note(self, request: web.Request, address: Address | None, status: int, seconds: float) -> None:
        if request.path in _UNWATCHED and status < 400:
            return
        if len(self._entries) >= _MOST_KEPT:
            self._entries.popleft()
        person = request.get(CALLER)
        self._entries.append(
            AccessRecord(
                at=self.clock(),
                address="" if address is None else str(address),
                method=request.method,
                route=_route(request),
                status=status,
                milliseconds=round(seconds * 1000),
                person="" if person is None else str(person),
            )
        )


@asynccontextmanager
async def guarding(guard: Guard) -> AsyncIterator[Guard]:
    """Keep every second what the guard noted, and what is left at the end."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(_FLUSH_S)
            await guard.flush()

    try:
        async with beside(keep()):
            yield guard
    finally:
        await guard.close()


def client_address(request: web.Request, proxies: Collection[Network]) -> Address | None:
    """Who asks: the peer, or whom the nearest stranger before trusted proxies is said to be (X-Forwarded-For)."""
    found = _address(request.remote or "")
    named = [one.strip() for line in request.headers.getall("X-Forwarded-For", []) for one in line.split(",")]
    while named and found is not None and any(found in one for one in proxies):
        before = _address(named.pop())
        if before is None:
            break
        found = before
    return found


def networks(texts: Collection[str]) -> list[Network]:
    """Addresses and networks of settings, which have been checked."""
    return [ipaddress.ip_network(one, strict=False) for one in sorted(texts)]


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _route(request: web.Request) -> str:
    """The declared path; what nobody declared is kept as it came, so that searching for holes is seen."""
    resource = request.match_info.route.resource
    return f"(none) {request.path}"[:96] if resource is None else resource.canonical
