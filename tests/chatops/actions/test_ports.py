"""Only a leftover of our own is ever ended for a port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from chatops.services import ports
from chatops.services.ports import PortOwner
from tests.chatops.acting import ALICE, RITA, Ops
from tests.processes import ENVIRONMENT, until

LISTEN = (
    "import socket, sys, time; server = socket.create_server(('127.0.0.1', int(sys.argv[-1]))); "
    "print('up', flush=True); time.sleep(600)"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def running(ops: Ops, port: int) -> Ops:
    return Ops(replace(ops.parts, settings=ops.parts.settings.model_copy(update={"http_port": port})))


@contextmanager
def listening(port: int, *words: str, data_dir: Path, first: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A process that holds a port; ``words`` are what its command line says it is, ``first`` is done before."""
    environment = {**ENVIRONMENT, "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", first + LISTEN, *words, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_leftover_of_ours_is_told_and_ended(running: Ops, port: int, tmp_path: Path) -> None:
    with listening(port, "bot.cli", "bot", data_dir=tmp_path) as leftover:
        answer = await running.answer(RITA, "service port-owner")
        assert "(a leftover of ours)" in answer.text
        assert answer.data[0]["pid"] == leftover.pid

        plan = await running.planned(ALICE, "service free-port", port=port)
        assert f"{leftover.pid} since " in plan.summary
        freed = await running.done(ALICE, "service free-port", port=port)
        assert freed.text.endswith(f"({leftover.pid}) ended when asked. Port {port} is free.")
        assert until(lambda: leftover.poll() is not None)
    assert (await running.done(RITA, "service port-owner")).text == f"Port {port} is free."


async def test_a_process_of_somebody_else_is_never_ended(running: Ops, port: int, tmp_path: Path) -> None:
    with listening(port, data_dir=tmp_path) as foreign:
        assert "(not ours, of " in (await running.answer(RITA, "service port-owner")).text
        said = await running.refused(ALICE, "service free-port", port=port)
        assert said.endswith("which is not ours.")
        assert foreign.poll() is None


async def test_nor_one_of_another_data_folder(running: Ops, port: int, tmp_path: Path) -> None:
    with listening(port, "bot.cli", "bot", data_dir=tmp_path / "other") as other:
        assert "which is not ours" in await running.refused(ALICE, "service free-port", port=port)
        assert other.poll() is None


async def test_nor_ourselves(running: Ops, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        answer = await running.done(RITA, "service port-owner")
        assert (answer.data[0]["pid"], answer.data[0]["leftover"]) == (os.getpid(), False)
        assert "is held by the service this process" in await running.refused(ALICE, "service free-port", port=port)


async def test_only_ports_of_this_deployment(running: Ops, port: int) -> None:
    assert await running.refused(RITA, "service port-owner", port=22) == f"port: must be one of {port}."


def owner(process: "subprocess.Popen[str]", **changes: datetime) -> PortOwner:
    """As it was told when the plan was made."""
    began = datetime.fromtimestamp(psutil.Process(process.pid).create_time(), UTC)
    return PortOwner(process.pid, "python", "somebody", changes.get("began", began), is_leftover=True)


async def test_what_does_not_end_when_asked_is_killed(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_END_S", 2.0)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    with listening(port, data_dir=tmp_path, first=deaf) as stubborn:
        assert await ports.is_taken(port)
        assert await ports.end(owner(stubborn)) == "was killed, since it did not end within 10 s"
        assert until(lambda: stubborn.poll() is not None)
    assert not await ports.is_taken(port)


async def test_another_process_that_got_the_number_meanwhile_is_left_alone(port: int, tmp_path: Path) -> None:
    with listening(port, data_dir=tmp_path) as stranger:
        before = owner(stranger, began=datetime.now(UTC) - timedelta(days=1))
        assert await ports.end(before) == "had ended already"
        assert stranger.poll() is None
        gone = owner(stranger)
        stranger.kill()
        stranger.wait()
    assert await ports.end(gone) == "had ended already"


async def test_where_the_system_hides_who_listens_it_is_said(running: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", hidden)
    assert "shown to root alone" in await running.refused(RITA, "service port-owner")
