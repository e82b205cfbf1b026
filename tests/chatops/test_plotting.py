"""Plots: what is drawn is a picture, with line and thresholds, and nobody waits for it."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from chatops.figures import Series
from chatops.observing import plotting
from chatops.observing.plotting import NotDrawn, plot, plotted
from config.ops import Threshold
from tests.making import NOW

SINCE = NOW - timedelta(hours=1)
QUEUE = Series("queue_length", tuple((SINCE + timedelta(minutes=one), 10.0 * one) for one in range(60)))
LIMITS = {"queue_length": Threshold(warn=100, alert=500)}


async def test_a_plot_is_a_picture_with_its_thresholds() -> None:
    waits: list[float] = []

    async def player() -> None:
        """Somebody who is answered meanwhile."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.01)
            waits.append(loop.time() - began)

    playing = asyncio.create_task(player())
    data = await plot([QUEUE, QUEUE], title="test", since=SINCE, until=NOW, thresholds=LIMITS)
    playing.cancel()

    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert picture.format is None
    assert (picture.width, picture.height) == (960, 720)
    colours = {colour for _, colour in picture.getcolors(1 << 20) or []}
    for drawn in ((0xF2, 0xC1, 0x4E), (0xFF, 0x6B, 0x6B), (0x5C, 0xB8, 0xFF)):
        assert drawn in colours
    # Dark: most of it is.
    assert sum(picture.resize((1, 1)).getpixel((0, 0))) < 3 * 80  # type: ignore[arg-type]
    assert len(waits) > 10


async def test_nothing_is_drawn_of_nothing() -> None:
    assert await plotted("x.png", [Series("cpu", ())], title="t", since=SINCE, until=NOW) == (
        (),
        "Nothing was measured in this time, so there is no plot.",
    )


async def test_what_takes_too_long_is_given_up() -> None:
    with pytest.raises(NotDrawn, match=r"could not be drawn within 0\.01 s"):
        await plot([QUEUE], title="t", since=SINCE, until=NOW, within_s=0.01)


def test_the_drawing_process_has_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    environment = plotting._environment(tmp_path)
    assert "DISCORD_TOKEN" not in environment
    assert environment["MPLCONFIGDIR"] == str(tmp_path)
