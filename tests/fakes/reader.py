"""A reader that stands in for the child process: it does what the picture's bytes say."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ocr_worker.child import (
    PictureRefused,
    ReaderUnavailable,
    Reading,
    ReadingCrashed,
    ReadingFaulted,
    ReadingOutOfMemory,
    ReadingTimedOut,
    RefusalCode,
)
from tests.making import DECK

FAILURES: dict[bytes, Exception] = {
    b"no deck": PictureRefused(RefusalCode.NO_DECK, "No decklist found in this picture."),
    b"crash": ReadingCrashed(),
    b"hang": ReadingTimedOut(45),
    b"memory": ReadingOutOfMemory(),
    b"fault": ReadingFaulted("This is a fault.", "KeyError"),
    b"no reader": ReaderUnavailable("The engine is not installed."),
}


@dataclass
class FakeReader:
    """Reads at once, or when ``may_go`` is set for the picture ``slow``."""

    read_pictures: list[bytes] = field(default_factory=list)
    may_go: asyncio.Event = field(default_factory=asyncio.Event)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """As the real handle."""
        self.read_pictures.append(picture)
        await on_stage("decoding")
        await on_stage("reading")
        self.has_begun.set()
        if picture.startswith(b"slow"):
            await self.may_go.wait()
        if picture in FAILURES:
            raise FAILURES[picture]
        return Reading(dict(DECK), {"reading": 0.5})
