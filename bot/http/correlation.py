"""Each request has an id, the caller's or a new one, which its answer and all that is logged meanwhile carry."""

import re
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

HEADER = "X-Correlation-Id"
CORRELATION = web.RequestKey("correlation", str)
_GOOD = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""Others are not taken over: they would stand in log lines."""


@web.middleware
async def correlated(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id."""
    given = request.headers.get(HEADER, "")
    identity = given if _GOOD.fullmatch(given) else uuid4().hex
    request[CORRELATION] = identity
    with structlog.contextvars.bound_contextvars(correlation=identity):
        response = await handler(request)
    if not response.prepared:
        response.headers.setdefault(HEADER, identity)
    return response
