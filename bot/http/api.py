"""The API for programs: a picture in, its state and deck out."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import BodyPartReader, web

from bot.http.correlation import CORRELATION
from bot.http.guarding import CLIENT
from bot.http.limiting import FAILURES, Rate
from bot.http.problems import Problem
from bot.http.tokens import CALLER, LIFE, Caller, Tokens, scopes
from bot.http.untrusted import json_object
from bot.intake import MAX_BYTES, Submission
from bot.services import Services
from storage import access, conversions, decks, maintenance
from storage.errors import NotStored, QueueUnreachable
from storage.maintenance import Mode
from storage.records import ApiKeyRecord, ConversionRecord, State
from storage.sessions import NewSession, SessionKind


@dataclass(frozen=True, slots=True)
class ApiRoutes:
    """Login, submission and state of pictures."""

    services: Services
    tokens: Tokens
    failures: Rate = field(default_factory=lambda: Rate(FAILURES))

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/api/auth/login", self.login)
        app.router.add_post("/api/ocr", self.submit)
        app.router.add_get("/api/ocr/status/{id}", self.status)

    async def login(self, request: web.Request) -> web.Response:
        """A token for an API key."""
        now, client = self.services.clock(), request.get(CLIENT) or request.remote or ""
        self.failures.check(client)
        key = await access.find_key(await _given_key(request), now=now)
        if key is None:
            self.failures.take(client)
            raise Problem(401, "unauthorized", "This API key is not valid.", {"WWW-Authenticate": "Bearer"})
        if key.suspended_until is not None and key.suspended_until > now:
            raise Problem(
                403, "suspended", f"This API key is suspended until {key.suspended_until:%Y-%m-%d %H:%M} UTC."
            )
        request[CALLER] = key.person
        body = {
            "access_token": await self.tokens.login(Caller(key.person, key.role), _session(key, request)),
            "token_type": "Bearer",
            "expires_in": int(LIFE.total_seconds()),
            "role": key.role,
            "scope": " ".join(scopes(key.role)),
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def submit(self, request: web.Request) -> web.Response:
        """Accept a picture: the body itself, or a file of a form."""
        caller = self.tokens.caller(request, "player")
        data, name = await _picture(request)
        accepted = await self.services.intake.submit(
            Submission(caller.person, data, name, correlation=request[CORRELATION])
        )
        return await self._answer(accepted, caller, request)

    async def status(self, request: web.Request) -> web.Response:
        """Where a conversion is; its deck when there is one. Others' conversions do not exist."""
        caller = self.tokens.caller(request, "player")
        found = await conversions.conversion(_id(request.match_info["id"]))
        if found.person != caller.person and not caller.may_act_as("operator"):
            raise NotStored("There is no such conversion, or it has expired.")
        return await self._answer(found, caller, request)

    async def _answer(self, conversion: ConversionRecord, caller: Caller, request: web.Request) -> web.Response:
        wants_debug = request.headers.get("X-Debug", "").lower() == "true"
        body = await self._body(conversion)
        until = await self._hard_until() if "deck" in body else None
        if until is not None and request.method == "GET":
            raise _not_now(until, self.services.clock())
        if until is not None:
            # Taken in all the same, as in the chat; only what was known already is not told now.
            del body["deck"]
            body["held_until"] = until.isoformat()
        if wants_debug and caller.may_act_as("operator"):
            body |= await _debug(conversion)
        status = 200 if (conversion.state.is_end and until is None) or request.method == "GET" else 202
        headers = {"Location": body["status_url"], "X-Correlation-Id": conversion.correlation}
        return web.json_response(body, status=status, headers=headers)

    async def _hard_until(self) -> datetime | None:
        """Until when no lists are handed out; None where they are."""
        record = await maintenance.in_force(self.services.clock())
        return record.until if record is not None and record.mode is Mode.HARD else None

    async def _body(self, conversion: ConversionRecord) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": str(conversion.id),
            "state": conversion.state,
            "status_url": f"/api/ocr/status/{conversion.id}",
            "image": conversion.picture_name or None,
            "accepted_at": conversion.accepted_at.isoformat(),
            "from_cache": conversion.from_cache,
            **await self._progress(conversion),
        }
        if conversion.state is State.DONE:
            body["deck"] = (await decks.deck_of(conversion.id)).deck
        elif conversion.state.is_end:
            body["error"] = {"code": conversion.code, "detail": conversion.sentence}
        return body

    async def _progress(self, conversion: ConversionRecord) -> dict[str, Any]:
        if conversion.state.is_end:
            return {}
        if conversion.state is State.HELD:
            record = await maintenance.in_force(self.services.clock())
            until = None if record is None else record.until.isoformat()
            return {"place": None, "stage": None, "held_until": until}
        try:
            return {
                "place": await self.services.queue.place(conversion.id),
                "stage": await self.services.queue.progress(conversion.id),
            }
        except QueueUnreachable:
            return {"place": None, "stage": None}


def _not_now(until: datetime, now: datetime) -> Problem:
    sentence = f"Maintenance until about {until:%Y-%m-%d %H:%M} UTC: lists can be had again then."
    return Problem(503, "maintenance", sentence, {"Retry-After": str(max(1, math.ceil((until - now).total_seconds())))})


def _session(key: ApiKeyRecord, request: web.Request) -> NewSession:
    """What is kept of a login."""
    return NewSession(
        SessionKind.TOKEN,
        key.role,
        f"key {key.prefix}",
        person=key.person,
        account=f"api:{key.name}",
        credential=str(key.id),
        agent=request.headers.get("User-Agent", ""),
    )


async def _debug(conversion: ConversionRecord) -> dict[str, Any]:
    history = await conversions.events(conversion.id)
    return {
        "timings": dict(conversion.timings),
        "attempts": conversion.attempts,
        "worker": conversion.worker,
        "history": [{"state": one.state, "at": one.at.isoformat(), "detail": one.detail} for one in history],
    }


async def _given_key(request: web.Request) -> str:
    """The key of the Authorization or X-API-Key header, or of a JSON body."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    if "X-API-Key" in request.headers:
        return request.headers["X-API-Key"].strip()
    sentence = 'Send the API key as JSON: {"api_key": "s2d_…"}.'
    key = (await json_object(request, sentence)).get("api_key")
    if not isinstance(key, str):
        raise Problem(400, "bad_request", sentence)
    return key


async def _picture(request: web.Request) -> tuple[bytes, str]:
    """The picture's bytes and name; raises Problem where there is none."""
    if not request.content_type.startswith("multipart/"):
        return await _limited(request.content.iter_chunked(1 << 16)), request.query.get("name", "")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and (part.filename or part.name in ("file", "image", "picture")):
                return await _limited(_chunks(part)), part.filename or ""
    except ValueError as error:
        raise Problem(400, "bad_request", "This form is damaged: send the picture again.") from error
    raise Problem(400, "bad_request", "This form holds no picture: send it as the file `file`.")


async def _chunks(part: BodyPartReader) -> Any:
    while chunk := await part.read_chunk():
        yield chunk


async def _limited(chunks: Any) -> bytes:
    """All chunks, or one byte more than is allowed, which intake refuses."""
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MAX_BYTES:
            break
    return bytes(data[: MAX_BYTES + 1])


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotStored("There is no such conversion, or it has expired.") from error
