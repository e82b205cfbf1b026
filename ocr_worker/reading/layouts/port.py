"""The port behind which every layout stands."""

from typing import Protocol

from ocr_worker.decks.evidence import Observation
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.signals import Signals


class Layout(Protocol):
    """One way in which programs, sites and people show a deck."""

    kind: str

    def likeness(self, page: Page, signals: Signals) -> float:
        """How much the page looks like this layout, 0 to 1; the likeliest layout reads it."""
        ...

    def read(self, page: Page) -> Observation:
        """What the page shows, read as this layout."""
        ...
