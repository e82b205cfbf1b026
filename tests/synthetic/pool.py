"""The cards that random decks are made of, taken from a catalogue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import is_deck_card

from .mana import COLOURS, front_cost

BASICS = {"W": "Plains", "U": "Island", "B": "Swamp", "R": "Mountain", "G": "Forest"}
_PLAIN_NAME = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ' ,\-/!.]+")
_ODD_LAYOUTS = frozenset({"host", "augment", "reversible_card"})


@dataclass(slots=True)
class Pool:
    """Cards by what they may go into; spells are shelved by colour identity.

    ``special`` are those with more than one face, unusual frames or accents: rare, but they must occur.
    """

    spells: dict[str, list[Card]] = field(default_factory=dict)
    special: dict[str, list[Card]] = field(default_factory=dict)
    lands: list[Card] = field(default_factory=list)
    basics: dict[str, Card] = field(default_factory=dict)
    leaders: list[Card] = field(default_factory=list)
    companions: list[Card] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, cards: Iterable[Card]) -> "Pool":
        """The pool of a catalogue."""
        pool = cls()
        for card in cards:
            pool.names.append((card.front, front_cost(card)))
            if _is_ordinary(card):
                pool._add(card)
        return pool

    def _add(self, card: Card) -> None:
        if card.name in BASICS.values():
            self.basics[card.colour_identity] = card
        elif card.is_land:
            self.lands.append(card)
        elif front_cost(card):
            is_plain = card.layout == "normal" and card.name.isascii()
            shelf = self.spells if is_plain else self.special
            shelf.setdefault(card.colour_identity, []).append(card)
            self._add_leader(card)

    def _add_leader(self, card: Card) -> None:
        kind = card.type_line.split(" // ")[0]
        if kind.startswith("Legendary") and "Creature" in kind:
            self.leaders.append(card)
        if card.can_be_companion:
            self.companions.append(card)

    def is_telling(self, prefix: str, cost: str) -> bool:
        """Whether only one card of this cost begins so: a person could complete the name."""
        return sum(name.startswith(prefix) and known == cost for name, known in self.names) == 1

    def pick(self, rng: Random, colours: str, special: bool) -> Card:
        """Some card that a deck of these colours may play."""
        shelf = self.special if special and self.special else self.spells
        fitting = [key for key in shelf if set(key) <= set(colours)]
        if not fitting:
            return self.pick(rng, COLOURS, not special)
        weights = [min(len(shelf[key]), 1500) * (1 + 3 * len(key)) for key in fitting]
        return rng.choice(shelf[rng.choices(fitting, weights)[0]])


def _is_ordinary(card: Card) -> bool:
    return (
        card.layout not in _ODD_LAYOUTS
        and not card.name.startswith("A-")
        and len(card.front) <= 32
        and _PLAIN_NAME.fullmatch(card.name) is not None
        and is_deck_card(card.layout, card.type_line)
        and "Conspiracy" not in card.type_line
    )
