"""Figures, health, logs and investigations as conversations on Discord."""

import asyncio
import contextlib
import io
import json
from datetime import UTC, datetime, timedelta

from PIL import Image

from bot.http.health import NotReady
from storage import samples
from storage.samples import SampleRecord
from tests.bot.discord.operations import Scene
from tests.bot.operator import operating
from tests.processes import eventually


async def test_figures_come_with_a_plot(ops: Scene) -> None:
    async with operating(ops.product.settings) as parts:
        for minute in range(3):
            at = parts.clock() - timedelta(minutes=1 + minute)
            await samples.add(SampleRecord("x", at, 15, {"queue_length": 300.0 + minute}, {}))

    shown = await ops.operate(ops.vera, "metrics show", name="queue_length")
    await ops.says(shown, "All that can be measured is normal.", "100 / 500")
    assert await eventually(lambda: [one["filename"] for one in shown.attachments] == ["metrics.png"])
    data = ops.discord.world.files[int(shown.attachments[0]["id"])]
    assert Image.open(io.BytesIO(data)).size[0] == 960


async def test_readiness_tells_of_discord_itself(ops: Scene) -> None:
    skin = (await ops.product.restart()).skin
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(NotReady):
                await skin.check()
                break
            await asyncio.sleep(0.05)
    await ops.says(await ops.operate(ops.vera, "health ready"), "Ready.", "discord", "1 servers")
    await ops.says(await ops.operate(ops.vera, "health check", service="workers"), "1 of 1 answer.")


async def test_errors_of_the_log_are_grouped_for_responders(ops: Scene) -> None:
    folder = ops.product.settings.data_dir / "logs"
    folder.mkdir(exist_ok=True)
    with (folder / "worker-1.jsonl").open("w", encoding="utf-8") as file:
        for number in range(3):
            line = {"event": f"conversion {number} failed: @everyone", "level": "error", "logger": "ocr_worker.jobs"}
            file.write(json.dumps({**line, "timestamp": datetime.now(UTC).isoformat()}) + "\n")

    shown = await ops.operate(ops.rita, "logs errors")
    await ops.says(shown, "3 errors of 1 kind in the last 1 h.", "conversion <n> failed")
    assert shown.mentions == []
    await ops.says(await ops.operate(ops.vera, "logs errors"), "needs the role responder")


async def test_an_investigation_has_a_verdict_evidence_and_buttons(ops: Scene) -> None:
    """The reader of this product knows no real pictures, which is what the sample finds out."""
    shown = await ops.operate(ops.rita, "diagnose ocr")
    await ops.says(shown, "Likely reading of a sample: Failed", "queue and workers", "No job waiting")
    assert await eventually(lambda: "diagnosis-ocr.txt" in [one["filename"] for one in shown.attachments])
