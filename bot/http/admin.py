"""Actions of the console for programs: authorised by their token, recorded and executed as in the chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import web

from bot.http.problems import Problem
from bot.http.tokens import Caller, Tokens
from bot.http.untrusted import json_object
from chatops import answers
from chatops.authorisation import API, SIGNED
from chatops.console import Console
from chatops.model import Actor, Answer, Confirmation, Order, Place
from storage import people, requests
from storage.requests import RequestRecord, Stage

_PLACE = Place(API, API, is_private=True)
_LONGEST_KEY = 100
_MAINTENANCE = frozenset({"mode", "reason", "for", "announce", "silence"})
_SELFTEST = frozenset({"sample", "engine", "direct"})


@dataclass(frozen=True, slots=True)
class AdminRoutes:
    """What operators' programs may do."""

    console: Console
    tokens: Tokens

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/admin/maintenance/enable", self.enable)
        app.router.add_post("/admin/maintenance/disable", self.disable)
        app.router.add_post("/api/ocr/test", self.test_reading)

    async def enable(self, request: web.Request) -> web.Response:
        """``maintenance on``, with its parameters as JSON."""
        return await self._act(request, "maintenance on", await _arguments(request, _MAINTENANCE))

    async def disable(self, request: web.Request) -> web.Response:
        """``maintenance off``."""
        return await self._act(request, "maintenance off", await _arguments(request, frozenset()))

    async def test_reading(self, request: web.Request) -> web.Response:
        """``ocr selftest``: the built-in sample on the real path, with stage times."""
        return await self._act(request, "ocr selftest", await _arguments(request, _SELFTEST))

    async def _act(self, request: web.Request, action: str, arguments: Mapping[str, str]) -> web.Response:
        """The call is the confirmation of what asks for a button; nothing else is offered here."""
        caller = self.tokens.caller(request, "operator")
        actor = await _actor(caller)
        outcome = await self.console.take(Order(actor, _PLACE, action, arguments, _origin(request, caller)))
        if outcome.request is None:
            raise _problem(400, "bad_request", outcome.answer)
        record = outcome.request
        if record.state is Stage.PLANNED and record.confirmation == Confirmation.BUTTON:
            confirmed = await self.console.confirm(record.id, actor, _PLACE)
            if confirmed.request is None:
                raise _problem(409, "not_done", confirmed.answer)
        await self.console.executor.wait(record.id)
        return _response(await requests.request(record.id))


async def _actor(caller: Caller) -> Actor:
    """The account of an API key, with the role of its token."""
    accounts = await people.accounts(caller.person)
    account = next((one for one in accounts if one.platform == API), None)
    user = str(caller.person) if account is None else account.user
    return Actor(API, user, user, frozenset({f"{SIGNED}{caller.role}"}))


def _origin(request: web.Request, caller: Caller) -> str:
    """Equal for a call that is made again with the same Idempotency-Key, by the same caller to the same path."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY:
        raise Problem(400, "bad_request", f"An Idempotency-Key has at most {_LONGEST_KEY} letters.")
    return f"{API}:{caller.person}:{request.path}:{key}"[:160] if key else f"{API}:{uuid4()}"


async def _arguments(request: web.Request, known: frozenset[str]) -> dict[str, str]:
    """Parameters by their names in commands; raises Problem."""
    if not await request.read():
        return {}
    body = await json_object(request)
    strange = sorted(set(body) - known)
    if strange:
        names = ", ".join(sorted(known)) or "none"
        raise Problem(400, "bad_request", f"There is no parameter {strange[0][:40]}; there are: {names}.")
    return {name: _text(value) for name, value in body.items()}


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _response(record: RequestRecord) -> web.Response:
    if record.answer is None:
        sentence = f"It is {record.state.value}; the console knows it as {str(record.id)[:8]}."
        return web.json_response({"ok": True, "text": sentence, "data": None}, status=202)
    answer = answers.from_json(record.answer)
    if not answer.ok:
        raise _problem(409, "not_done", answer)
    body = {"ok": True, "text": answer.text, "data": answer.data}
    return web.json_response(body, headers={"X-Request-Id": str(record.id)})


def _problem(status: int, code: str, answer: Answer | None) -> Problem:
    if answer is None:
        return Problem(status, code, "It was not done.")
    return Problem(status, code, answer.text, members={} if answer.data is None else {"data": answer.data})
