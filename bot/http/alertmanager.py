"""Where Alertmanager delivers: stored in a moment, answered at once, understood later.

What Alertmanager does with answers decides ours. 5xx makes it try again with the same body; any 4xx makes it try
again at its next interval, for ever. So 4xx is only for what can never be read, and 503 for what cannot be stored now.
"""

import asyncio
import base64
import binascii
import hmac
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.http.problems import Problem
from chatops.alerting.alert_reading import NotADelivery, check, digest_of
from config.clock import Clock
from config.settings import Settings
from storage import alerts
from storage.database import is_passing
from storage.errors import DatabaseUnreachable

log = logging.getLogger(__name__)

PATH = "/webhooks/alertmanager"
MOST_BYTES = 8 << 20
_LARGE = 256 << 10
_READ_WITHIN_S = 10.0
_STORE_WITHIN_S = 5.0
_TOLD_EVERY = timedelta(hours=1)
_MANY_SOURCES = 1000
_PLAIN = ("", "identity")

Fallback = Callable[[Any], Awaitable[None]]
"""Told of a delivery that cannot be stored now."""


async def no_fallback(_: Any) -> None:
    """Nothing but the sender's next try."""


@dataclass(slots=True)
class Complaints:
    """What is wrong with deliveries: once an hour for each source, since it comes again and again."""

    clock: Clock
    _told: "OrderedDict[tuple[str, str], datetime]" = field(default_factory=OrderedDict)
    _count: int = 0

    def add(self, source: str, code: str, sentence: str) -> bool:
        """Log it, if it was not logged lately; whether it was."""
        now = self.clock()
        self._count += 1
        before = self._told.get((source, code))
        if before is not None and now - before < _TOLD_EVERY:
            return False
        self._told[source, code] = now
        self._told.move_to_end((source, code))
        if len(self._told) > _MANY_SOURCES:
            self._told.popitem(last=False)
        log.warning("a delivery to %s from %s is refused (%s): %s", PATH, source, code, sentence)
        return True

    @property
    def count(self) -> int:
        """How many there were."""
        return self._count


@dataclass(slots=True)
class AlertmanagerRoutes:
    """``wake`` has what was stored looked at."""

    settings: Settings
    clock: Clock
    wake: Callable[[], None]
    fallback: Fallback = no_fallback
    complaints: Complaints = field(init=False)

    def __post_init__(self) -> None:
        self.complaints = Complaints(self.clock)

    def add_to(self, app: web.Application) -> None:
        """Register the route."""
        app.router.add_post(PATH, self.receive)

    async def receive(self, request: web.Request) -> web.Response:
        """Store one delivery. ``?tenant=NAME`` keeps what clusters say of the same labels apart."""
        try:
            self._authorise(request)
            body = await self._body(request)
            check(body)
        except Problem as problem:
            self._complain(request, problem.code, str(problem))
            raise
        except NotADelivery as error:
            self._complain(request, error.code, str(error))
            raise Problem(400, error.code, str(error)) from error
        await self._store(request, body)
        self.wake()
        return web.json_response({"status": "stored"})

    async def _store(self, request: web.Request, body: Any) -> None:
        sender = body.get("externalURL")
        try:
            async with asyncio.timeout(_STORE_WITHIN_S):
                digest = await self._aside(request, digest_of, body)
                await alerts.store_delivery(
                    body,
                    tenant=request.query.get("tenant", ""),
                    sender=_host(sender) if isinstance(sender, str) else "",
                    digest=digest,
                    now=self.clock(),
                )
        except Exception as error:
            if not isinstance(error, TimeoutError) and not is_passing(error):
                raise
            await self.fallback(body)
            raise DatabaseUnreachable(
                "A delivery of Alertmanager cannot be stored now; it will be sent again."
            ) from error

    async def _body(self, request: web.Request) -> Any:
        """The JSON of a request; raises Problem."""
        if request.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
            raise Problem(415, "encoded", "Send the body as it is, without Content-Encoding.", {"Connection": "close"})
        if (request.content_length or 0) > MOST_BYTES:
            raise _too_large()
        data = bytearray()
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                async for chunk in request.content.iter_chunked(1 << 16):
                    data += chunk
                    if len(data) > MOST_BYTES:
                        raise _too_large()
        except TimeoutError as error:
            raise Problem(408, "slow", "The body did not come in time.", {"Connection": "close"}) from error
        return await self._aside(request, parse, bytes(data))

    async def _aside(self, request: web.Request, work: Callable[[Any], Any], given: Any) -> Any:
        """Work on what may be megabytes, in a thread where it is, so that other deliveries are answered meanwhile."""
        if (request.content_length or _LARGE) < _LARGE:
            return work(given)
        return await asyncio.to_thread(work, given)

    def _authorise(self, request: web.Request) -> None:
        """Raises Problem unless one of the two secrets is given, as a bearer token or as a password."""
        setting = self.settings.alertmanager_webhook_token
        if setting is None:
            raise _unauthorised("Set ALERTMANAGER_WEBHOOK_TOKEN here, and the same as authorization in Alertmanager.")
        given = _secret(request.headers.get("Authorization", "")).encode("utf-8", "surrogateescape")
        valid = [one.strip().encode() for one in setting.get_secret_value().split(",") if one.strip()]
        matches = [hmac.compare_digest(given, one) for one in valid[:2]]
        if not any(matches):
            raise _unauthorised("This needs the token of ALERTMANAGER_WEBHOOK_TOKEN as bearer token or password.")

    def _complain(self, request: web.Request, code: str, sentence: str) -> None:
        self.complaints.add(request.remote or "unknown", code, sentence)


def parse(data: bytes) -> Any:
    """The JSON of some bytes; raises Problem."""
    try:
        return json.loads(data, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "no_json", "This body is no JSON.") from error


def _secret(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "surrogateescape").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _host(address: str) -> str:
    """The machine of an address, without whatever secret may stand in it."""
    try:
        return (urlsplit(address).hostname or "")[:200]
    except ValueError:
        return ""


def _too_large() -> Problem:
    sentence = f"At most {MOST_BYTES >> 20} MiB are taken: set max_alerts of webhook_configs to 100."
    return Problem(413, "too_large", sentence, {"Connection": "close"})


def _unauthorised(sentence: str) -> Problem:
    return Problem(401, "unauthorized", sentence, {"WWW-Authenticate": "Bearer", "Connection": "close"})
