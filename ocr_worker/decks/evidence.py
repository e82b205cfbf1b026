"""What a layout saw on a picture, before it is decided what the deck is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Box, Section


@dataclass(frozen=True, slots=True)
class Option:
    """A card that a sighting may be; ``share`` is its probability, 0 to 1."""

    card: Card
    share: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place of the picture that shows a card.

    ``options`` are best first. ``fit`` (0 to 1) says how well the best one explains the text by itself.
    ``count`` copies stand here, believed with ``trust`` (0 to 1): near 1 for a clearly read badge or for a title
    bar that is one copy, lower for a badge that was not seen or hardly read. ``pile`` names the stack, column or
    row that it belongs to; neighbours in a pile stand next to each other.
    """

    section: Section
    options: tuple[Option, ...]
    fit: float
    count: int = 1
    trust: float = 0.95
    read: str = ""
    box: Box | None = None
    pile: str = ""
    truncated: bool = False

    @property
    def card(self) -> Card:
        return self.options[0].card

    @property
    def share(self) -> float:
        return self.options[0].share


@dataclass(frozen=True, slots=True)
class Unread:
    """A place that holds a card which nobody can name: hidden, cut off or without a title."""

    section: Section
    count: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that a layout saw.

    ``displayed`` are the totals of sections that the picture shows, ``types`` those of card types (``land``,
    ``creature``, ``other`` …) with ``types_cover`` the sections that they count, ``piles`` the displayed number
    of cards of a pile.
    """

    kind: str
    sightings: tuple[Sighting, ...]
    displayed: Mapping[Section, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    types_cover: frozenset[Section] = frozenset({Section.MAIN})
    piles: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    name: str = ""
    warnings: tuple[str, ...] = ()
    partial: bool = False
    """The picture shows only part of a deck (cards left in a library, one page of a list)."""
