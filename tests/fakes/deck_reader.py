"""Pictures that say what is to be read from them, and a reader in this process that reads them."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from PIL import Image

from ocr_worker.cards import Card
from ocr_worker.child import PictureRefused, Reading, ReadingTimedOut
from ocr_worker.child.errors import RefusalCode
from ocr_worker.decks import Deck, DeckLine, Section, deck_to_json

_MARK = b"what is read: "
NO_DECK = "no deck"

MAIN = ((4, "Lightning Bolt"), (4, "Opt"), (4, "Steam Vents"), (4, "Ledger Shredder"))
SIDE = ((2, "Negate"), (3, "Abrade"))


def picture(
    main: tuple[tuple[int, str], ...] = MAIN,
    side: tuple[tuple[int, str], ...] = SIDE,
    doubtful: dict[str, tuple[str, ...]] | None = None,
    salt: str = "",
) -> bytes:
    """A PNG; names in ``doubtful`` are uncertain, with these candidates. Equal ones are the same picture."""
    return _png(json.dumps({"main": main, "side": side, "doubtful": doubtful or {}, "salt": salt}))


def heic() -> bytes:
    """The same picture as a phone takes it."""
    from pillow_heif import from_pillow

    buffer, (_, mark, words) = io.BytesIO(), picture().partition(_MARK)
    from_pillow(Image.new("RGB", (320, 240), (40, 60, 90))).save(buffer)
    return buffer.getvalue() + mark + words


def grown(data: bytes, size: int) -> bytes:
    """The same picture with so many bytes."""
    head, mark, words = data.partition(_MARK)
    return head + bytes(size - len(data)) + mark + words


def landscape() -> bytes:
    """A PNG that shows no deck."""
    return _png(NO_DECK)


def _png(words: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), (40, 60, 90)).save(buffer, "PNG")
    return buffer.getvalue() + _MARK + words.encode()


@dataclass(slots=True)
class FakeReader:
    """Reads while ``gate`` is open, after so many ``failures``; ``reads`` counts."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reads: int = 0
    failures: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def read(self, picture: bytes, on_stage: Callable[[str], Awaitable[None]]) -> Reading:
        """As ``ocr_worker.jobs.Reads``."""
        self.reads += 1
        await on_stage("decoding")
        words = picture.partition(_MARK)[2].decode()
        if not words:
            raise PictureRefused(RefusalCode.BAD_PICTURE, "This file is damaged: send it again.")
        await on_stage("reading")
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise ReadingTimedOut(45.0)
        await on_stage("matching")
        if words == NO_DECK:
            raise PictureRefused(RefusalCode.NO_DECK, "No decklist found in this picture.")
        return Reading(deck_to_json(_deck(json.loads(words)), engine="fake", seconds=0.1), {"reading": 0.1})


def _deck(said: dict[str, dict[str, list[str]] | list[tuple[int, str]]]) -> Deck:
    doubtful = said["doubtful"]
    assert isinstance(doubtful, dict)
    lines = {}
    for section in (Section.MAIN, Section.SIDEBOARD):
        lines[section] = tuple(
            DeckLine(
                count,
                Card(name),
                certain=name not in doubtful,
                read=name.lower(),
                box=(10, 10, 200, 30),
                candidates=tuple(doubtful.get(name, ())),
            )
            for count, name in said[section.value]
        )
    return Deck(lines, kind="arena-list")
