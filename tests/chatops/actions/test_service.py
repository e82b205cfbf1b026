"""Services are looked at, started and stopped in their order."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import maintenance
from storage.queue import Queue
from storage.sockets import control_socket
from tests.bot.supervision.recording import Run
from tests.chatops.acting import ALICE, OLGA, VERA, Ops
from tests.chatops.fleets import LOCAL, say_working, small_product, with_services
from tests.fakes.systemctl import INACTIVE, RUNNING, Systemctl

UNITS = """
services:
  - {name: worker, back_end: systemd, unit: s2d-worker, depends_on: [redis, bot]}
  - {name: bot, back_end: systemd, unit: s2d-bot, depends_on: [redis]}
  - {name: redis, back_end: systemd}
"""


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
    for name in ("s2d-worker", "s2d-bot", "redis"):
        stub.set(f"{name}.service", RUNNING)
    monkeypatch.setenv("PATH", stub.path)
    return stub


@pytest.fixture
def units(ops: Ops, systemctl: Systemctl, tmp_path: Path) -> Ops:
    return with_services(ops, UNITS, tmp_path / "none")


async def test_what_runs_is_a_table_of_one_line_each(local: Ops) -> None:
    answer = await local.done(VERA, "service status")
    assert answer.text == "All services run."
    assert answer.table is not None
    assert [row[:2] for row in answer.table.rows] == [
        ("redis", "running"),
        ("bot", "running"),
        ("worker-1", "running"),
        ("worker-2", "running"),
    ]


async def test_what_does_not_run_says_why_and_offers_its_start(units: Ops, systemctl: Systemctl) -> None:
    systemctl.set("s2d-bot.service", {"ActiveState": "failed", "SubState": "failed", "Result": "oom-kill"})
    answer = await units.answer(VERA, "service status")
    assert (answer.ok, answer.text) == (False, "bot: not as it should be.")
    assert [one.label for one in answer.suggestions] == ["start bot"]
    assert "stopped (oom-kill)" in str(answer.table)


async def test_a_back_end_that_is_away_is_told_and_nothing_is_made_up(ops: Ops, tmp_path: Path) -> None:
    lonely = with_services(ops, LOCAL, tmp_path / "control.sock")
    answer = await lonely.answer(VERA, "service status")
    assert answer.text.endswith("The supervisor (screen2deck up) does not answer.")
    assert {row[1] for row in answer.table.rows} == {"unknown"} if answer.table else False


async def test_without_services_it_says_what_is_missing(ops: Ops) -> None:
    said = await ops.refused(VERA, "service status")
    assert said.startswith("service status is not configured here: No services are declared under services in ops.yaml")


async def test_a_wrong_name_gets_the_nearest(local: Ops) -> None:
    assert await local.refused(VERA, "service status", service="wroker") == "service: did you mean worker?"


async def test_services_start_after_what_they_need(units: Ops, systemctl: Systemctl, queue: Queue) -> None:
    await say_working(queue)
    for name in ("s2d-worker", "s2d-bot", "redis"):
        systemctl.set(f"{name}.service", INACTIVE)
    plan = await units.planned(OLGA, "service start", service="worker")
    assert plan.summary.startswith("Starts redis, then bot, then worker;")
    await units.done(OLGA, "service start", service="worker")
    assert [line.split()[-1] for line in systemctl.asked] == ["redis.service", "s2d-bot.service", "s2d-worker.service"]
    assert await units.refused(OLGA, "service start") == "All services run already."


async def test_a_start_that_fails_ends_the_order(units: Ops, systemctl: Systemctl) -> None:
    for name in ("s2d-worker", "s2d-bot", "redis"):
        systemctl.set(f"{name}.service", INACTIVE)
    systemctl.set("s2d-bot.service", {"refuses": "start"})
    said = await units.refused(OLGA, "service start")
    assert said.startswith("systemctl says: Job for s2d-bot.service failed")
    assert not any("worker" in line for line in systemctl.asked)


async def test_a_stop_begins_maintenance_and_drains_first(local: Ops, product: Run, queue: Queue) -> None:
    plan = await local.planned(ALICE, "service stop", service="worker")
    assert plan.summary == ("Maintenance begins; the queue is empty. Then stops worker; what they do may be finished.")
    answer = await local.done(ALICE, "service stop", service="worker")
    assert answer.text == "Stopped: worker. The queue was empty."
    assert await maintenance.in_force(local.now) is not None
    assert [one.part.name for one in product.supervisor.keepers if one.is_wanted] == ["redis", "bot"]

    await say_working(queue)
    started = await local.done(OLGA, "service start")
    assert "Maintenance is still on." in started.text


async def test_redis_is_not_stopped_while_a_worker_is_up(local: Ops, product: Run) -> None:
    said = await local.refused(ALICE, "service stop", service="redis")
    assert said.startswith("redis cannot be stopped while workers are up (worker-1, worker-2)")
    assert len([one for one in product.supervisor.keepers if one.is_wanted]) == 4


async def test_all_stop_those_first_that_need_others(units: Ops, systemctl: Systemctl) -> None:
    await units.done(ALICE, "service stop", service="all", drain="no")
    assert [line.split()[-1] for line in systemctl.asked] == ["s2d-worker.service", "s2d-bot.service", "redis.service"]


async def test_who_stops_himself_is_warned_and_is_last(units: Ops, systemctl: Systemctl) -> None:
    systemctl.set("s2d-bot.service", {"MainPID": str(os.getpid())})
    plan = await units.planned(ALICE, "service stop", service="all", drain="no")
    assert "will not be able to answer; start it again on the server with screen2deck ops service start" in plan.summary
    await units.done(ALICE, "service stop", service="all", drain="no")
    assert systemctl.asked[-1].endswith("stop s2d-bot.service")


async def test_what_survives_a_stop_is_told(units: Ops, systemctl: Systemctl) -> None:
    systemctl.set("s2d-bot.service", {"immortal": "yes"})
    answer = await units.answer(ALICE, "service stop", service="bot", drain="no")
    assert answer.text == "Still there: s2d-bot.service (running, process 4711)."


async def test_a_supervisor_has_no_containers_to_make_anew(local: Ops) -> None:
    said = await local.refused(ALICE, "service recreate", service="bot")
    assert said == "The local supervisor has no containers to make anew; restart bot instead."


async def test_an_operator_cannot_stop_services(local: Ops) -> None:
    assert "needs the role admin" in await local.refused(OLGA, "service stop", service="worker")
