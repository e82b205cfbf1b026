"""The ingress of alerts: what is taken, what is refused and how; all recorded deliveries, with what comes of them."""

import asyncio
import base64
import gzip
import io
import json
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from bot.http import alertmanager
from bot.http.alertmanager import MOST_BYTES, PATH, AlertmanagerRoutes
from bot.http.server import serve
from chatops.alerting.alert_reading import read
from config.settings import Settings
from storage import alerts
from storage.alert_records import AlertState
from storage.database import Database
from storage.errors import DatabaseUnreachable
from storage.queue import Queue
from tests.chatops.acting import Ops, parts_of
from tests.chatops.mutations import mutated
from tests.chatops.pipeline import Counted, Pipeline, alert, body, captured
from tests.making import NOW

NEW, OLD = "new-secret-of-alertmanager", "old-secret-of-alertmanager"
BEARER = {"Authorization": f"Bearer {NEW}"}


@dataclass
class Ingress:
    """The endpoint, and what is behind it."""

    session: aiohttp.ClientSession
    pipeline: Pipeline
    woken: list[int]

    async def post(self, told: Any, headers: dict[str, str] | None = None) -> int:
        """The status of an answer."""
        data = io.BytesIO(told if isinstance(told, bytes) else json.dumps(told).encode())
        async with self.session.post(PATH, data=data, headers=BEARER if headers is None else headers) as response:
            return response.status

    async def refused(self, told: Any, headers: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, code and sentence of a refusal."""
        data = io.BytesIO(told if isinstance(told, bytes) else json.dumps(told).encode())
        async with self.session.post(PATH, data=data, headers=BEARER if headers is None else headers) as response:
            problem = await response.json(content_type="application/problem+json")
            return response.status, problem["code"], problem["detail"]


@pytest.fixture
async def ingress(settings: Settings, database: Database, queue: Queue) -> AsyncIterator[Ingress]:
    settings = settings.model_copy(update={"alertmanager_webhook_token": SecretStr(f"{NEW}, {OLD}")})
    ops = Ops(parts_of(settings, database, queue))
    woken: list[int] = []
    routes = AlertmanagerRoutes(settings, lambda: ops.now, lambda: woken.append(1))
    async with serve([routes], "127.0.0.1", 0) as address, aiohttp.ClientSession(address) as session:
        yield Ingress(session, Pipeline(ops), woken)


FIRING = body(alert(at=NOW))


class TestWho:
    @pytest.mark.parametrize(
        "header",
        [
            f"Bearer {NEW}",
            f"bearer {OLD}",
            f"Basic {base64.b64encode(f'alertmanager:{NEW}'.encode()).decode()}",
        ],
    )
    async def test_both_secrets_are_taken_as_token_or_password(self, ingress: Ingress, header: str) -> None:
        assert await ingress.post(FIRING, {"Authorization": header}) == 200
        assert ingress.woken == [1]

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer wrong",
            f"Bearer {NEW},{OLD}",
            "Basic !!!",
            "Basic YTpi",
            f"Digest {NEW}",
            "Bearer \xff",
        ],
    )
    async def test_others_are_not(self, ingress: Ingress, header: str) -> None:
        status, code, _ = await ingress.refused(FIRING, {"Authorization": header} if header else {})

        assert (status, code) == (401, "unauthorized")
        assert await alerts.waiting_deliveries() == []

    async def test_without_a_secret_nobody_is(self, settings: Settings, database: Database) -> None:
        routes = AlertmanagerRoutes(settings, lambda: NOW, lambda: None)
        async with (
            serve([routes], "127.0.0.1", 0) as address,
            aiohttp.ClientSession(address) as session,
            session.post(PATH, json=FIRING, headers={"Authorization": "Bearer "}) as response,
        ):
            assert response.status == 401
            assert "Set ALERTMANAGER_WEBHOOK_TOKEN" in await response.text()


class TestCase25BadInput:
    """Case 25, and what else can never be read."""

    @pytest.mark.parametrize(
        ("told", "status", "code"),
        [
            (b"", 400, "no_json"),
            (b"{", 400, "no_json"),
            (b"\xff\xfe\x00", 400, "no_json"),
            (b"[" * 100_000, 400, "no_json"),
            (b'{"truncatedAlerts": ' + b"9" * 5000 + b"}", 400, "no_json"),
            ([{"labels": {"alertname": "X"}}], 400, "prometheus"),
            ("text", 400, "no_webhook"),
            ({}, 400, "no_webhook"),
            ({"text": "a template of somebody"}, 400, "no_webhook"),
            ({"alerts": {}}, 400, "no_alerts"),
            ({"alerts": [1, "x"]}, 400, "no_alerts"),
        ],
    )
    async def test_gets_a_4xx(self, ingress: Ingress, told: Any, status: int, code: str) -> None:
        assert (await ingress.refused(told))[:2] == (status, code)
        assert await alerts.waiting_deliveries() == []

    async def test_a_prometheus_that_is_pointed_here_is_told_so(self, ingress: Ingress) -> None:
        _, _, sentence = await ingress.refused([{"labels": {"alertname": "X"}, "startsAt": "2026-11-24T10:00:00Z"}])

        assert "This is a message of Prometheus, not of Alertmanager" in sentence

    async def test_eight_mebibytes_are_taken_and_no_more(self, ingress: Ingress) -> None:
        long = {"summary": "x" * 1_000_000}
        large = body(*({**alert(str(number), at=NOW), "annotations": long} for number in range(7)))

        assert await ingress.post(large) == 200
        assert (await ingress.refused(json.dumps(large).encode() + b" " * (MOST_BYTES - 1_000_000)))[:2] == (
            413,
            "too_large",
        )

    async def test_without_its_length_it_is_not_taken_either(self, ingress: Ingress) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(9 * 16):
                yield b" " * (1 << 16)

        async with ingress.session.post(PATH, data=chunks(), headers=BEARER) as response:
            assert response.status == 413

    async def test_a_compressed_body_is_not_unpacked(self, ingress: Ingress) -> None:
        bomb = gzip.compress(b" " * 50_000_000)

        status, code, _ = await ingress.refused(bomb, {**BEARER, "Content-Encoding": "gzip"})

        assert (status, code) == (415, "encoded")

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_another_method(self, ingress: Ingress, method: str) -> None:
        async with ingress.session.request(method, PATH, headers=BEARER) as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")

    async def test_a_body_that_comes_too_slowly_is_not_waited_for(self, ingress: Ingress) -> None:
        never = asyncio.Event()

        async def chunks() -> AsyncIterator[bytes]:
            yield b"{"
            await never.wait()

        with patch.object(alertmanager, "_READ_WITHIN_S", 0.05):
            async with ingress.session.post(PATH, data=chunks(), headers=BEARER) as response:
                assert response.status == 408
        never.set()

    async def test_it_is_logged_once_an_hour(self, ingress: Ingress, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await ingress.refused([])
            ingress.pipeline.ops.later(minutes=61)
            await ingress.refused([])

        assert len([one for one in caplog.messages if "(prometheus)" in one]) == 2
        assert NEW not in caplog.text


class TestWhatCannotBeStored:
    @pytest.mark.parametrize("error", [DatabaseUnreachable("away"), ConnectionResetError(), TimeoutError()])
    async def test_comes_again(self, ingress: Ingress, error: Exception) -> None:
        with patch("storage.alerts.store_delivery", side_effect=error):
            assert (await ingress.refused(FIRING))[0] == 503

        assert await ingress.post(FIRING) == 200

    async def test_the_version_is_not_looked_at(self, ingress: Ingress) -> None:
        assert await ingress.post(FIRING | {"version": "5", "notification_reason": "first notification"}) == 200


STEPS = {
    "a single alert": [("01", 1, 0, 1), ("02", 1, 1, 0)],
    "a group of three that ends in two steps, and fires again": [
        ("03", 1, 0, 3),
        ("04", 1, 1, 2),
        ("05", 1, 2, 0),
        ("06", 1, 3, 1),
        ("07", 1, 4, 2),
    ],
    "a repeat": [("08", 1, 0, 1), ("09", 1, 0, 1)],
    "a flap within the group interval": [("10", 1, 0, 1), ("11", 1, 1, 0)],
    "a retry after 503": [("14", 1, 0, 1)],
    "a retry after 503 that was stored all the same": [("12", 1, 0, 1), ("13", 1, 0, 1), ("14", 1, 0, 1)],
    "a delivery that was refused before": [("16", 1, 0, 1)],
    "a silenced member that vanishes": [("19", 1, 0, 2), ("20", 1, 1, 3), ("21", 1, 2, 1)],
    "120 alerts": [("22", 1, 0, 120)],
    "120 alerts of which 100 are told": [("23", 1, 0, 100)],
    "a silenced member that fires on while the group is told to have ended": [
        ("24", 1, 0, 2),
        ("25", 1, 1, 1),
        ("26", 1, 2, 1),
        ("27", 1, 2, 1),
    ],
    "a receiver that was away": [("28", 1, 0, 1)],
    "hostile text": [("29", 1, 0, 1)],
    "two members of a cluster": [("30", 1, 0, 1), ("31", 1, 0, 1)],
    "two members out of order": [("32", 1, 0, 1), ("34", 1, 1, 0), ("35", 1, 2, 0), ("36", 1, 3, 0)],
    "a watchdog, and an alert that ends before Prometheus dies": [
        ("37", 0, 0, 1),
        ("38", 1, 0, 2),
        ("39", 1, 1, 1),
        ("40", 1, 1, 0),
    ],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=list(STEPS))
async def test_recorded_deliveries(ingress: Ingress, steps: list[tuple[str, int, int, int]]) -> None:
    """After each: posts, edits, open episodes."""
    for number, posts, edits, open_ in steps:
        assert await ingress.post(captured(number)) == 200
        await ingress.pipeline.fold()
        ingress.pipeline.ops.later(seconds=6)

        assert (number, await ingress.pipeline.counted()) == (number, Counted(posts, edits, open_))


@pytest.mark.parametrize(
    "more", [{"notification_reason": "unknown"}, {"routeLabels": {"team": "ops"}}, {"new": [None]}]
)
async def test_recorded_deliveries_with_what_newer_versions_add(ingress: Ingress, more: dict[str, Any]) -> None:
    for number in ("03", "04", "05"):
        assert await ingress.post(captured(number) | more) == 200
    await ingress.pipeline.fold()

    assert await ingress.pipeline.counted() == Counted(1, 0, 0)


async def test_damaged_deliveries_are_taken_or_refused_and_lose_no_alert(ingress: Ingress) -> None:
    """Never a fault of ours, which Alertmanager would answer with the same body again and again."""
    damaged: list[Any] = []

    @settings(max_examples=80, database=None, derandomize=True)
    @given(mutated())
    def collect(one: Any) -> None:
        damaged.append(one)

    collect()
    accepted = []
    for one in damaged:
        status = await ingress.post(one)
        assert status in (200, 400), one
        accepted += [one] if status == 200 else []
    await ingress.pipeline.fold(post=False)

    assert len(accepted) > len(damaged) // 2
    assert await alerts.failed_count() == 0
    known = {one.fingerprint for one in await alerts.alerts_in(list(AlertState))}
    for one in accepted:
        told = [alert for alert in one.get("alerts") or () if isinstance(alert, dict)]
        named = {alert.get("fingerprint") for alert in told if _is_whole(alert)}
        assert named <= known, one
        assert bool(told) == bool(read(one).alerts)


def _is_whole(told: dict[str, Any]) -> bool:
    fingerprint = told.get("fingerprint")
    return isinstance(fingerprint, str) and re.fullmatch("[0-9a-f]{16}", fingerprint) is not None


async def test_an_hour_later_all_recorded_deliveries_at_once(ingress: Ingress) -> None:
    for number in range(1, 41):
        assert await ingress.post(captured(f"{number:02}")) == 200
    ingress.pipeline.ops.later(hours=1)
    await ingress.pipeline.fold()

    assert await alerts.failed_count() == 0
