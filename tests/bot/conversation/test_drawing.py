"""Pictures drawn in a process of their own, which stays for the next one."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.conversation.drawing import CannotDraw, Drawing, open_drawing
from tests.fakes.deck_reader import picture
from tests.processes import eventually

DECK = {"schema": 1, "main": [{"count": 4, "name": "Opt", "certain": False, "box": [10, 10, 200, 40]}]}


@pytest.fixture
async def drawing(tmp_path: Path) -> AsyncIterator[Drawing]:
    async with open_drawing(tmp_path) as drawing:
        yield drawing


def waiting(drawing: Drawing) -> list[int]:
    """The processes that wait for the next picture."""
    return [helper.process.pid for helper in drawing._idle]


async def test_a_line_is_cut_out_and_the_same_process_draws_the_next(drawing: Drawing) -> None:
    crop = await drawing.crops(picture(), DECK)
    first = waiting(drawing)
    whole = await drawing.annotated(picture(), DECK)

    assert Image.open(io.BytesIO(crop)).format == "PNG"
    assert Image.open(io.BytesIO(whole)).format == "JPEG"
    assert len(first) == 1
    assert waiting(drawing) == first


async def test_what_is_no_picture_is_refused_and_the_next_one_is_drawn(drawing: Drawing) -> None:
    with pytest.raises(CannotDraw):
        await drawing.crops(b"no picture", DECK)
    assert await drawing.crops(picture(), DECK)


async def test_a_process_that_is_gone_is_replaced(drawing: Drawing) -> None:
    await drawing.crops(picture(), DECK)
    (gone,) = waiting(drawing)
    os.kill(gone, signal.SIGKILL)

    assert await drawing.crops(picture(), DECK)
    assert gone not in waiting(drawing)


async def test_many_at_once_are_drawn_by_two(drawing: Drawing) -> None:
    drawn = await asyncio.gather(*(drawing.crops(picture(salt=str(number)), DECK) for number in range(6)))

    assert all(drawn)
    assert len(waiting(drawing)) == 2


async def test_nobody_is_left_behind(tmp_path: Path) -> None:
    async with open_drawing(tmp_path) as drawing:
        await drawing.crops(picture(), DECK)
        (process,) = waiting(drawing)

    assert await eventually(lambda: not Path(f"/proc/{process}").exists())
