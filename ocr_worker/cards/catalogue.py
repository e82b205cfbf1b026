"""A catalogue: all deck cards that one source knows, and the rules of what such a card is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ocr_worker.cards.card import Card

#: Layouts of Scryfall and MTGJSON that are no deck cards.
_FOREIGN_LAYOUTS = frozenset({"planar", "scheme", "vanguard", "token", "double_faced_token", "emblem", "art_series"})
#: Words before the dash of a type line that no deck card has. ``Hero`` and ``Card`` are the supplements of
#: theme decks and the markers that lie in boosters; conspiracies stay, since drafted decks contain them.
_FOREIGN_TYPES = frozenset(
    {"Plane", "Phenomenon", "Scheme", "Vanguard", "Dungeon", "Stickers", "Emblem", "Token", "Card", "Hero"}
)
#: Subtypes that live in decks of their own, beside the real one.
_FOREIGN_SUBTYPES = frozenset({"Attraction", "Contraption"})

_NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_ANY_NUMBER = re.compile(r"deck can have any number of cards named", re.IGNORECASE)
_UP_TO = re.compile(r"deck can have (?:up to|only) (\w+) cards? named", re.IGNORECASE)
_USUAL_COPIES = 4


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The deck cards of one source, ordered by name, as of ``date``; ``source`` names it for people."""

    source: str
    date: date
    cards: tuple[Card, ...]

    def __len__(self) -> int:
        return len(self.cards)

    @property
    def knows_printings(self) -> bool:
        """Whether the source tells a printing of any card."""
        return any(card.printing for card in self.cards)


def is_deck_card(layout: str, type_line: str) -> bool:
    """Whether a card of this layout and type can stand in a deck (planes, tokens and the like cannot)."""
    types, _, subtypes = type_line.split(" // ")[0].partition("—")
    return (
        layout not in _FOREIGN_LAYOUTS
        and _FOREIGN_TYPES.isdisjoint(types.split())
        and _FOREIGN_SUBTYPES.isdisjoint(subtypes.split())
    )


def copies_allowed(type_line: str, rules_text: str) -> int | None:
    """Copies that a constructed deck may hold, None for any number (comprehensive rules 100.2a)."""
    if "Basic" in type_line.partition("—")[0].split() or _ANY_NUMBER.search(rules_text):
        return None
    if limit := _UP_TO.search(rules_text):
        return _NUMBERS.get(limit[1].lower(), _USUAL_COPIES)
    return _USUAL_COPIES


def colours(letters: Iterable[str]) -> str:
    """A colour identity in the order of the colour wheel."""
    present = set(letters)
    return "".join(letter for letter in "WUBRG" if letter in present)


def one_sided(name: str) -> str:
    """The name of a card whose two sides show the same card: ``Sol Ring // Sol Ring`` is ``Sol Ring``.

    Adventures printed so repeat both names: ``A // B // A // B`` is ``A // B``.
    """
    faces = name.split(" // ")
    half = len(faces) // 2
    return " // ".join(faces[:half]) if half and faces[:half] == faces[half:] else name


def unique_by_name(cards: Iterable[Card]) -> tuple[Card, ...]:
    """``cards`` ordered by name; of several with one name, the one that comes first."""
    kept: dict[str, Card] = {}
    for card in cards:
        kept.setdefault(card.name, card)
    return tuple(kept[name] for name in sorted(kept))
