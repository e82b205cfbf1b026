"""The machine's clock is set while 200 pictures are on their way."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos import moving_clock
from tests.chaos.scene import scene, wishes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seconds", [-3600.0, 7200.0])
async def test_the_clock_is_set(tmp_path: Path, database_url: str | None, seconds: float) -> None:
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(wishes())
        moving_clock.move(now.product.clock_file, seconds)
        await asyncio.sleep(2)
        # Somebody dies, too: what they held must not wait for the old time to come again.
        now.product.worker(1).kill()
        await now.people.services.queue.redis.flushall()
        await now.ends_well(sending)
        if seconds < 0:
            assert "the clock was set back by" in now.product.log
