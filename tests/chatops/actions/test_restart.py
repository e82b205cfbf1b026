"""Restarts go one by one, stop at the first failure, and go on after the process that ran them."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest

from chatops.console import Outcome
from storage import requests
from storage.postgres_address import PostgresAddress
from storage.queue import Queue
from storage.requests import Stage
from storage.sockets import control_socket
from tests.bot.supervision.recording import Run
from tests.chatops.acting import ALICE, OLGA, OPS, VERA, Ops
from tests.chatops.fleets import LOCAL, fleet_of, say_working, small_product, with_services
from tests.fakes.systemctl import RUNNING, Systemctl

UNITS = """
services:
  - {name: worker, back_end: systemd, unit: s2d-worker@.service, count: 3}
  - {name: bot, back_end: systemd, unit: s2d-bot}
"""

_SHORT = timedelta(seconds=0.5)


async def _die(*_: object) -> None:
    """What asks for its own restart does not live to see it."""
    await asyncio.Event().wait()


def _id(outcome: Outcome) -> UUID:
    assert outcome.request is not None, outcome.answer
    return outcome.request.id


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Run]:
    async with small_product(tmp_path) as run:
        yield run


@pytest.fixture
def local(ops: Ops, product: Run, tmp_path: Path) -> Ops:
    return with_services(ops, LOCAL, control_socket(tmp_path))


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    stub = Systemctl(tmp_path)
    for name in ("s2d-worker@1", "s2d-worker@2", "s2d-worker@3", "s2d-bot"):
        stub.set(f"{name}.service", RUNNING)
    stub.set("s2d-worker@.service", RUNNING)
    monkeypatch.setenv("PATH", stub.path)
    return stub


@pytest.fixture
def units(ops: Ops, systemctl: Systemctl, tmp_path: Path) -> Ops:
    return with_services(ops, UNITS, tmp_path / "none")


def pids(run: Run) -> dict[str, int | None]:
    return {one.part.name: one.pid for one in run.supervisor.keepers}


async def test_workers_are_restarted_one_by_one(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue)
    before = pids(product)
    plan = await local.planned(OLGA, "restart worker")
    assert plan.summary == (
        "Restarts 2 instances (worker-1, worker-2), one by one: each must be ready before the next, and the first "
        "that is not ends it. What they do is finished first."
    )
    answer = await local.done(OLGA, "restart worker")
    assert answer.text.startswith("2 instances restarted and ready, the slowest after ")
    after = pids(product)
    assert (after["redis"], after["bot"]) == (before["redis"], before["bot"])
    assert not {after["worker-1"], after["worker-2"]} & {before["worker-1"], before["worker-2"], None}


async def test_one_instance_alone(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue)
    before = pids(product)
    await local.done(OLGA, "restart worker", instance="worker-2", drain="no")
    assert pids(product)["worker-1"] == before["worker-1"]
    assert await local.refused(OLGA, "restart worker", instance="worker-9") == (
        "instance: worker has no 'worker-9'; it has worker-1, worker-2."
    )


async def test_the_web_front_end_is_the_process_that_answers_http(local: Ops, product: Run) -> None:
    before = pids(product)
    await local.done(OLGA, "restart web")
    assert pids(product)["bot"] != before["bot"]
    assert await local.refused(OLGA, "restart nginx") == (
        "No service of this deployment is a nginx; ops.yaml declares redis, bot, worker."
    )


async def test_a_rolling_restart_stops_at_the_first_that_is_not_ready(
    units: Ops, systemctl: Systemctl, queue: Queue
) -> None:
    await say_working(queue)
    systemctl.set("s2d-worker@2.service", {"sick": "yes"})
    with patch("chatops.services.lifecycle.turn.__kwdefaults__", {"within": _SHORT}):
        said = await units.refused(OLGA, "restart worker")
    assert said.startswith("s2d-worker@2.service is not ready")
    assert "; 1 other left as before." in said
    assert not any("@3" in line for line in systemctl.asked)


async def test_workers_that_run_and_take_up_no_work_are_not_ready(local: Ops, product: Run) -> None:
    with patch("chatops.services.lifecycle.turn.__kwdefaults__", {"within": _SHORT}):
        said = await local.refused(OLGA, "restart worker")
    assert said.startswith("worker runs, but no worker of it has taken up work")


async def test_redis_is_backed_up_before(local: Ops, product: Run) -> None:
    answer = await local.done(ALICE, "restart redis")
    record = (await requests.latest(1))[0]
    assert any(line.startswith("Backed up as ") for line in record.progress), record.progress
    assert answer.text.startswith("1 instance restarted and ready")
    assert "needs the role admin" in await local.refused(OLGA, "restart redis")


async def test_all_in_their_order(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue)
    plan = await local.planned(ALICE, "restart all")
    assert plan.summary.startswith("In this order: redis, then bot, then worker.")
    await local.done(ALICE, "restart all")
    starts = [one.told.starts for one in product.supervisor.keepers]
    assert starts == [2, 2, 2, 2]


async def test_what_answers_you_comes_last(units: Ops, systemctl: Systemctl, queue: Queue) -> None:
    await say_working(queue)
    systemctl.set("s2d-worker@1.service", {"MainPID": str(os.getpid())})
    plan = await units.planned(ALICE, "restart all")
    assert plan.summary.startswith("In this order: bot, then worker.")


async def test_all_stopped_and_started(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue)
    plan = await local.planned(ALICE, "restart all", strategy="full")
    assert plan.summary.startswith("Stops worker, bot, redis, then starts redis, bot, worker: players wait meanwhile.")
    answer = await local.done(ALICE, "restart all", strategy="full")
    assert answer.text == "All 3 services restarted and ready."


async def test_a_process_that_restarts_itself_tells_when_it_is_back(units: Ops, systemctl: Systemctl) -> None:
    """The console dies in the middle of its own restart; the next process takes the request up."""
    systemctl.set("s2d-bot.service", {"MainPID": str(os.getpid())})
    plan = await units.planned(OLGA, "restart bot")
    assert plan.summary.endswith("I do not answer until I am back, and then tell how long that took.")

    outcome = await units.order(OLGA, "restart bot")
    with patch.object(type(fleet_of(units).service("bot")), "restart", _die):
        confirmed = await units.console.confirm(_id(outcome), OLGA, OPS)
        assert confirmed.request is not None
        await units.console.executor.close(within_s=0)

    # The unit has been restarted, and this is the new process of it.
    systemctl.set("s2d-bot.service", {"MainPID": "1"})
    with patch("chatops.services.lifecycle.os.getpid", lambda: 1):
        successor = Ops(replace(units.parts))
        successor.later(seconds=7)
        await successor.console.glance()
        record = await successor.settled(await requests.request(_id(outcome)))
    assert record.state is Stage.DONE
    assert record.answer is not None
    assert record.answer["text"].startswith("bot is back after")
    assert record.answer["text"].endswith("asked by Olga.")


async def test_what_was_left_is_restarted_by_the_successor(units: Ops, systemctl: Systemctl, queue: Queue) -> None:
    await say_working(queue)
    outcome = await units.order(OLGA, "restart worker")
    with patch.object(type(fleet_of(units).service("worker")), "restart", _die):
        await units.console.confirm(_id(outcome), OLGA, OPS)
        await units.console.executor.close(within_s=0)
    # The first one was restarted when the process ended.
    systemctl.set("s2d-worker@1.service", {"MainPID": "77"})
    successor = Ops(replace(units.parts))
    await successor.console.glance()
    record = await successor.settled(await requests.request(_id(outcome)))
    assert record.state is Stage.DONE
    asked = [line.split()[-1] for line in systemctl.asked if " restart " in line]
    assert asked == ["s2d-worker@2.service", "s2d-worker@3.service"]


async def test_a_viewer_restarts_nothing(local: Ops) -> None:
    assert "needs the role operator" in await local.refused(VERA, "restart worker")


async def test_a_rolling_restart_takes_one_worker_at_a_time(local: Ops, product: Run, queue: Queue) -> None:
    before = pids(product)
    for name in ("worker-1", "worker-2"):
        await say_working(queue, name)

    answer = await local.done(OLGA, "restart rolling", service="worker")

    assert answer.text.startswith("2 instances restarted and ready")
    after = pids(product)
    assert {name for name in before if before[name] != after[name]} == {"worker-1", "worker-2"}


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_postgres_is_not_restarted_under_a_long_transaction(
    ops: Ops, systemctl: Systemctl, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemctl.set("postgresql.service", RUNNING)
    declared = "services: [{name: postgres, back_end: systemd, unit: postgresql}]\n"
    console = with_services(ops, declared, tmp_path / "none")
    connection = await PostgresAddress.parsed(url).connect()
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1")
            plan = await console.planned(ALICE, "restart postgres")
            assert plan.summary.startswith("Restarts Postgres: 1 open transaction ")
            monkeypatch.setattr("chatops.services.restarting._LONG", timedelta(0))
            said = await console.refused(ALICE, "restart postgres")
            assert said.startswith("Postgres is not restarted while transactions are longer than 0 s: process ")
    finally:
        await connection.close()
    await console.done(ALICE, "restart postgres")
    assert systemctl.asked == ["systemctl --system --no-ask-password restart postgresql.service"]
