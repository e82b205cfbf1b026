"""Figures, health, logs and investigations as conversations on Telegram."""

import io
from datetime import timedelta

from PIL import Image

from storage import samples
from storage.samples import SampleRecord
from tests.bot.operator import operating
from tests.bot.telegram.operations import Scene
from tests.processes import eventually


async def test_figures_come_with_a_plot(ops: Scene) -> None:
    async with operating(ops.product.settings) as parts:
        at = parts.clock() - timedelta(minutes=1)
        await samples.add(SampleRecord("x", at, 15, {"queue_length": 300.0}, {}))

    await ops.order(ops.vera, "/metrics show name=queue_length", "all that can be measured is normal", "100 / 500")
    assert await eventually(lambda: any(one.file for one in ops.room.from_bot))
    (plot,) = [one.file for one in ops.room.from_bot if one.file]
    assert Image.open(io.BytesIO(plot)).size[0] == 960


async def test_readiness_tells_of_telegram_itself(ops: Scene) -> None:
    shown = await ops.order(ops.vera, "/health ready", "ready.", "telegram")
    assert "@" in shown.text
    await ops.order(ops.vera, "/health check svc=databse", "did you mean database?")


async def test_machine_and_logs_are_for_responders(ops: Scene) -> None:
    await ops.order(ops.olga, "/host disk", "all disks have room", "not measured")
    await ops.order(ops.olga, "/logs errors since=5m", "no errors in the last 5 min")
    await ops.order(ops.vera, "/host top", "needs the role responder")


async def test_an_investigation_has_a_verdict_and_its_checks(ops: Scene) -> None:
    await ops.order(ops.olga, "/diagnose memory", "largest processes", "want of memory")
    assert await eventually(lambda: any(one.file_name == "diagnosis-memory.txt" for one in ops.room.from_bot))
