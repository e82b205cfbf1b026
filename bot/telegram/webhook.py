"""The address that Telegram calls, where one is set."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.http.problems import Problem
from bot.http.untrusted import is_same
from storage.errors import DatabaseUnreachable

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Webhook:
    """Takes updates that Telegram brings; what is not taken it brings again."""

    secret: str
    take: Callable[[dict[str, Any]], Awaitable[None]]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer 200 when an update is taken in."""
        given = request.headers.get(_HEADER, "")
        if not is_same(given, self.secret):
            raise Problem(403, "forbidden", "This address is for Telegram.")
        body = await request.content.read(_LONGEST)
        try:
            update = json.loads(body)
            if not isinstance(update, dict):
                raise ValueError("an update is an object")
        except (ValueError, RecursionError) as error:
            raise Problem(400, "bad_request", "This is no update.") from error
        try:
            await self.take(update)
        except DatabaseUnreachable as error:
            raise Problem(503, "unavailable", "Bring it again in a moment.") from error
        return web.Response()
