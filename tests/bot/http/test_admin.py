"""Actions of the console over HTTP: the same action, the same record, the role of the token."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from bot.services import Services
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import access, audit, conversions, maintenance, people
from storage.records import State
from tests.bot.http.conftest import Token
from tests.bot.http.test_api import sent
from tests.fakes.reader import FakeReader
from tests.making import WORKER
from tests.storage.test_queue import ANNA

Client = aiohttp.ClientSession


async def post(client: Client, path: str, headers: dict[str, str], body: object = None) -> tuple[int, dict[str, Any]]:
    async with client.post(path, headers=headers, json=body) as response:
        found: dict[str, Any] = await response.json(content_type=None)
        return response.status, found


@pytest.fixture
async def working(services: Services) -> AsyncIterator[None]:
    """A worker with a reader that stands in."""
    queue = services.queue
    jobs = PictureJobs(WORKER, queue, services.blobs, FakeReader(), "stub-1", JobLimits(), services.clock)

    async def work() -> None:
        while True:
            for one in (await queue.all_ids())[:1]:
                await jobs.run(UUID(one))
                await queue.remove([UUID(one)])
            await asyncio.sleep(0.01)

    await queue.say_alive(ANNA)
    task = asyncio.create_task(work())
    yield
    task.cancel()
    await asyncio.wait({task})


class TestMaintenance:
    async def test_it_is_begun_and_ended_as_in_the_chat(self, client: Client, token: Token, services: Services) -> None:
        operator = await token("operator")
        wish = {"reason": "a new disk", "for": "1h", "mode": "hard", "announce": False}
        status, begun = await post(client, "/admin/maintenance/enable", operator, wish)
        assert (status, begun["ok"], begun["data"]["mode"]) == (200, True, "hard")
        assert begun["text"].startswith("Maintenance (hard) is on until")
        record = await maintenance.in_force(services.clock())
        assert record is not None
        assert (record.reason, record.is_announced) == ("a new disk", False)
        held = await sent(client, await token("player", "somebody"))
        assert held["state"] == "held"

        status, ended = await post(client, "/admin/maintenance/disable", operator)
        assert (status, ended["data"]["deferred"]) == (200, 1)
        assert (await conversions.conversion(UUID(held["id"]))).state is State.QUEUED
        lines = [one.line async for one in audit.all_lines()]
        assert [(one.action, one.kind) for one in lines] == [
            *(("maintenance on", kind) for kind in ("asked", "confirmed", "started", "ended")),
            *(("maintenance off", kind) for kind in ("started", "ended")),
        ]
        assert {one.human.partition(":")[0] for one in lines} == {"api"}

    async def test_operators_alone_may(self, client: Client, token: Token) -> None:
        for path in ("/admin/maintenance/enable", "/admin/maintenance/disable", "/api/ocr/test"):
            assert (await post(client, path, await token("responder")))[0] == 403
            assert (await post(client, path, {}))[0] == 401

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ({}, "maintenance on needs reason: 3 to 200 letters."),
            ({"reason": "a new disk", "for": "9h"}, "for: must be 1m to 8h."),
            ({"reason": "a new disk", "until": "now"}, "There is no parameter until; there are: announce, for, mode, "),
            (["a new disk"], "The body must be a JSON object."),
        ],
    )
    async def test_bad_bodies_are_problems(self, client: Client, token: Token, body: object, detail: str) -> None:
        status, problem = await post(client, "/admin/maintenance/enable", await token("operator"), body)
        assert (status, problem["code"]) == (400, "bad_request")
        assert problem["detail"].startswith(detail)

    async def test_what_is_off_is_not_ended(self, client: Client, token: Token) -> None:
        status, problem = await post(client, "/admin/maintenance/disable", await token("operator"))
        assert (status, problem["code"], problem["detail"]) == (409, "not_done", "Maintenance is off already.")

    async def test_a_call_that_is_made_again_is_done_once(self, client: Client, token: Token) -> None:
        headers = {**await token("operator"), "Idempotency-Key": "deploy-7"}
        first = await post(client, "/admin/maintenance/enable", headers, {"reason": "a new disk"})
        again = await post(client, "/admin/maintenance/enable", headers, {"reason": "a new disk"})
        assert first == again
        assert [one.line.kind async for one in audit.all_lines()].count("ended") == 1

    async def test_a_key_is_its_account_in_the_trail(self, client: Client, services: Services) -> None:
        person = await people.person_with_account("api", "deploy", name="deploy", now=services.clock())
        made, _ = await access.make_key(person.id, "deploy", "operator", now=services.clock())
        async with client.post("/api/auth/login", json={"api_key": made}) as response:
            issued = (await response.json())["access_token"]
        await post(client, "/admin/maintenance/enable", {"Authorization": f"Bearer {issued}"}, {"reason": "a new disk"})
        assert {one.line.human async for one in audit.all_lines()} == {"api:deploy"}


class TestReading:
    @pytest.mark.usefixtures("working")
    async def test_the_sample_takes_the_real_path_with_stage_times(self, client: Client, token: Token) -> None:
        status, tested = await post(client, "/api/ocr/test", await token("operator"), {"direct": False})
        assert (status, tested["ok"]) == (200, True)
        assert tested["text"].startswith("Passed: 60 of 60 cards are right through the queue")
        assert {"name": "text read", "ms": 500.0} in tested["data"]["stages"]

    async def test_without_workers_it_says_so(self, client: Client, token: Token) -> None:
        status, problem = await post(client, "/api/ocr/test", await token("operator"))
        assert (status, problem["detail"]) == (409, "No worker is running, so that nothing would be read.")
