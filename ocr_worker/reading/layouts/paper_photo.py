"""A photo of cards on a table: tilted titles, every visible one a copy, no totals.

Copies hide under each other and dice stand for numbers of basic lands, so a basic land's count is never certain.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Observation, Sighting
from ocr_worker.reading.page import Page, Title
from ocr_worker.reading.parts.piles import card_titles, find_piles, sideways
from ocr_worker.reading.parts.shared import sighting, tilt
from ocr_worker.reading.parts.signals import Signals
from ocr_worker.reading.parts.stacks import Span, read_bar

TILTED = 0.012
"""Radians (0.7 degrees) from which a title is tilted: screens show none."""


TILTED_ON_SCREENS = 0.3
"""Share of titles that noise alone tilts on a screen: small ones, read on busy art."""

TILTED_AT_LEAST = 0.15
"""Share from which a picture without any heading or total of a program is a photo."""


class PaperPhoto:
    """See the module."""

    kind = "paper-photo"

    def likeness(self, page: Page, signals: Signals) -> float:
        """Titles that are tilted, each a little differently."""
        long = [t for t in page.titles if t.reading.strong and t.rect.width > 4 * t.height and not t.line.turned]
        if len(long) < 4 or signals.listed >= 0.6:
            return 0.0
        share = sum(abs(tilt(t.line)) > TILTED for t in long) / len(long)
        words = signals.typed + signals.types + signals.of_sizes + signals.side + signals.controls
        if words:
            return 0.75 * share if share > TILTED_ON_SCREENS else 0.0
        return 0.4 + 0.35 * share if share > TILTED_AT_LEAST else 0.0

    def read(self, page: Page) -> Observation:
        """Every title, and the split cards that lie on their side."""
        titles = [t for pile in find_piles(page, card_titles(page, 0.62)) for t in pile.titles]
        titles = [better for t in titles if (better := self._clearer(page, t)) is not None]
        seen = [self._sighting(t) for t in titles] + [self._sighting(t) for t in sideways(page)]
        return Observation(self.kind, tuple(seen))

    def _clearer(self, page: Page, title: Title) -> Title | None:
        """A weak title read again with more around it; None where it still names nothing."""
        if title.reading.strong:
            return title
        height = title.height
        span = Span(title.rect.left - 0.5 * height, title.rect.right + 1.5 * height, 0, page.height)
        again = read_bar(page, title.rect, span)
        best = max([t for t in (title, again) if t], key=lambda t: t.reading.fit * t.reading.share)
        return best if best.reading.fit >= 0.7 and best.reading.share >= 0.7 else None

    def _sighting(self, title: Title) -> Sighting:
        return sighting(title, Section.MAIN, 1, 0.3 if title.reading.card.is_basic else 0.9)
