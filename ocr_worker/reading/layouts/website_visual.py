"""Deck sites that show cards as pictures: piles of overlapping copies, or one picture a card with a badge.

MTGGoldfish piles up to four copies, which may be of two cards, and shows totals by card type; Moxfield, Archidekt
and others print ``4x`` or ``×4`` on or above each card and head their columns with ``Creatures (16)``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting
from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.card_numbers import card_counts
from ocr_worker.reading.parts.pile_rows import in_rows
from ocr_worker.reading.parts.piles import (
    Pile,
    SectionMap,
    anchored,
    card_titles,
    copies,
    find_piles,
    pile_bars,
    section_of,
    untitled,
)
from ocr_worker.reading.parts.shared import sighting
from ocr_worker.reading.parts.signals import Signals
from ocr_worker.reading.parts.stacks import pitch

SMALL = 15.0
"""Pixels: title boxes lower than this are read again, enlarged."""


class WebsiteVisual:
    """See the module."""

    kind = "website-visual"

    def likeness(self, page: Page, signals: Signals) -> float:
        """What shows card names without counts, and is nothing else, is read as piles of pictures."""
        if signals.typed >= 2 and signals.type_lines >= 3 and signals.listed < 0.8:
            return 0.92
        return min(0.3, 0.06 * signals.names)

    def read(self, page: Page) -> Observation:
        """Every visible title is a copy."""
        heights = sorted(t.height for t in page.titles if t.reading.strong)
        if heights and heights[len(heights) // 2] < SMALL:
            page.refine(Rect(0, 0, page.width, page.height), 1.6 * page.base_scale)
        titles = anchored(page, card_titles(page))
        piles = [pile for pile in find_piles(page, [*titles, *untitled(page, titles)]) if pile.titles]
        counts = card_counts(page, [t for pile in piles for t in pile.titles])
        sections = section_of(page)
        sightings = _numbered(piles, counts, sections) if counts else _piled(page, piles, sections)
        types = _type_totals(page)
        if not types and not sections.headings and sections.vertical is None:
            # Not a word of a site: it may be a photo, where copies of basic lands lie under each other.
            sightings = [replace(s, trust=min(s.trust, 0.3)) if s.card.is_basic else s for s in sightings]
        displayed = {Section.SIDEBOARD: types.pop("side")} if "side" in types else {}
        both = frozenset({Section.MAIN, Section.SIDEBOARD})
        return Observation(
            self.kind, tuple(sightings), displayed, types=types, types_cover=both, piles=sections.displayed()
        )


def _numbered(piles: Sequence[Pile], counts: Mapping[int, tuple[int, float]], sections: SectionMap) -> list[Sighting]:
    """One sighting a card, with the number printed on it; in the page's reading order."""
    titles = [t for pile in piles for t in pile.titles]
    return [
        sighting(t, sections.at(t.rect), *counts[id(t)], sections.pile(t.rect))
        for t in sorted(titles, key=lambda t: (t.rect.y // 20, t.rect.left))
    ]


def _piled(page: Page, piles: Sequence[Pile], sections: SectionMap) -> list[Sighting]:
    """Every visible title as a copy, row by row."""
    usual = pitch([pile.titles for pile in piles])
    stacks = in_rows(page, [(pile, pile_bars(page, pile, usual)) for pile in piles], usual)
    return [seen for number, stack in enumerate(stacks) for seen in copies(stack.bars, sections, f"pile {number}", 0.8)]


def _type_totals(page: Page) -> dict[str, int]:
    """Totals by card type, as headings or in a line of the page."""
    totals: dict[str, int] = {}
    for line in page.lines:
        if tokens.deck_size(line.text) is None:
            for label, count in tokens.labelled_totals(line.text).items():
                totals.setdefault(label, count)
    return {label: count for label, count in totals.items() if label not in ("main", "out", "deck")}
