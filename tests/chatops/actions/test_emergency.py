"""The emergency stop closes intake first, keeps Redis and the database up, and is undone in order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.ops import parse_policy
from storage import incidents, maintenance
from storage.incidents import NewIncident
from storage.maintenance import Mode
from storage.queue import Queue
from storage.sockets import control_socket
from tests.bot.supervision.recording import Run
from tests.chatops.acting import ALICE, OLGA, PEOPLE, Ops
from tests.chatops.fleets import LOCAL, say_working, small_product, with_services


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Run]:
    async with small_product(tmp_path, workers=1) as run:
        yield run


@pytest.fixture
def local(ops: Ops, product: Run, tmp_path: Path) -> Ops:
    return with_services(ops, LOCAL, control_socket(tmp_path))


def up(run: Run) -> list[str]:
    return [one.part.name for one in run.supervisor.keepers if one.is_wanted]


async def test_the_least_harmful_form_closes_intake_and_needs_no_orchestrator(ops: Ops) -> None:
    plan = await ops.planned(ALICE, "service emergency-stop")
    assert plan.summary.startswith("Refuses new pictures and lists (hard maintenance). service resume undoes it.")
    answer = await ops.done(ALICE, "service emergency-stop")
    assert answer.text.startswith("Intake is closed until ")
    record = await maintenance.in_force(ops.now)
    assert record is not None
    assert record.mode is Mode.HARD

    assert (await ops.done(OLGA, "service resume")).text == "Intake is open. No picture had to wait."
    assert await maintenance.in_force(ops.now) is None


async def test_all_leaves_redis_up_and_comes_back_in_order(local: Ops, product: Run, queue: Queue) -> None:
    answer = await local.done(ALICE, "service emergency-stop", scope="all")
    assert "Stopped: bot, worker." in answer.text
    assert up(product) == ["redis"]

    await say_working(queue)
    plan = await local.planned(OLGA, "service resume")
    assert plan.summary == "Starts bot, then worker, then opens intake: what waits is read."
    await local.done(OLGA, "service resume")
    assert up(product) == ["redis", "bot", "worker-1"]
    assert await local.refused(OLGA, "service resume") == "Nothing was stopped by service emergency-stop."


async def test_workers_alone(local: Ops, product: Run) -> None:
    await local.done(ALICE, "service emergency-stop", scope="workers")
    assert up(product) == ["redis", "bot"]


async def test_two_persons_are_needed(ops: Ops) -> None:
    plan = await ops.planned(ALICE, "service emergency-stop")
    assert plan.confirmation == "two-persons"


async def test_the_only_admin_is_enough_while_a_p0_is_open(ops: Ops) -> None:
    alone = PEOPLE.replace("name: Bob, role: admin", "name: Bob, role: operator")
    lonely = Ops(replace(ops.parts, policy=parse_policy(alone)))
    assert (await lonely.planned(ALICE, "service emergency-stop")).confirmation == "two-persons"

    opened = await incidents.open_incident(NewIncident("Site down", incidents.Severity.P0), by="Alice", now=ops.now)
    plan = await lonely.planned(ALICE, "service emergency-stop")
    assert plan.confirmation is None
    assert f"One person is enough: {opened.name} is P0" in plan.summary


async def test_an_operator_cannot(ops: Ops) -> None:
    assert "needs the role admin" in await ops.refused(OLGA, "service emergency-stop")
