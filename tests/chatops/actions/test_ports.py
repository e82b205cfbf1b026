"""Only a leftover of our own is ever ended for a port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

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
def listening(port: int, *words: str, data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds a port; ``words`` are what its command line says it is."""
    environment = {**ENVIRONMENT, "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", LISTEN, *words, str(port)]
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
