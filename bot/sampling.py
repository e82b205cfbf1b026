"""The sample that ships with the product, and a reader beside the queue, for the console's self-test."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from chatops.model import NotPossible
from chatops.queueing.selftesting import DirectReading, Sample
from config.settings import Settings
from ocr_worker.child import (
    ChildLimits,
    PictureRefused,
    ReaderProcess,
    ReaderUnavailable,
    ReadingFailed,
    reader_command,
)

SAMPLE = Path(__file__).parent / "data" / "sample.jpg"
_GOLDEN = SAMPLE.with_suffix(".json")


def shipped_sample() -> Sample:
    """The picture, with the list that it shows."""
    return Sample(SAMPLE.name, SAMPLE.read_bytes(), json.loads(_GOLDEN.read_text(encoding="utf-8")))


async def _ignore(_: str) -> None:
    """Stages are not followed."""


@dataclass(frozen=True, slots=True)
class OwnReader:
    """Reads in a child process that is started for one picture."""

    settings: Settings

    async def read(self, picture: bytes, engine: str | None) -> DirectReading:
        """As ``DirectReader``."""
        settings = self.settings
        limits = ChildLimits(time_s=settings.reading_seconds, memory_bytes=settings.reading_memory_mb * 1_000_000)
        threads = max(1, (os.cpu_count() or 1) // 2)
        reader = ReaderProcess(reader_command(engine or settings.ocr_engine.value, settings.data_dir, threads), limits)
        try:
            await reader.start()
            name = reader.facts.engine if reader.facts else ""
            reading = await reader.read(picture, _ignore)
        except (PictureRefused, ReadingFailed, ReaderUnavailable) as error:
            raise NotPossible(str(error)) from error
        finally:
            await reader.stop()
        return DirectReading(reading.deck, name, reading.timings)
