"""Random decks that look like what people build, in the order in which clients sort."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ocr_worker.cards.card import Card

from .mana import COLOURS, colours_of, front_cost, mana_value
from .pool import Pool
from .words import deck_title


@dataclass(frozen=True, slots=True)
class Slot:
    """Some copies of a card."""

    count: int
    card: Card


@dataclass(frozen=True, slots=True)
class DrawnDeck:
    """A deck to draw; main deck and sideboard are sorted as Arena sorts them."""

    title: str
    main: tuple[Slot, ...]
    side: tuple[Slot, ...] = ()
    commander: tuple[Slot, ...] = ()
    companion: tuple[Slot, ...] = ()

    def section(self, name: str) -> tuple[Slot, ...]:
        """A section by the truth's word for it."""
        sections = {"main": self.main, "side": self.side, "commander": self.commander}
        return sections.get(name, self.companion)

    @property
    def card_names(self) -> list[str]:
        """Front names of the main deck, for texts that quote them."""
        return [slot.card.front for slot in self.main]


@dataclass(frozen=True, slots=True)
class DeckShape:
    """What kind of deck: sizes, copies of a card, lands, and how much room its titles have."""

    main: int = 60
    side: int = 15
    most_copies: int = 4
    lands: int = 24
    commander: bool = False
    companion: bool = False
    basics_only: bool = False
    widest: float = 44.0
    splits: bool = True

    def takes(self, card: Card) -> bool:
        """Whether the layout has room for the title: its letters, and two for each mana symbol."""
        width = len(card.front) + 2 * front_cost(card).count("{")
        return width <= self.widest and (self.splits or not card.is_split)


def total(slots: Iterable[Slot]) -> int:
    """Copies in all."""
    return sum(slot.count for slot in slots)


def random_deck(rng: Random, pool: Pool, shape: DeckShape) -> DrawnDeck:
    """A deck of a shape, coherent in its colours."""
    return _Brewer(rng, pool, shape).brew()


class _Brewer:
    """Picks the cards of one deck."""

    def __init__(self, rng: Random, pool: Pool, shape: DeckShape) -> None:
        self.rng, self.pool, self.shape = rng, pool, shape
        self.colours = "".join(rng.sample(COLOURS, rng.choices((1, 2, 3), (3, 5, 2))[0]))
        self.taken: set[str] = set()

    def brew(self) -> DrawnDeck:
        shape = self.shape
        commander = self._leader(self.pool.leaders) if shape.commander else ()
        if commander:
            self.colours = commander[0].card.colour_identity or self.colours
        companion = self._leader(self.pool.companions) if shape.companion else ()
        spells = self._spells(shape.main - shape.lands - total(commander))
        main = sort_by_cost(spells + self._lands())
        side = sort_by_cost(self._sideboard(spells, shape.side - total(companion)))
        return DrawnDeck(deck_title(self.rng), tuple(main), tuple(side), commander, companion)

    def _leader(self, cards: list[Card]) -> tuple[Slot, ...]:
        fitting = [card for card in cards if self.shape.takes(card)]
        if not fitting:
            return ()
        card = self.rng.choice(fitting)
        self.taken.add(card.name)
        return (Slot(1, card),)

    def _spells(self, wanted: int) -> list[Slot]:
        slots: list[Slot] = []
        while wanted > 0:
            card = self._new_card()
            slots.append(Slot(min(wanted, self._copies()), card))
            wanted -= slots[-1].count
        return slots

    def _new_card(self) -> Card:
        while True:
            card = self.pool.pick(self.rng, self.colours, self.rng.random() < 0.1)
            is_heavy = mana_value(front_cost(card)) > 6 and self.rng.random() < 0.8
            if card.name not in self.taken and not is_heavy and self.shape.takes(card):
                self.taken.add(card.name)
                return card

    def _copies(self) -> int:
        if self.shape.most_copies < 4:
            return self.rng.choices(range(1, self.shape.most_copies + 1), (8, 2, 1)[: self.shape.most_copies])[0]
        return self.rng.choices((4, 3, 2, 1), (5, 3, 3, 3))[0]

    def _sideboard(self, spells: list[Slot], wanted: int) -> list[Slot]:
        """New cards, and now and then further copies of what the main deck plays."""
        slots = []
        more = [slot for slot in spells if slot.count < self.shape.most_copies]
        for slot in self.rng.sample(more, min(len(more), self.rng.randint(0, 2))):
            count = min(wanted, self.rng.randint(1, self.shape.most_copies - slot.count))
            if count > 0:
                slots.append(Slot(count, slot.card))
                wanted -= count
        return slots + self._spells(wanted)

    def _lands(self) -> list[Slot]:
        fitting = [card for card in self.pool.lands if self._suits(card)]
        useful = [card for card in fitting if card.colour_identity]
        wanted = 0 if self.shape.basics_only else round(self.shape.lands * self.rng.uniform(0.2, 0.75))
        slots: list[Slot] = []
        while wanted > 0 and fitting:
            card = self.rng.choice(useful if useful and self.rng.random() < 0.8 else fitting)
            if card.name in self.taken:
                continue
            self.taken.add(card.name)
            slots.append(Slot(min(wanted, self._copies()), card))
            wanted -= slots[-1].count
        return slots + self._basics(self.shape.lands - total(slots))

    def _suits(self, land: Card) -> bool:
        return set(land.colour_identity) <= set(self.colours) and self.shape.takes(land)

    def _basics(self, wanted: int) -> list[Slot]:
        kinds = [self.pool.basics[colour] for colour in COLOURS if colour in self.colours]
        shares = [self.rng.randint(1, 3) for _ in kinds]
        slots = []
        for place, card in enumerate(kinds):
            is_last = place == len(kinds) - 1
            count = wanted if is_last else min(wanted, round(wanted * shares[place] / sum(shares[place:])))
            if count > 0:
                slots.append(Slot(count, card))
                wanted -= count
        return slots


def sort_by_cost(slots: Iterable[Slot]) -> list[Slot]:
    """Arena's order: by cost, then colour and name; lands last, basics before other lands."""
    return sorted(slots, key=lambda slot: _arena_key(slot.card))


def _arena_key(card: Card) -> tuple[bool, int, int, int, str]:
    colours = colours_of(card)
    rank = (len(colours), COLOURS.index(colours[0])) if colours else (9, 9)
    if card.is_land:
        return True, 0 if card.is_basic else 1, *rank, card.name
    return False, mana_value(front_cost(card)), *rank, card.name
