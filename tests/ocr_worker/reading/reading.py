"""The whole way from a fake screen to a deck, with the layout that the reader itself chooses."""

from ocr_worker.decks.deck import Deck
from ocr_worker.pipeline import Reader
from ocr_worker.reading.decoding import Limits
from ocr_worker.reading.layouts import all_layouts
from ocr_worker.reading.naming import NameReader
from tests.fakes.engine import FakeEngine
from tests.fakes.screen import Screen


def deck_on(screen: Screen, names: NameReader) -> Deck:
    """What the reader makes of the screen; raises NoDeckFound."""
    return Reader(FakeEngine(screen), names, all_layouts(), Limits()).read_image(screen.image())
