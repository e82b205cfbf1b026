"""MTG Arena's deck list: rows of ``4x`` and a coloured name bar with mana symbols, under the deck's size."""

from ocr_worker.decks.evidence import Observation
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.lists import read_list
from ocr_worker.reading.parts.signals import Signals


class ArenaList:
    """See the module."""

    kind = "arena-list"

    def likeness(self, page: Page, signals: Signals) -> float:
        """A list under a size such as ``60/60 Cards``."""
        return 0.86 if signals.listed >= 0.6 and signals.counted >= 2 and signals.of_sizes else 0.0

    def read(self, page: Page) -> Observation:
        """The list's rows."""
        return read_list(page, self.kind)
