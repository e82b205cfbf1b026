"""Reading what strangers send, so that nothing in it is a fault of the service."""

import hmac
import json
from typing import Any

from aiohttp import web

from bot.http.problems import Problem


async def json_object(request: web.Request, sentence: str = "The body must be a JSON object.") -> dict[str, Any]:
    """The body; raises Problem 400 with the sentence where it is no object, however it is made."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise Problem(400, "bad_request", sentence) from error
    if not isinstance(body, dict):
        raise Problem(400, "bad_request", sentence)
    return body


def is_same(given: str, secret: str) -> bool:
    """Compare a secret in a time that tells nothing; headers may hold bytes that are no text."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))
