"""What reading a pasted list gives, and what it needs to know of cards."""

from dataclasses import dataclass
from typing import Protocol

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Deck


class CardFinder(Protocol):
    """Who knows the cards; the catalogue's index is one."""

    def exact(self, text: str, /) -> Card | None:
        """The card of this name (case, accents and punctuation may differ), or None; never a guess."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is not in the deck, and why; ``line`` counts from 1 (entries, for XML and JSON)."""

    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason} ({self.text})"


@dataclass(frozen=True, slots=True)
class ParsedDecklist:
    """A deck read from text. Every line that was meant as a card is in the deck or among the problems, or
    belongs to a section (a maybeboard, tokens) that the notes say was left out."""

    deck: Deck
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
