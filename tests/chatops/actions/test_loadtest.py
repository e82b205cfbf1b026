"""Load goes to a real server, is measured, ends when too much fails, and never goes to production."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from chatops.security import loading
from chatops.security.loading import Measured
from config.settings import Settings
from tests.chatops.acting import ALICE, OLGA, PEOPLE, Ops, parts_of


@asynccontextmanager
async def staging(status: Callable[[], int], port: int = 0) -> AsyncIterator[tuple[str, list[str]]]:
    """A copy that answers with a status; its address, and what it was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/api/auth/login":
            return web.json_response({"access_token": "t"}, status=200)
        return web.Response(status=404 if request.path.startswith("/api/") and status() == 200 else status())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def aimed(ops: Ops, target: str, **changes: object) -> Ops:
    settings = Settings(**{**ops.parts.settings.model_dump(), **changes})
    policy = f"{PEOPLE}\nsecurity: {{staging: '{target}'}}\n"
    return Ops(parts_of(settings, ops.parts.database, ops.parts.queue, policy=policy))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who hardly think."""
    monkeypatch.setattr(loading, "PAUSE_S", (0.01, 0.02))


async def test_a_staging_copy_is_measured(ops: Ops) -> None:
    async with staging(lambda: 200) as (target, asked):
        own = aimed(ops, target, staging_api_key="s2d_staging")
        plan = await own.planned(ALICE, "loadtest run", users=5, spawn=10, for_="1s")
        assert plan.summary.startswith(f"5 people, 10 more each second, ask {target} for 1 s: about 5 requests")
        answer = await own.done(ALICE, "loadtest run", users=5, spawn=10, for_="1s")

    assert answer.data["requests"] >= 20
    assert answer.data["errors"] == 0
    assert 0 < answer.data["p50_ms"] <= answer.data["p95_ms"] <= answer.data["p99_ms"]
    assert "/api/auth/login" in asked
    assert any(path.startswith("/api/ocr/status/") for path in asked)


async def test_it_stops_when_too_much_fails(ops: Ops) -> None:
    async with staging(lambda: 500) as (target, asked):
        answer = await aimed(ops, target).answer(ALICE, "loadtest run", users=10, spawn=10, for_="5m")
    assert not answer.ok
    assert answer.text.startswith("Stopped: 100% of requests failed.")
    assert len(asked) < 100


async def test_production_is_refused(ops: Ops) -> None:
    for target, changes in (
        ("https://prod.example", {}),
        ("https://decks.example", {"public_url": "https://decks.example/"}),
        ("http://127.0.0.1:8484", {}),
    ):
        said = await aimed(ops, target, **changes).refused(ALICE, "loadtest run")
        assert "load goes to a staging copy only" in said


async def test_without_a_copy_it_is_not_configured(ops: Ops) -> None:
    assert "set security.staging in ops.yaml" in await ops.refused(ALICE, "loadtest run")
    assert "needs the role admin" in await ops.refused(OLGA, "loadtest run")
    assert "must be 1 to 100" in await ops.refused(ALICE, "loadtest run", users=101)
    assert "must be 1s to 5m" in await ops.refused(ALICE, "loadtest run", for_="6m")


def test_percentiles_of_few_requests() -> None:
    found = Measured()
    assert found.percentiles() == (0.0, 0.0, 0.0)
    found.add("health", 5.0, "")
    assert found.percentiles() == (5.0, 5.0, 5.0)
    for one in range(1, 101):
        found.add("other", float(one), "" if one > 10 else "status 500")
    p50, p95, p99 = found.percentiles("other")
    assert (round(p50), round(p95), round(p99)) == (50, 95, 99)
    assert found.errors.total() == 10
