"""Pictures that say in their bytes what they show, and a reader that believes them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocr_worker.child import PictureRefused, Reading, ReadingTimedOut
from ocr_worker.child.errors import RefusalCode
from ocr_worker.decks import deck_to_json
from ocr_worker.pipeline import Reader

_HEAD = b"\x89PNG\r\n\x1a\n"
Rows = Sequence[tuple[int, str]]


def picture(main: Rows = ((4, "Opt"),), side: Rows = (), **more: Any) -> bytes:
    """A picture of a deck, which may follow the bytes of another.

    ``doubtful`` names cards with the candidates for them, ``warnings`` are sentences; ``slow_s`` is how long it takes
    to read, ``refused`` the code of a refusal, ``fails`` how often it takes too long.
    """
    return _HEAD + json.dumps({"main": main, "side": side, **more}).encode()


@dataclass(slots=True)
class BelievingReader:
    """Reads such pictures; ``read_pictures`` counts."""

    read_pictures: int = 0
    _failed: dict[bytes, int] = field(default_factory=dict)

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """As of ``ReaderProcess.read``."""
        self.read_pictures += 1
        shown = json.loads(picture[picture.rindex(_HEAD) + len(_HEAD) :])
        for stage in ("decoding", "reading"):
            await on_stage(stage)
        await asyncio.sleep(shown.get("slow_s", 0))
        if self._failed.get(picture, 0) < shown.get("fails", 0):
            self._failed[picture] = self._failed.get(picture, 0) + 1
            raise ReadingTimedOut(45.0)
        if "refused" in shown:
            raise PictureRefused(RefusalCode(shown["refused"]), "No decklist found in this picture.")
        await on_stage("matching")
        return Reading(_deck(shown), {"reading": 0.01})


def _deck(shown: Mapping[str, Any]) -> dict[str, Any]:
    doubtful = shown.get("doubtful", {})
    sections = {
        section: [
            {
                "count": count,
                "name": name,
                "certain": name not in doubtful,
                "read": name,
                "box": shown.get("boxes", {}).get(name),
                "candidates": doubtful.get(name, []),
            }
            for count, name in shown[section]
        ]
        for section in ("main", "side")
    }
    totals = {name: {"read": sum(row["count"] for row in rows), "displayed": None} for name, rows in sections.items()}
    return {
        "schema": 1,
        "image": None,
        "kind": "arena-list",
        **sections,
        "commander": [],
        "companion": [],
        "totals": totals,
        "verified": not doubtful,
        "warnings": shown.get("warnings", []),
        "engine": "fake",
        "seconds": 0.01,
    }


@dataclass(slots=True)
class RealReader:
    """The real thing, in a thread of this process."""

    reader: Reader
    read_pictures: int = 0

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """As of ``ReaderProcess.read``."""
        self.read_pictures += 1
        await on_stage("reading")
        deck = await asyncio.to_thread(self.reader.read, picture)
        return Reading(deck_to_json(deck, engine="rapidocr", seconds=1.0), {"reading": 1.0})
