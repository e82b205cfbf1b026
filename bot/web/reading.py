"""What requests of the page say."""

import json
from typing import Any

from aiohttp import web

from bot.http.problems import Problem

_LARGEST = 64_000


async def given(request: web.Request) -> dict[str, Any]:
    """A small JSON object; raises Problem 400, 413."""
    if (request.content_length or 0) > _LARGEST:
        raise Problem(413, "too_large", "This is too much.")
    try:
        body = json.loads(await request.text())
    except (ValueError, RecursionError) as error:
        raise Problem(400, "bad_request", "A JSON object is expected.") from error
    if not isinstance(body, dict):
        raise Problem(400, "bad_request", "A JSON object is expected.")
    return body


def text_of(words: dict[str, Any], name: str, longest: int) -> str:
    """One text of an object; raises Problem 400."""
    value = words.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Problem(400, "bad_request", f"{name} must be a text of at most {longest} characters.")
    return value


def texts_of(words: dict[str, Any], name: str, longest: int) -> dict[str, str]:
    """Texts by names; raises Problem 400."""
    value = words.get(name, {})
    if not isinstance(value, dict) or len(value) > 30:
        raise Problem(400, "bad_request", f"{name} must be an object.")
    return {str(key)[:64]: text_of(value, key, longest) for key in value}


def locale_of(request: web.Request) -> str:
    """The language that the browser asks for first."""
    return request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()[:16]
