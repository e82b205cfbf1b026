"""Errors as ``application/problem+json`` (RFC 9457) with a stable ``code``."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.intake import NotAccepted
from storage.errors import DatabaseUnreachable, NotStored, QueueUnreachable

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """An answer that is no success; ``sentence`` may be shown to anyone, ``members`` say more to programs."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.members = dict(members or {})


_NOT_ACCEPTED = {"empty": 400, "too_large": 413, "banned": 403, "store_full": 503, "overload": 503}


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into a problem; what was not expected gets an id that the log knows."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem_response(problem)
    except NotAccepted as refusal:
        return problem_response(_not_accepted(refusal))
    except NotStored as error:
        return problem_response(Problem(404, "not_found", str(error)))
    except (DatabaseUnreachable, QueueUnreachable) as error:
        log.warning("%s", error)
        return problem_response(
            Problem(503, "unavailable", "A part of the service does not answer: try again in a moment.", _retry(5))
        )
    except HttpProcessingError:
        # Raised late, while a form is read part by part.
        return problem_response(Problem(400, "bad_request", "This request is damaged."))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        phrase = HTTPStatus(error.status).phrase
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return problem_response(Problem(error.status, phrase.lower().replace(" ", "_"), f"{phrase}.", allowed))
    except Exception:
        identity = uuid4().hex[:12]
        log.exception("fault %s at %s %s", identity, request.method, request.path)
        sentence = f"This is a fault of the service; it is logged as {identity}."
        return problem_response(Problem(500, "fault", sentence))


def problem_response(problem: Problem) -> web.Response:
    """The response for a problem."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem),
        **problem.members,
    }
    return web.Response(
        status=problem.status,
        text=json.dumps(body),
        content_type="application/problem+json",
        headers=problem.headers,
    )


def _not_accepted(refusal: NotAccepted) -> Problem:
    headers = {} if refusal.retry_s is None else _retry(refusal.retry_s)
    return Problem(_NOT_ACCEPTED.get(refusal.code, 429), refusal.code, str(refusal), headers)


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}
