"""A decklist as it was read: lines by section, what the picture says of itself, what is in doubt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ocr_worker.cards.card import Card

Box = tuple[int, int, int, int]
"""Pixels of the oriented original picture: left, top, right, bottom."""


class Section(StrEnum):
    """Where in a deck a line stands; the values are those of the deck JSON."""

    MAIN = "main"
    SIDEBOARD = "side"
    COMMANDER = "commander"
    COMPANION = "companion"


@dataclass(frozen=True, slots=True)
class DeckLine:
    """``count`` copies of one card in one section.

    ``certain`` is false where name, count or section is in doubt; ``candidates`` then holds up to five other
    names, best first. ``read`` is the text as the engine saw it, ``box`` where it was first read.
    """

    count: int
    card: Card
    certain: bool = True
    read: str = ""
    box: Box | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """Cards of a section: as read, and as the picture displays it (None where it shows none)."""

    read: int
    displayed: int | None = None

    @property
    def agrees(self) -> bool:
        """No displayed total contradicts what was read."""
        return self.displayed is None or self.displayed == self.read


@dataclass(frozen=True, slots=True)
class Deck:
    """A decklist; one line per card and section, in the order in which the picture shows them.

    ``complete`` says that nothing speaks for a missing card; a deck that is not complete is never verified.
    """

    lines: Mapping[Section, tuple[DeckLine, ...]]
    kind: str = "other"
    totals: Mapping[Section, Total] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    name: str = ""
    complete: bool = True

    def __getitem__(self, section: Section) -> tuple[DeckLine, ...]:
        return self.lines.get(section, ())

    def __iter__(self) -> Iterator[tuple[Section, DeckLine]]:
        """All lines with their section: commander, companion, main, sideboard."""
        for section in (Section.COMMANDER, Section.COMPANION, Section.MAIN, Section.SIDEBOARD):
            for line in self[section]:
                yield section, line

    def size(self, section: Section) -> int:
        """Cards in a section."""
        return sum(line.count for line in self[section])

    @property
    def verified(self) -> bool:
        """Every line is certain and no displayed total contradicts the lines."""
        return (
            self.complete
            and any(self.lines.values())
            and all(line.certain for _, line in self)
            and all(total.agrees for total in self.totals.values())
        )
