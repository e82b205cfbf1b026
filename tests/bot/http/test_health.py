"""Health, readiness and metrics, with all parts and with some missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.http.metrics import MetricsRoutes
from bot.http.server import serve
from bot.services import Services
from chatops.observing.readiness import basic_checks
from config.settings import SettingsError
from storage.embedded import EmbeddedRedis
from storage.queue import open_queue
from tests.bot.http.conftest import Token
from tests.making import accepted, failed, somebody
from tests.processes import running
from tests.storage.test_queue import ANNA

Client = aiohttp.ClientSession


async def figures(response: aiohttp.ClientResponse) -> dict[str, float]:
    """The samples of an answer in Prometheus' format; those with labels by ``name{value,…}``."""
    assert response.status == 200
    assert response.content_type == "text/plain"
    found = {}
    for family in text_string_to_metric_families(await response.text()):
        for sample in family.samples:
            labels = ",".join(value for _, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_a_process_that_lives_is_healthy(client: Client) -> None:
    async with client.get("/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_readiness_has_a_line_for_each_part(client: Client, services: Services) -> None:
    name = "SQLite" if services.database.is_sqlite else "Postgres"
    async with client.get("/health/ready") as response:
        lines = (await response.text()).splitlines()
    assert response.status == 503
    assert lines == [
        f"database: ok ({name})",
        "redis: ok",
        "workers: no worker is running; start one with `screen2deck worker`.",
    ]

    await services.queue.say_alive(ANNA)
    async with client.get("/health/ready") as response:
        lines = (await response.text()).splitlines()
    assert (response.status, lines[-1]) == (200, "workers: ok (1 alive, 0 reading)")


async def test_details_are_for_viewers(client: Client, services: Services, token: Token) -> None:
    await services.queue.say_alive(replace(ANNA, done=3))
    await accepted(await somebody(), at=services.clock() - timedelta(minutes=1))
    await failed(await somebody("other"))
    async with client.get("/health/detailed") as response:
        assert response.status == 401
    async with client.get("/health/detailed", headers=await token("viewer")) as response:
        assert response.status == 200
        body = await response.json()

    assert body["queue"]["states"] == {"accepted": 0, "held": 0, "queued": 1, "running": 0}
    assert body["queue"]["oldest_seconds"] >= 60
    assert body["queue"]["dead_letters"] == 1
    assert [worker["done"] for worker in body["workers"]] == [3]
    assert body["memory_bytes"] > 1_000_000


async def test_metrics_are_prometheus_text_with_the_workers_figures(client: Client, services: Services) -> None:
    await services.queue.say_alive(replace(ANNA, done=3, conversion="x"))
    await accepted(await somebody(), at=services.clock() - timedelta(minutes=1), chat="chat")
    async with client.get("/metrics") as response:
        found = await figures(response)

    assert found["screen2deck_part_up{database}"] == found["screen2deck_part_up{redis}"] == 1
    assert found["screen2deck_conversions_open{queued}"] == 1
    assert found["screen2deck_outbox_pending"] == 1
    assert found["screen2deck_queue_oldest_seconds"] >= 60
    assert found["screen2deck_workers"] == 1
    assert found["screen2deck_worker_done{stub,anna/1}"] == 3
    assert found["screen2deck_worker_busy{stub,anna/1}"] == 1


async def test_metrics_may_need_a_token(services: Services) -> None:
    settings = services.settings.model_copy(update={"metrics_token": SecretStr("let me in")})
    routes = MetricsRoutes(replace(services, settings=settings), CollectorRegistry())
    async with serve([routes], "127.0.0.1", 0) as address, Client(address) as session:
        for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), ({"Authorization": "Bearer é"}, 401)):
            async with session.get("/metrics", headers=headers) as response:
                assert response.status == status
        async with session.get("/metrics", headers={"Authorization": "Bearer let me in"}) as response:
            assert response.status == 200


async def test_without_redis_the_rest_is_told(services: Services, tmp_path: Path, tokens: object) -> None:
    server = EmbeddedRedis(tmp_path / "own")
    await server.prepare()
    with running(server.command()) as process:
        while not await server.is_up():
            pass
        async with open_queue(server.url) as queue:
            process.kill()
            process.wait()
            lame = replace(services, queue=queue)
            for name, check in basic_checks(lame.database, lame.queue).items():
                if name == "database":
                    await check()
                else:
                    with pytest.raises(Exception, match="The Redis server does not answer"):
                        await check()
            async with (
                serve([MetricsRoutes(lame, CollectorRegistry())], "127.0.0.1", 0) as address,
                Client(address) as session,
                session.get("/metrics") as response,
            ):
                found = await figures(response)

    assert (found["screen2deck_part_up{database}"], found["screen2deck_part_up{redis}"]) == (1, 0)


async def test_a_port_that_is_taken_is_told() -> None:
    class Nothing:
        def add_to(self, app: web.Application) -> None:
            """No routes."""

    async with serve([Nothing()], "127.0.0.1", 0) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(SettingsError, match=rf"^HTTP cannot listen on 127\.0\.0\.1:{port} \(another program"):
            async with serve([Nothing()], "127.0.0.1", port):
                pass


def test_checks_have_names_that_operators_know(services: Services) -> None:
    checks: dict[str, Callable[..., object]] = dict(basic_checks(services.database, services.queue))
    assert list(checks) == ["database", "redis", "workers"]
