"""A deck laid out for one target: which names stand in which section."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocr_worker.cards.card import Card, Printing
from ocr_worker.decks.deck import Deck, Section


@dataclass(frozen=True, slots=True)
class Row:
    """``count`` copies under the name that the target uses.

    ``written`` is that name as a text list has it, with the ``printing`` where one is wanted, known and held.
    """

    count: int
    name: str
    card: Card
    written: str
    printing: Printing | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a format writes: one row per name and section, in the deck's order; ``deck`` is the original."""

    deck: Deck
    rows: Mapping[Section, tuple[Row, ...]]

    def __getitem__(self, section: Section) -> tuple[Row, ...]:
        return self.rows.get(section, ())

    @property
    def title(self) -> str:
        """The deck's name as one printable line, empty where it has none."""
        return " ".join("".join(char if char.isprintable() else " " for char in self.deck.name).split())
