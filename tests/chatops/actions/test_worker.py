"""Workers are added and taken away, as far as there is memory for them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.queue import Queue
from storage.sockets import control_socket
from tests.bot.supervision.recording import Run
from tests.chatops.acting import ALICE, OLGA, OPS, VERA, Ops
from tests.chatops.fleets import LOCAL, say_working, small_product, with_services
from tests.fakes.docker_engine import docker_engine


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Run]:
    async with small_product(tmp_path, workers=1) as run:
        yield run


@pytest.fixture
def local(ops: Ops, product: Run, tmp_path: Path) -> Ops:
    return with_services(ops, LOCAL, control_socket(tmp_path))


async def test_there_and_back(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue, memory=1_000_000)
    plan = await local.planned(OLGA, "worker scale", n=3)
    assert plan.summary.startswith("From 1 to 3 workers. They need 2 × 0.0 GB; ")
    answer = await local.done(OLGA, "worker scale", n=3)
    assert answer.text == (
        "3 workers ready. The queue is empty. It stays so until the next start; WORKERS sets it for good."
    )
    assert [one.label for one in answer.suggestions] == ["queue inspect", "back to 1"]

    plan = await local.planned(OLGA, "worker scale", n=1)
    assert plan.summary == "From 3 to 1 workers: 2 workers go, each after its picture."
    await local.done(OLGA, "worker scale", n=1)
    assert [one.part.name for one in product.supervisor.keepers] == ["redis", "bot", "worker-1"]


async def test_as_many_as_were_asked_for_whoever_brings_it_to_its_end(local: Ops, product: Run, queue: Queue) -> None:
    await say_working(queue, memory=1_000_000)
    outcome = await local.order(OLGA, "worker scale", n=3)
    assert outcome.request is not None, outcome.answer
    confirmed = await local.console.confirm(outcome.request.id, OLGA, OPS)
    assert confirmed.request is not None, confirmed.answer
    await local.console.executor.close(within_s=0)

    successor = Ops(replace(local.parts))
    await successor.console.glance()
    ended = await successor.settled(outcome.request)
    assert ended.answer is not None
    assert ended.answer["text"].startswith("3 workers ready.")
    assert len([one for one in product.supervisor.keepers if one.part.name.startswith("worker-")]) == 3


async def test_no_more_than_there_is_memory_for(local: Ops, queue: Queue) -> None:
    await say_working(queue, memory=10**15)
    said = await local.refused(OLGA, "worker scale", n=2)
    assert said.startswith("1 more worker would need 1 × 1000000.0 GB, and ")


@pytest.mark.parametrize(("n", "said"), [("0", "n: must be 1 to 8."), ("9", "n: must be 1 to 8."), ("1", "already")])
async def test_bounds(local: Ops, n: str, said: str) -> None:
    assert said in await local.refused(OLGA, "worker scale", n=n)


async def test_a_viewer_cannot(local: Ops) -> None:
    assert "needs the role operator" in await local.refused(VERA, "worker scale", n=2)


async def test_limits_are_shown_and_set_where_the_back_end_has_them(ops: Ops, tmp_path: Path) -> None:
    async with docker_engine(tmp_path / "docker.sock") as engine:
        engine.add("bot")
        declared = f"""
services: [{{name: bot, back_end: docker}}]
orchestrators: {{docker: {{url: "unix://{tmp_path}/docker.sock"}}}}
"""
        running = with_services(ops, declared, tmp_path)
        plan = await running.planned(ALICE, "limits set", service="bot", memory="1G", cpus="1.5")
        assert plan.summary == "bot: memory from – to 1024 MB and cpus from – to 1.5. It runs on."
        answer = await running.done(ALICE, "limits set", service="bot", memory="1G", cpus="1.5")
        assert answer.text.endswith("change mem_limit and cpus of the Compose file too.")
        shown = await running.done(VERA, "limits show")
        assert shown.table is not None
        assert shown.table.rows == (("bot", "0 MB", "1024 MB", "1.5"),)


async def test_limits_have_bounds_and_need_a_back_end_that_sets_them(local: Ops) -> None:
    assert await local.refused(ALICE, "limits set", service="bot", memory="64M") == "memory: must be 256M to 4G."
    assert "needs memory (256M to 4G) or cpus" in await local.refused(ALICE, "limits set", service="bot")
    said = await local.refused(ALICE, "limits set", service="bot", memory="1G")
    assert said == "The local supervisor sets no limits for bot."
    assert (await local.done(VERA, "limits show")).text == "The local supervisor sets no limits for worker."
