"""What is answered over HTTP is counted, by pattern of the route."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from bot.http.api import ApiRoutes
from bot.http.metrics import MetricsRoutes
from bot.http.server import serve
from bot.http.tokens import Tokens
from bot.services import Services
from chatops.figures.levels import Measuring
from chatops.observing.meters import Meters
from storage.spans import Spans
from tests.bot.http.conftest import Token
from tests.bot.http.test_health import figures
from tests.chatops.acting import parts_of
from tests.making import finished, somebody
from tests.storage.test_queue import ANNA


class OddRoutes:
    """What fails, and what stays open."""

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/broken", self.broken)
        app.router.add_get("/events", self.events)

    async def broken(self, _: web.Request) -> web.Response:
        raise ZeroDivisionError

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: x\n\n")
        return response


@pytest.fixture
def meters(services: Services) -> Meters:
    return services.meters


@pytest.fixture
async def client(services: Services, tokens: Tokens, meters: Meters) -> AsyncIterator[aiohttp.ClientSession]:
    look = Measuring(parts_of(services.settings, services.database, services.queue, clock=services.clock)).look
    routes = [ApiRoutes(services, tokens), MetricsRoutes(services, meters.registry, look), OddRoutes()]
    async with serve(routes, "127.0.0.1", 0, meters=meters) as address, aiohttp.ClientSession(address) as session:
        yield session


async def asked(client: aiohttp.ClientSession, method: str, path: str, **how: object) -> int:
    async with client.request(method, path, **how) as response:  # type: ignore[arg-type]
        await response.read()
        return response.status


async def shown(client: aiohttp.ClientSession) -> dict[str, float]:
    async with client.get("/metrics") as response:
        return await figures(response)


async def test_requests_are_counted_by_pattern_and_status(client: aiohttp.ClientSession, token: Token) -> None:
    headers = await token()
    for number in range(3):
        assert await asked(client, "GET", f"/api/ocr/status/{number}", headers=headers) == 404
    await asked(client, "GET", "/api/ocr/status/x")
    await asked(client, "GET", "/secret/path/of/nobody")
    await asked(client, "PROPFIND", "/api/ocr")
    await asked(client, "GET", "/broken")

    found = await shown(client)
    counts = {name: value for name, value in found.items() if name.startswith("screen2deck_http_requests_total{")}
    assert counts == {
        "screen2deck_http_requests_total{GET,/api/ocr/status/{id},404}": 3,
        "screen2deck_http_requests_total{GET,/api/ocr/status/{id},401}": 1,
        "screen2deck_http_requests_total{GET,unknown,404}": 1,
        "screen2deck_http_requests_total{unknown,unknown,405}": 1,
        "screen2deck_http_requests_total{GET,/broken,500}": 1,
    }
    assert found["screen2deck_http_request_seconds_count{GET,/api/ocr/status/{id}}"] == 4
    assert found["screen2deck_http_request_seconds_bucket{+Inf,GET,/broken}"] == 1


async def test_what_stays_open_is_counted_without_its_time(client: aiohttp.ClientSession) -> None:
    await asked(client, "GET", "/events")

    found = await shown(client)
    assert found["screen2deck_http_requests_total{GET,/events,200}"] == 1
    assert "screen2deck_http_request_seconds_count{GET,/events}" not in found


async def test_probes_do_not_hide_what_people_see(client: aiohttp.ClientSession, meters: Meters) -> None:
    await asked(client, "GET", "/metrics")
    assert meters.tallies()["requests"] == 0
    await asked(client, "GET", "/broken")
    assert (meters.tallies()["requests"], meters.tallies()["request_errors"]) == (1, 1)


async def test_pictures_are_counted_by_what_became_of_them(client: aiohttp.ClientSession, token: Token) -> None:
    headers = await token()
    for number in range(6):
        await asked(client, "POST", "/api/ocr", data=b"%d" % number, headers=headers)
    await asked(client, "POST", "/api/ocr", data=b"", headers=headers)

    found = await shown(client)
    assert found["screen2deck_intake_total{accepted}"] == 5
    assert found["screen2deck_intake_total{at_once}"] == 1
    assert found["screen2deck_intake_total{empty}"] == 1
    assert found["screen2deck_intake_seconds_count"] == 7


async def test_workers_tell_how_long_their_stages_take(client: aiohttp.ClientSession, services: Services) -> None:
    spans = Spans()
    for seconds in (0.2, 0.3, 40.0):
        spans.add(seconds)
    await services.queue.say_alive(replace(ANNA, stages={"reading": spans.to_json()}))

    found = await shown(client)
    assert found["screen2deck_stage_seconds_bucket{0.25,reading,anna/1}"] == 1
    assert found["screen2deck_stage_seconds_count{reading,anna/1}"] == 3
    assert found["screen2deck_stage_seconds_sum{reading,anna/1}"] == pytest.approx(40.5)


async def test_the_machine_and_pictures_are_measured_when_asked(
    client: aiohttp.ClientSession, services: Services
) -> None:
    for _ in range(2):
        await finished(await somebody(), at=services.clock())
    found = await shown(client)
    assert found["screen2deck_cache_lookups"] == 1
    for name in ("cpu_share", "memory_share", "disk_share", "cache_hit_rate", "failure_rate"):
        assert 0 <= found[f"screen2deck_{name}"] <= 1
    assert found["screen2deck_throughput"] >= 0
