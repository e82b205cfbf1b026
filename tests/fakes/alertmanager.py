"""A small Alertmanager: API v2 as releases 0.25 and 0.34 answer, with answers that get lost.

What the real one does is tested against the real one; this has the shapes of releases that are not here.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from chatops.alerting.alert_reading import fingerprint_of, moment


@dataclass
class FakeAlertmanager:
    """``alerts`` and ``made`` are what it has; ``lost`` answers are done and not told."""

    version: str = "0.34.0"
    alerts: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: int = 0
    is_down: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    address: str = ""

    def fire(self, labels: dict[str, str], *, silenced_by: str = "") -> None:
        """Have an alert."""
        status = {
            "state": "suppressed" if silenced_by else "active",
            "silencedBy": [silenced_by] if silenced_by else [],
            "inhibitedBy": [],
        }
        self.alerts.append(
            {
                "labels": labels,
                "annotations": {},
                "startsAt": "2026-11-01T12:00:00.000Z",
                "endsAt": "2026-11-01T12:10:00.000Z",
                "updatedAt": "2026-11-01T12:00:00.000Z",
                "fingerprint": fingerprint_of(labels),
                "receivers": [{"name": "bot"}],
                "status": status,
                "generatorURL": "",
            }
        )

    @property
    def is_old(self) -> bool:
        """It answers as 0.25 does."""
        return self.version.startswith("0.25")

    def app(self) -> web.Application:
        """Its routes."""
        app = web.Application(middlewares=[self._troubles])
        app.router.add_get("/api/v2/status", self._status)
        app.router.add_get("/api/v2/alerts", self._alerts)
        app.router.add_post("/api/v2/alerts", self._take_alerts)
        app.router.add_get("/api/v2/silences", self._silences)
        app.router.add_post("/api/v2/silences", self._make)
        app.router.add_get("/api/v2/silence/{id}", self._silence)
        app.router.add_delete("/api/v2/silence/{id}", self._expire)
        return app

    @web.middleware
    async def _troubles(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.is_down:
            return web.Response(status=503, text="down")
        response: web.StreamResponse = await handler(request)
        if self.lost and request.method == "POST":
            self.lost -= 1
            assert request.transport is not None
            request.transport.abort()
        return response

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"versionInfo": {"version": self.version}, "cluster": {"status": "ready", "peers": []}}
        )

    async def _alerts(self, request: web.Request) -> web.Response:
        wanted = [_condition(one) for one in request.query.getall("filter", [])]
        found = [one for one in self.alerts if all(matches(one["labels"]) for matches in wanted)]
        if request.query.get("silenced") == "false":
            found = [one for one in found if one["status"]["state"] != "suppressed"]
        return web.json_response(found)

    async def _take_alerts(self, request: web.Request) -> web.Response:
        for one in await request.json():
            self.fire(one["labels"])
        return web.Response()

    async def _silences(self, _: web.Request) -> web.Response:
        return web.json_response([self._told(one) for one in self.made.values()])

    async def _make(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not body.get("matchers"):
            return self._schema_error(602, "matchers in body is required")
        starts, ends = moment(body["startsAt"]), moment(body["endsAt"])
        assert starts is not None
        assert ends is not None
        if ends <= starts:
            return web.json_response("invalid silence: end time must not be before start time", status=400)
        identity = body.get("id") or str(uuid4())
        before = self.made.get(identity)
        if body.get("id") and before is None:
            return self._not_found()
        if before is not None and before["matchers"] != body["matchers"]:
            before["endsAt"] = self.now().isoformat()
            identity = str(uuid4())
        self.made[identity] = {**body, "id": identity}
        return web.json_response({"silenceID": identity})

    async def _silence(self, request: web.Request) -> web.Response:
        found = self.made.get(request.match_info["id"])
        return web.Response(status=404) if found is None else web.json_response(self._told(found))

    async def _expire(self, request: web.Request) -> web.Response:
        try:
            identity = str(UUID(request.match_info["id"]))
        except ValueError:
            return self._schema_error(601, 'silenceID in path must be of type uuid: "x"')
        if identity not in self.made:
            return self._not_found()
        self.made[identity]["endsAt"] = self.now().isoformat()
        return web.Response()

    def _not_found(self) -> web.Response:
        if self.is_old:
            return web.json_response("silence not found", status=500)
        return web.Response(status=404)

    @staticmethod
    def _schema_error(code: int, message: str) -> web.Response:
        return web.json_response({"code": code, "message": message}, status=422)

    def _told(self, silence: dict[str, Any]) -> dict[str, Any]:
        ends = moment(silence["endsAt"])
        state = "active" if ends is not None and ends > self.now() else "expired"
        told = {**silence, "status": {"state": state}, "updatedAt": silence["startsAt"]}
        if self.is_old:
            told["matchers"] = [{k: v for k, v in one.items() if k != "isEqual"} for one in told["matchers"]]
        return told


def _condition(text: str) -> Callable[[dict[str, str]], bool]:
    """Equality only."""
    name, _, value = text.partition("=")
    wanted = value.strip('"').replace('\\"', '"').replace("\\\\", "\\")
    return lambda labels: labels.get(name, "") == wanted


@asynccontextmanager
async def served(fake: FakeAlertmanager) -> AsyncIterator[FakeAlertmanager]:
    """Listening on a free port while the context lasts."""
    runner = web.AppRunner(fake.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        fake.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield fake
    finally:
        await runner.cleanup()
