"""The published description says what there is, no more and no less; and nothing that strangers send is a fault."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.http.admin import AdminRoutes
from bot.http.alertmanager import AlertmanagerRoutes
from bot.http.api import ApiRoutes
from bot.http.describing import DescriptionRoutes, description
from bot.http.health import HealthRoutes
from bot.http.metrics import MetricsRoutes
from bot.http.renewing import RenewalRoutes
from bot.http.tokens import ROLES
from bot.services import Services
from tests.bot.http.conftest import Token
from tests.shared import ROOT

GROUPS = (
    AdminRoutes,
    AlertmanagerRoutes,
    ApiRoutes,
    DescriptionRoutes,
    HealthRoutes,
    MetricsRoutes,
    RenewalRoutes,
)
DEEP = b"[" * 200_000


def described() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in description()["paths"].items()
        for method in methods
        if method != "parameters"
    }


def registered() -> set[tuple[str, str]]:
    app = web.Application()
    for group in GROUPS:
        group.add_to(object.__new__(group), app)  # type: ignore[attr-defined]
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


def test_every_route_is_described_and_no_other() -> None:
    assert described() == registered()


def test_all_groups_of_routes_of_the_process_are_looked_at() -> None:
    names = {
        name
        for file in (ROOT / "bot" / "http").glob("*.py")
        for name in re.findall(r"^class (\w+Routes)\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert names == {group.__name__ for group in GROUPS}


def test_references_lead_somewhere_and_names_are_used_once() -> None:
    document = description()

    def references(node: Any) -> set[str]:
        if isinstance(node, Mapping):
            own = {node["$ref"]} if "$ref" in node else set()
            return own.union(*(references(one) for one in node.values()))
        return set().union(*(references(one) for one in node)) if isinstance(node, list) else set()

    for one in references(document):
        found: Any = document
        for part in one.removeprefix("#/").split("/"):
            found = found[part]
    names = [way["operationId"] for ways in document["paths"].values() for way in ways.values() if "operationId" in way]
    assert len(names) == len(set(names)) == len(described())
    assert document["components"]["schemas"]["Role"]["enum"] == list(ROLES)


async def test_it_is_published(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/openapi.json") as response:
        assert await response.json() == description()


async def test_what_asks_for_a_token_is_refused_without(client: aiohttp.ClientSession) -> None:
    protected = {
        (method, path)
        for path, ways in description()["paths"].items()
        for method, way in ways.items()
        if method != "parameters" and way.get("security")
    }
    assert len(protected) == 7
    for method, path in sorted(protected):
        async with client.request(method, path.replace("{id}", "x")) as response:
            assert response.status == 401, path


async def raw(client: aiohttp.ClientSession, request: bytes) -> int:
    """The status of the answer to bytes as they are."""
    base = client._base_url
    assert base is not None
    reader, writer = await asyncio.open_connection(base.host, base.port)
    writer.write(request)
    await writer.drain()
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(("method", "path"), sorted(described()))
async def test_headers_that_are_no_text_are_no_fault(client: aiohttp.ClientSession, method: str, path: str) -> None:
    where = path.replace("{id}", "%ff%00").replace("{code}", "%ff%00")
    for name in ("Authorization: Bearer ", "X-API-Key: ", "Authorization: Basic ", "X-Correlation-Id: ", "Cookie: a="):
        head = f"{method} {where}?name=%ff&tenant=%00 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{name}".encode()
        status = await raw(client, head + b"\xff\xfe\xe2\x82\r\nConnection: close\r\n\r\n")
        assert 200 <= status < 500 or (path, status) == ("/health/ready", 503), name


@pytest.mark.parametrize("body", [DEEP, b'{"a":' * 100_000, b'{"api_key": "\\ud800"}', b'{"\\ud800": 1}', b"9" * 9999])
async def test_json_that_is_made_to_hurt_is_no_fault(client: aiohttp.ClientSession, token: Token, body: bytes) -> None:
    for method, path in sorted(described()):
        if method == "POST" and "{" not in path and path != "/api/ocr":
            headers = {} if path == "/api/auth/login" else await token("operator")
            async with client.post(
                path, data=body, headers={**headers, "Content-Type": "application/json"}
            ) as response:
                assert 400 <= response.status < 500, path


async def test_no_address_that_strangers_send_is_asked(
    client: aiohttp.ClientSession, token: Token, services: Services
) -> None:
    """Whatever field may hold an address: nobody connects to it."""
    asked: list[str] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append("asked")
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    there = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    delivery = {
        "version": "4",
        "externalURL": there,
        "alerts": [{"status": "firing", "labels": {"alertname": "A"}, "generatorURL": there, "startsAt": there}],
        "annotations": {"runbook_url": there},
    }
    headers = await token("operator")
    sent = (
        ("/webhooks/alertmanager", {"json": delivery, "headers": {"Authorization": "Bearer words"}}),
        ("/api/ocr?name=" + there, {"data": there.encode(), "headers": headers}),
        ("/admin/maintenance/enable", {"json": {"reason": there, "mode": "soft", "for": "5m"}, "headers": headers}),
        ("/api/auth/login", {"json": {"api_key": there, "url": there}}),
    )
    for path, what in sent:
        async with client.post(path, **what) as response:  # type: ignore[arg-type]
            assert response.status < 500, path
    await services.queue.ping()
    server.close()
    assert asked == []
