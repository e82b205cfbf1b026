"""Picture in, decklist out: decode, read, recognise the layout, match, solve."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_worker.cards import CardIndex, load_index
from ocr_worker.decks.deck import Deck, Section
from ocr_worker.decks.solving import solve
from ocr_worker.errors import NoDeckFound
from ocr_worker.reading.decoding import Limits, decode
from ocr_worker.reading.engines import create_engine
from ocr_worker.reading.engines.port import Engine
from ocr_worker.reading.layouts import Layout, all_layouts
from ocr_worker.reading.lines import Image
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.signals import read_signals


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pictures, one after the other, with one loaded engine and catalogue."""

    engine: Engine
    names: NameReader
    layouts: Sequence[Layout]
    limits: Limits

    @classmethod
    def create(cls, engine: str = "auto", data_dir: Path | None = None, limits: Limits | None = None) -> "Reader":
        """Load what reading needs; raises EngineUnavailable or CatalogueError."""
        index: CardIndex = load_index(data_dir)
        return cls(create_engine(engine), NameReader(index), all_layouts(), limits or Limits())

    def read(self, data: bytes) -> Deck:
        """The deck that a picture file shows; raises PictureError or NoDeckFound."""
        return self.read_image(decode(data, self.limits))

    def read_image(self, image: Image) -> Deck:
        """The deck that a decoded picture shows; raises NoDeckFound."""
        page = Page(image, self.engine, self.names)
        signals = read_signals(page)
        layout = max(self.layouts, key=lambda layout: layout.likeness(page, signals))
        deck = solve(layout.read(page))
        if not any(deck[section] for section in Section):
            raise NoDeckFound("No decklist found in this picture: send a screenshot that shows the card names.")
        return deck
