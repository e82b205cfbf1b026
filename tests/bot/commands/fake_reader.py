"""A reader that knows beforehand what pictures show, by their width, and how often it was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

from ocr_worker.cards.card import Card
from ocr_worker.decks import Deck, DeckLine, Section, Total
from ocr_worker.errors import NoDeckFound
from ocr_worker.reading.decoding import Limits, decode


def lines(*rows: tuple[int, str]) -> tuple[DeckLine, ...]:
    return tuple(
        DeckLine(count, Card(name), read=name, box=(10, 10 + 25 * number, 90, 30 + 25 * number))
        for number, (count, name) in enumerate(rows)
    )


BURN = Deck(
    {
        Section.MAIN: lines((4, "Lightning Bolt"), (56, "Relentless Rats")),
        Section.SIDEBOARD: lines((2, "Abrade")),
    },
    kind="arena-list",
    totals={Section.MAIN: Total(60, 60), Section.SIDEBOARD: Total(2, 2)},
)
DOUBTED = Deck(
    {
        Section.MAIN: (
            DeckLine(
                3,
                Card("Island"),
                certain=False,
                read="ls1and",
                candidates=("Swamp", "Plains"),
                box=(9, 9, 80, 30),
            ),
        )
    },
    totals={Section.MAIN: Total(3, 4)},
    warnings=("The picture shows 4 cards in the main deck; 3 were read.",),
)
SIDE = Deck({Section.MAIN: lines((3, "Duress"), (4, "Negate"), (4, "Pithing Needle"), (4, "Opt"))})
COMPANION = Deck(
    {Section.MAIN: lines((60, "Relentless Rats")), Section.COMPANION: lines((1, "Lurrus of the Dream-Den"))}
)

#: Widths of the pictures that show these; the reader raises what is an exception.
SHOWN: Mapping[int, Deck | Exception] = {
    200: BURN,
    201: DOUBTED,
    202: SIDE,
    203: COMPANION,
    210: NoDeckFound("No decklist found in this picture."),
    211: KeyError("a defect"),
}


def picture(path: Path, width: int) -> Path:
    """A picture file of this width."""
    Image.new("RGB", (width, 150), "white").save(path)
    return path


@dataclass
class FakeReader:
    """Stands in for the reader; ``loaded`` holds the engine of each time that it was loaded."""

    loaded: list[str] = field(default_factory=list)
    failure: Exception | None = None
    engine: Any = field(default_factory=lambda: SimpleNamespace(name="fake"))
    limits: Limits = field(default_factory=Limits)

    def create(self, engine: str, data_dir: Path) -> "FakeReader":
        if self.failure:
            raise self.failure
        self.loaded.append(engine)
        return self

    def read(self, data: bytes) -> Deck:
        found = SHOWN[decode(data, self.limits).shape[1]]
        if isinstance(found, Exception):
            raise found
        return found
