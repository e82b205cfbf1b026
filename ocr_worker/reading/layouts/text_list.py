"""Any other list of counts and names: a note, a chat message, a deck tracker over a game."""

from dataclasses import replace

from ocr_worker.decks.evidence import Observation
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.lists import read_list
from ocr_worker.reading.parts.signals import Signals


class TextList:
    """See the module."""

    kind = "other"

    def likeness(self, page: Page, signals: Signals) -> float:
        """Most names have a count on their row."""
        return 0.8 if signals.listed >= 0.6 and signals.counted >= 2 else 0.0

    def read(self, page: Page) -> Observation:
        """The list as it stands; a tracker shows the cards that are left, not a whole deck."""
        seen = read_list(page, self.kind)
        if any("in deck" in line.text.casefold() or "in library" in line.text.casefold() for line in page.lines):
            return replace(seen, warnings=(*seen.warnings, "This shows the cards left in a library, not a whole deck."))
        return seen
