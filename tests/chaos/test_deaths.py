"""A process of the product is killed without warning while 200 pictures are on their way."""

import asyncio
import time
from pathlib import Path

import pytest

from storage import conversions
from storage.records import State
from tests.chaos.driving import eventually, slowness
from tests.chaos.promises import LATE_S
from tests.chaos.scene import scene, wishes

pytestmark = pytest.mark.slow


async def test_a_worker_dies_in_the_middle_of_a_picture(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        worker = now.product.worker(1)
        held = await now.held_by(1)
        worker.kill()
        killed = now.people.services.clock()
        verdict = await now.ends_well(sending)
        history = await conversions.events(held.id)
        taken = [event.at for event in history if event.state is State.RUNNING and event.at > killed]
        if taken:
            waited = (taken[0] - killed).total_seconds()
            print(f"taken over after {waited:.1f} s")  # noqa: T201
            assert waited < LATE_S * slowness()
        assert verdict
        log = now.product.log
        assert "worker-1 restarting in" in log
        assert "killed by SIGKILL" in log


async def test_the_bot_process_dies(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        now.product.bot.kill()
        await now.ends_well(sending)
        assert "bot restarting in" in now.product.log


async def test_the_supervisor_dies_and_is_started_again(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        now.product.kill_supervisor()
        gone = await eventually(lambda: now.product.processes() == [], 5 * slowness())
        print(f"all gone after {gone:.1f} s")  # noqa: T201
        now.product.start()
        start = time.time()
        ready = now.product.log.count("ready at http")
        await eventually(lambda: now.product.log.count("ready at http") > ready, 60 * slowness())
        await now.ends_well(sending, away_s=time.time() - start)


async def test_everything_dies_again_and_again(tmp_path: Path, database_url: str | None) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        for _ in range(2):
            now.product.worker(1).kill()
            now.product.bot.kill()
            await asyncio.sleep(0.5)
            now.product.worker(2).kill()
            now.product.redis.kill()
            await asyncio.sleep(2)
        await now.ends_well(sending, away_s=5)
