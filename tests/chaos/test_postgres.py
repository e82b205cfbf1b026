"""Postgres is restarted, or away for a while, with 200 pictures on their way."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.chaos.scene import scene, wishes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("away_s", [0.0, 12.0])
async def test_postgres_is_stopped_and_started(tmp_path: Path, postgres: Any, postgres_url: str, away_s: float) -> None:
    EXECUTOR_CACHE.clear()
    async with scene(tmp_path, postgres_url) as now:
        sending = await now.under_way(wishes())
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(postgres.ensure_postgres_running)
        await now.ends_well(sending, away_s=away_s)
        assert "The database does not answer" in now.product.log or not away_s
        assert "Traceback" not in now.product.log
