"""Lists on deck sites: counts and names in columns under headings such as ``Creatures (16)``, with prices around."""

import re

from ocr_worker.decks.evidence import Observation
from ocr_worker.reading import tokens
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.lists import read_list
from ocr_worker.reading.parts.signals import Signals

_PRICE = re.compile(r"[$€£]\s?\d+[.,]\d\d|\d+[.,]\d\d\s?(?:[$€£]|tix)", re.IGNORECASE)


class WebsiteText:
    """See the module."""

    kind = "website-text"

    def likeness(self, page: Page, signals: Signals) -> float:
        """A list with headings by card type, or with prices."""
        if signals.typed >= 2 and signals.type_lines < 3 and signals.counted >= 2:
            return 0.84
        if signals.listed < 0.55 or signals.counted < 2:
            return 0.0
        headings = [h for line in page.lines if (h := tokens.heading(line.text)) and h.name == "type"]
        priced = any(_PRICE.search(line.text) for line in page.lines)
        return 0.84 if len(headings) >= 2 or priced else 0.0

    def read(self, page: Page) -> Observation:
        """The list's rows under their headings."""
        return read_list(page, self.kind)
