"""A supervised product with the real server: killed and interrupted as people and systems do it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from storage.embedded import EmbeddedRedis
from tests.processes import ENVIRONMENT, PATIENCE_S, is_dead, until
from tests.shared import ROOT

#: Two workers with a child each, and the server.
DESCENDANTS = 5


class Product:
    """A running product."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def come_up(self) -> list[psutil.Process]:
        """Wait until all of it runs; return its processes without the supervisor."""
        assert until(lambda: "worker-2 ready" in self.lines() and len(self.parts()) == DESCENDANTS), self.lines()
        return self.parts()


@contextmanager
def product(data_dir: Path, log: Path) -> Iterator[Product]:
    """Start the product in a process group of its own, as a terminal does."""
    command = [sys.executable, "-m", "tests.bot.supervision.product", str(data_dir)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=ENVIRONMENT, cwd=ROOT, start_new_session=True)
    with process:
        try:
            yield Product(process, log)
        finally:
            process.kill()


def are_gone(processes: list[psutil.Process]) -> bool:
    return until(lambda: all(map(is_dead, processes)))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server ends half a second later")
def test_a_killed_supervisor_leaves_nothing_and_the_next_start_finds_the_data(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with product(data_dir, tmp_path / "log") as first:
        parts = first.come_up()
        with redis.Redis.from_url(EmbeddedRedis(data_dir).url) as client:
            client.set("job", "kept")
        first.process.kill()
        assert are_gone(parts)

    with product(data_dir, tmp_path / "log") as second:
        second.come_up()
        with redis.Redis.from_url(EmbeddedRedis(data_dir).url) as client:
            assert client.get("job") == b"kept"


def test_it_starts_at_once_after_a_kill(tmp_path: Path) -> None:
    for _ in range(3):
        with product(tmp_path, tmp_path / "log") as started:
            started.come_up()
            started.process.kill()


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_its_process_group_stops_it_in_order(tmp_path: Path, what: signal.Signals) -> None:
    with product(tmp_path, tmp_path / "log") as started:
        parts = started.come_up()
        os.killpg(started.process.pid, what)
        assert started.process.wait(PATIENCE_S) == 0
        assert are_gone(parts)

    ends = [line.split()[0] for line in started.lines() if " stopped" in line]
    assert sorted(ends[:2]) == ["worker-1", "worker-2"]
    assert ends[2:] == ["redis"]
    assert not [line for line in started.lines() if "restarting" in line]


def test_a_killed_server_is_replaced_and_has_its_data(tmp_path: Path) -> None:
    with product(tmp_path, tmp_path / "log") as started:
        started.come_up()
        with redis.Redis.from_url(EmbeddedRedis(tmp_path).url) as client:
            client.set("job", "kept")
            psutil.Process(int(client.info()["process_id"])).kill()
        assert until(lambda: started.lines().count("redis ready") == 2)
        with redis.Redis.from_url(EmbeddedRedis(tmp_path).url) as client:
            assert client.get("job") == b"kept"
        assert started.lines().count("worker-1 starting") == 1
