"""Figures from Prometheus: the real one, and one that is away."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.http.metrics import MetricsRoutes
from bot.http.server import serve
from bot.services import open_services
from chatops import figures
from chatops.figures.levels import Measuring
from chatops.figures.sampling import Sampler
from chatops.observing.meters import Meters
from chatops.parts import Parts
from tests.chatops.acting import Ops
from tests.making import accepted, somebody
from tests.processes import running

SINCE = timedelta(hours=1)


def with_prometheus(parts: Parts, host: str) -> Parts:
    return replace(parts, settings=parts.settings.model_copy(update={"prometheus_url": f"http://{host}"}))


@pytest.fixture
def nobodys_port() -> Iterator[int]:
    """Somebody has it, and does not listen."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_without_prometheus_own_samples_answer_and_say_so(ops: Ops, nobodys_port: int) -> None:
    await Sampler(Meters()).sample(ops.parts)
    ops.later(seconds=15)

    series = await figures.history(
        with_prometheus(ops.parts, f"127.0.0.1:{nobodys_port}"), "queue_length", ops.now - SINCE, ops.now
    )
    assert (series.source, [value for _, value in series.points]) == ("samples", [0])
    assert series.note == "Prometheus did not answer (ClientConnectorError)."


@asynccontextmanager
async def answering(handle: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """A server that speaks as Prometheus does."""
    app = web.Application()
    app.router.add_post("/api/v1/query_range", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_points_that_are_no_numbers_are_left_out(ops: Ops) -> None:
    """0 by 0 is NaN, as an error rate without requests."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization", ""))
        values = [[ops.now.timestamp() - 30, "NaN"], [ops.now.timestamp() - 15, "0.25"], [ops.now.timestamp(), "+Inf"]]
        return web.json_response(
            {"status": "success", "data": {"resultType": "matrix", "result": [{"values": values}]}}
        )

    async with answering(handle) as host:
        parts = with_prometheus(ops.parts, f"me:hunter2@{host}")
        series = await figures.history(parts, "error_rate", ops.now - SINCE, ops.now)
    assert (series.source, series.note) == ("prometheus", "")
    assert series.points == ((ops.now - timedelta(seconds=15), 0.25),)
    assert asked == ["Basic bWU6aHVudGVyMg=="]


@pytest.mark.parametrize(
    ("response", "note"),
    [
        ({"status": 401}, "Prometheus answered 401."),
        ({"text": "<html>", "content_type": "text/html"}, "Prometheus did not answer (ContentTypeError)."),
        ({"text": "{}", "content_type": "application/json"}, "Prometheus did not answer (KeyError)."),
        ({"text": '{"data": {"result": []}}', "content_type": "application/json"}, "Prometheus knows nothing of it."),
    ],
)
async def test_what_is_no_answer_is_said(ops: Ops, response: dict[str, Any], note: str) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(**response)

    async with answering(handle) as host:
        series = await figures.history(with_prometheus(ops.parts, host), "cpu", ops.now - SINCE, ops.now)
    assert (series.source, series.note) == ("samples", note)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed (Debian: prometheus)")
async def test_the_real_prometheus_knows_every_figure(ops: Ops, tmp_path: Path) -> None:
    """It scrapes a real /metrics each second; every figure's query gives one series."""
    await accepted(await somebody(), at=ops.now)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    meters = Meters()
    parts = replace(ops.parts, clock=lambda: datetime.now(UTC))
    async with open_services(parts.settings) as services:
        routes = [MetricsRoutes(services, meters.registry, Measuring(parts).look)]
        async with serve(routes, "127.0.0.1", 0, meters=meters) as address:
            command = _command(tmp_path, address.removeprefix("http://"), port)
            with running(command):
                await _scraped(port, meters)
                parts = with_prometheus(parts, f"127.0.0.1:{port}")
                found = await figures.histories(parts, list(figures.FIGURES), parts.clock() - SINCE, parts.clock())

    by_name = {one.name: one for one in found}
    from_prometheus = {name for name, one in by_name.items() if one.source == "prometheus"}
    # Without workers, and without pictures that ended, there is nothing to tell of them.
    nothing = {"workers_busy", "worker_memory", "cache_hit_rate", "reading_p95", "failure_rate", "certain_corrected"}
    assert from_prometheus >= set(figures.FIGURES) - nothing
    assert by_name["queue_length"].points[-1][1] == 1
    assert by_name["error_rate"].points[-1][1] == pytest.approx(0.5, abs=0.1)
    assert 0.25 <= by_name["api_latency_p95"].points[-1][1] <= 0.5
    assert by_name["worker_memory"].note == "Prometheus knows nothing of it."


def _command(folder: Path, target: str, port: int) -> list[str]:
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\n"
        f"scrape_configs: [{{job_name: bot, static_configs: [{{targets: ['{target}']}}]}}]\n",
        encoding="utf-8",
    )
    return [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]


async def _scraped(port: int, meters: Meters) -> None:
    """Until it has seen counters grow, so that their rate is known."""
    query = {
        "query": "sum(increase(screen2deck_http_requests_total{status='500'}[5m])) and sum(increase("
        "screen2deck_deliveries_total[5m]))"
    }
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(60):
            while True:
                for status in (200, 500):
                    meters.answered("GET", "/api/ocr", status, 0.3)
                with meters.delivery("fake"):
                    pass
                try:
                    async with session.get(f"http://127.0.0.1:{port}/api/v1/query", params=query) as response:
                        result = (await response.json())["data"]["result"]
                        if result and float(result[0]["value"][1]) > 0:
                            return
                except (aiohttp.ClientError, KeyError, ValueError):
                    pass
                await asyncio.sleep(0.5)
