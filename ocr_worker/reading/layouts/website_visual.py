"""Deck sites that show cards as pictures: piles of overlapping copies, or one picture a card with a badge.

MTGGoldfish piles up to four copies, which may be of two cards, and shows totals by card type; Moxfield, Archidekt
and others print ``4x`` or ``×4`` on or above each card and head their columns with ``Creatures (16)``.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.piles import card_titles, copies, find_piles, pile_bars, section_of
from ocr_worker.reading.parts.signals import Signals
from ocr_worker.reading.parts.stacks import pitch

SMALL = 15.0
"""Pixels: title boxes lower than this are read again, enlarged."""


class WebsiteVisual:
    """See the module."""

    kind = "website-visual"

    def likeness(self, page: Page, signals: Signals) -> float:
        """What shows card names without counts, and is nothing else, is read as piles of pictures."""
        return min(0.3, 0.06 * signals.names)

    def read(self, page: Page) -> Observation:
        """Every visible title is a copy."""
        heights = sorted(t.height for t in page.titles if t.reading.strong)
        if heights and heights[len(heights) // 2] < SMALL:
            page.refine(Rect(0, 0, page.width, page.height), 1.6 * page.base_scale)
        piles = find_piles(page, card_titles(page))
        usual = pitch([pile.titles for pile in piles])
        sections = section_of(page)
        sightings: list[Sighting] = []
        for number, pile in enumerate(piles):
            if pile.titles:
                sightings += copies(pile_bars(page, pile, usual), sections, f"pile {number}", 0.8)
        return Observation(
            self.kind,
            tuple(sightings),
            types=_type_totals(page),
            types_cover=frozenset({Section.MAIN, Section.SIDEBOARD}),
        )


def _type_totals(page: Page) -> dict[str, int]:
    """Totals by card type, as headings or in a line of the page."""
    totals: dict[str, int] = {}
    for line in page.lines:
        if tokens.deck_size(line.text) is None:
            for label, count in tokens.labelled_totals(line.text).items():
                totals.setdefault(label, count)
    return {label: count for label, count in totals.items() if label not in ("main", "side", "out", "deck")}
