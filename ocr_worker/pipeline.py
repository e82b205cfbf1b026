"""Picture in, decklist out: decode, read, recognise the layout, match, solve."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ocr_worker.cards import CardIndex, load_index
from ocr_worker.decks.deck import Deck
from ocr_worker.decks.evidence import Observation
from ocr_worker.decks.solving import STRONG_FIT, STRONG_SHARE, solve
from ocr_worker.errors import NoDeckFound
from ocr_worker.reading.decoding import Limits, decode
from ocr_worker.reading.engines import create_engine
from ocr_worker.reading.engines.port import Engine
from ocr_worker.reading.layouts import Layout, all_layouts
from ocr_worker.reading.lines import Image
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.signals import Signals, read_signals
from ocr_worker.stages import Stage, StageListener, ignore_stage

FEWEST_NAMES = 4
"""Different cards that must be read clearly where nothing on the picture counts cards."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pictures, one after the other, with one loaded engine and catalogue."""

    engine: Engine
    names: NameReader
    layouts: Sequence[Layout]
    limits: Limits

    @classmethod
    def create(
        cls,
        engine: str = "auto",
        data_dir: Path | None = None,
        limits: Limits | None = None,
        threads: int | None = None,
    ) -> "Reader":
        """Load what reading needs; raises EngineUnavailable or CatalogueError.

        ``threads`` are the engine's; without, it takes a number that fits this machine.
        """
        with ThreadPoolExecutor(1) as beside:  # an engine loads without Python for much of its time
            loading = beside.submit(create_engine, engine, threads)
            index: CardIndex = load_index(data_dir)
            return cls(loading.result(), NameReader(index), all_layouts(), limits or Limits())

    def read(self, data: bytes, on_stage: StageListener = ignore_stage) -> Deck:
        """The deck that a picture file shows; raises PictureError or NoDeckFound."""
        on_stage(Stage.DECODING)
        return self.read_image(decode(data, self.limits), on_stage)

    def read_image(self, image: Image, on_stage: StageListener = ignore_stage) -> Deck:
        """The deck that a decoded picture shows; raises NoDeckFound."""
        on_stage(Stage.READING)
        page = Page(image, self.engine, self.names)
        signals = read_signals(page)
        layout = max(self.layouts, key=lambda layout: layout.likeness(page, signals))
        observation = layout.read(page)
        if not _shows_deck(observation, signals):
            raise NoDeckFound("No decklist found in this picture: send a screenshot that shows the card names.")
        on_stage(Stage.MATCHING)
        return solve(observation)


def _shows_deck(observation: Observation, signals: Signals) -> bool:
    """Enough names are read clearly, or the picture counts its cards: a few words that are cards make no deck."""
    clear = {s.card.name for s in observation.sightings if s.fit >= STRONG_FIT and s.share >= STRONG_SHARE}
    if len(clear) >= FEWEST_NAMES:
        return True
    counts = bool(observation.displayed or observation.types) or signals.counted + signals.badged >= 2
    return bool(clear) and counts and sum(s.count for s in observation.sightings) >= FEWEST_NAMES
