"""What a worker with its reader takes of memory, measured on the real product."""

import pytest

from tools import bench_memory
from tools.bench import SAMPLE


@pytest.mark.slow
async def test_worker_and_reader_are_watched_while_a_picture_becomes_a_deck() -> None:
    decks, both, shared_once, reader = await bench_memory.measure([SAMPLE], "rapidocr")

    assert decks.value == 1
    assert 100 < reader.value < both.value < 1500
    assert shared_once.value <= both.value
