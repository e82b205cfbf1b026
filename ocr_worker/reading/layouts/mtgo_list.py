"""Magic Online's table: columns for quantity, name, cost, type, rarity and set, one pane for each section."""

from ocr_worker.decks.evidence import Observation
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.lists import read_list
from ocr_worker.reading.parts.signals import Signals

_COLUMNS = frozenset({"qty", "quantity", "card name", "name", "cost", "rarity", "set", "type", "colors", "color"})


class MtgoList:
    """See the module."""

    kind = "mtgo-list"

    def likeness(self, page: Page, signals: Signals) -> float:
        """A list with the client's bar or with at least three of the table's column names."""
        if signals.listed < 0.6 or signals.counted < 2:
            return 0.0
        columns = {line.text.strip().casefold() for line in page.lines} & _COLUMNS
        return 0.9 if len(columns) >= 3 or (signals.types >= 2 and signals.controls) else 0.0

    def read(self, page: Page) -> Observation:
        """The table's rows, pane by pane."""
        return read_list(page, self.kind)
