"""The Redis-protocol server dies, hangs, stays away or forgets everything while 200 pictures are on their way."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.embedded import EmbeddedRedis
from tests.chaos.scene import Scene, scene, wishes
from tests.processes import ENVIRONMENT

pytestmark = pytest.mark.slow


def no_worker_was_thought_dead(now: Scene) -> None:
    assert "has died" not in now.product.log


async def test_the_server_is_killed_and_started_again(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        now.product.redis.kill()
        await now.ends_well(sending)
        no_worker_was_thought_dead(now)
        assert "redis restarting in" in now.product.log


async def test_the_server_forgets_everything(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        await now.people.services.queue.redis.flushall()
        await now.ends_well(sending)
        no_worker_was_thought_dead(now)
        assert "had no job; they are queued again" in now.product.log


async def test_the_server_dies_and_its_file_is_lost(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        server = now.product.redis
        shutil.rmtree(now.product.data_dir / "redis" / "appendonlydir")
        server.kill()
        await now.ends_well(sending)
        no_worker_was_thought_dead(now)
        assert "had no job; they are queued again" in now.product.log


async def test_the_server_hangs_for_a_while(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        server = now.product.redis
        server.suspend()
        await asyncio.sleep(9)
        server.resume()
        await now.ends_well(sending, away_s=9)
        no_worker_was_thought_dead(now)


async def test_a_server_of_its_own_is_away_for_long(tmp_path: Path, database_url: str | None) -> None:
    with server(tmp_path / "elsewhere") as elsewhere:
        async with scene(tmp_path, database_url, REDIS_URL=elsewhere.address.url) as now:
            sending = await now.under_way(wishes())
            elsewhere.stop()
            await asyncio.sleep(15)
            elsewhere.start()
            await now.ends_well(sending, away_s=15)
            no_worker_was_thought_dead(now)
            assert "The Redis server does not answer" in now.product.log


class Elsewhere:
    """A server that the product's supervisor does not start."""

    def __init__(self, folder: Path) -> None:
        self.address = EmbeddedRedis(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self.address.command(), stdout=subprocess.DEVNULL, env=ENVIRONMENT)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait()


@contextmanager
def server(folder: Path) -> Iterator[Elsewhere]:
    """One that runs until the context ends."""
    one = Elsewhere(folder)
    (folder / "redis").mkdir(parents=True)
    one.start()
    try:
        yield one
    finally:
        one.stop(signal.SIGKILL)
