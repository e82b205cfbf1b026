"""The machine as people ask for it."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from chatops.actions import host
from chatops.observing.machine import Machine
from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet
from chatops.orchestrators.port import Basic, Instance, Limits, State, Status
from config.ops_services import BackEnd, ServiceEntry
from storage import samples
from storage.samples import SampleRecord
from tests.chatops.acting import RITA, VERA, Ops
from tests.making import NOW
from tests.processes import python, running


class Containers(Basic):
    """A back end with one service whose instances use so much."""

    def __init__(self, sizes: Sequence[int], detail: str = "") -> None:
        self.sizes = sizes
        self.detail = detail

    async def status(self, service: ServiceEntry) -> Status:
        found = tuple(
            Instance(f"worker-{number}", str(number), State.RUNNING, memory=size, detail=self.detail)
            for number, size in enumerate(self.sizes)
        )
        return Status(service.name, len(found), found)

    async def limits(self, service: ServiceEntry) -> Limits:
        return Limits(memory=2_000_000_000)


def with_containers(ops: Ops, *sizes: int, detail: str = "") -> Ops:
    entry = ServiceEntry(name="worker", back_end=BackEnd.DOCKER)
    fleet = Fleet((entry,), {BackEnd.DOCKER: Containers(sizes, detail)})  # type: ignore[dict-item]
    return Ops(replace(ops.parts, provided={ORCHESTRATOR.name: fleet}))


async def test_stats_tell_of_machine_and_services(ops: Ops) -> None:
    answer = await with_containers(ops, 300_000_000, 1_200_000_000).done(RITA, "host stats")
    assert answer.table is not None
    rows = dict(answer.table.rows)
    assert rows["processor"].endswith(f"{Machine().processor().cores:g} cores")
    assert rows["service worker"] == "running, 1.5 GB in 2 processes of 2.0 GB each, the largest 1.2 GB"
    assert "worker uses more than 1 GB" in answer.text
    assert "diagnose memory" in [one.action for one in answer.suggestions]
    assert 0 <= answer.data["cpu"] <= 1
    assert answer.data["memory"]["used"] < answer.data["memory"]["limit"]


async def test_without_an_orchestrator_the_machine_is_told(ops: Ops) -> None:
    answer = await ops.done(RITA, "host stats")
    assert "Services are not told apart: No services are declared" in answer.text


async def test_top_names_processes_and_never_their_arguments(ops: Ops) -> None:
    with running(
        [*python("import sys\nprint('ready', flush=True)\nsys.stdin.read()"), "--password=hunter2hunter2"]
    ) as one:
        assert one.stdout is not None
        one.stdout.readline()
        answer = await ops.done(RITA, "host top", n=30)
    assert answer.table is not None
    assert len(answer.table.rows) <= 30
    sizes = [row["memory"] for row in answer.data]
    assert sizes == sorted(sizes, reverse=True)
    assert "python" in str(answer)
    assert "hunter2" not in str(answer)


async def test_disks_tell_when_they_will_be_full(ops: Ops) -> None:
    (first, *_) = Machine().disks([ops.parts.settings.data_dir])
    for day in range(1, 4):
        used = first.used - day * 1_000_000_000
        levels = {f"disk_used:{first.mount}": float(used)}
        await samples.add(SampleRecord("a", NOW - timedelta(days=day), 600, levels, {}))

    answer = await ops.answer(VERA, "host disk")
    (row,) = [one for one in answer.data if one["mount"] == first.mount]
    assert row["growth_per_day"] == pytest.approx(1_000_000_000, rel=0.01)
    assert row["days_left"] == pytest.approx((first.size - first.used) / 1e9, rel=0.02)
    assert answer.table is not None
    assert any("1.0 GB a day, full in " in line[-1] for line in answer.table.rows)


async def test_a_disk_that_is_nearly_full_is_an_alert(ops: Ops) -> None:
    limit = {"warn": 0.00001, "alert": 0.00002}
    policy = ops.parts.policy.model_copy(
        update={"thresholds": {"disk": host.figures.FIGURES["disk"].threshold.model_copy(update=limit)}}
    )  # type: ignore[union-attr]
    answer = await Ops(replace(ops.parts, policy=policy)).answer(VERA, "host disk")
    assert not answer.ok
    assert "alert" in answer.text
    assert [one.action for one in answer.suggestions] == ["host cleanup", "backup list"]


async def test_kills_for_want_of_memory_are_counted_since(
    ops: Ops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vmstat").write_text("oom_kill 7\n", encoding="ascii")
    monkeypatch.setattr(host, "Machine", lambda: Machine(tmp_path, tmp_path))
    assert (await ops.done(RITA, "host oom")).text.startswith("Nothing was measured in this time")

    await samples.add(SampleRecord("a", NOW - timedelta(minutes=30), 15, {"oom_kills:machine": 5.0}, {}))
    answer = await ops.answer(RITA, "host oom", since="1h")
    assert answer.text == "Memory ran out 2 times in the last 1 h."
    assert answer.data == {"machine": {"new": 2, "total": 7}}
    assert not answer.ok


async def test_containers_that_were_killed_are_named(ops: Ops) -> None:
    answer = await with_containers(ops, 1, detail="killed for want of memory").answer(RITA, "host oom")
    assert answer.table is not None
    assert ("worker worker-0", "killed for want of memory", "") in answer.table.rows
    assert not answer.ok


async def test_connections_are_counted_by_state(ops: Ops) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            answer = await ops.done(RITA, "host connections", port=port)
    assert answer.text == f"3 connections at port {port}, 2 established."
    assert answer.data == {"ESTABLISHED": 2, "LISTEN": 1}


async def test_swap_is_read_and_never_made(ops: Ops) -> None:
    before = psutil.swap_memory().total
    answer = await ops.done(RITA, "host swap")
    assert "It is not made from a chat" in answer.text
    assert answer.log[0] == "sudo fallocate -l 2G /swapfile"
    assert answer.data["total"] == psutil.swap_memory().total == before


async def test_reading_a_machine_is_for_responders(ops: Ops) -> None:
    for name in ("host stats", "host top", "host oom", "host connections", "host swap", "net probe"):
        assert "responder" in await ops.refused(VERA, name)
