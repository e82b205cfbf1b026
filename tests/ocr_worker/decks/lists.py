"""Awkward cards, a finder that knows them, and decks made of them."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ocr_worker.cards.card import Card
from ocr_worker.decks import Deck, DeckLine, Section, Total


def _cards(layout: str, *names: str) -> list[Card]:
    return [Card(name, layout=layout) for name in names]


_ALL = [
    *_cards("split", "Fire // Ice", "Dead // Gone", "Bottomless Pool // Locker Room"),
    *_cards("split", "Who // What // When // Where // Why", "Smelt // Herd // Saw"),
    *_cards("aftermath", "Refuse // Cooperate"),
    *_cards("adventure", "Brazen Borrower // Petty Theft", "Bonecrusher Giant // Stomp"),
    *_cards("modal_dfc", "Riverglide Pathway // Lavaglide Pathway", "Boggart Trawler // Boggart Bog"),
    *_cards("transform", "Fable of the Mirror-Breaker // Reflection of Kiki-Jiki"),
    *_cards("flip", "Nezumi Shortfang // Stabwhisker the Odious"),
    *_cards("meld", "Gisela, the Broken Blade"),
    *_cards("prepare", "Studious First-Year // Rampant Growth"),
    *_cards("normal", "SP//dr, Piloted by Peni", "Summon: Choco/Mog", "+2 Mace", "1996 World Champion"),
    *_cards("normal", "17-Year Cicadas", "Black Waltz No. 3", "Hazmat Suit (Used)", "B.F.M. (Big Furry Monster)"),
    *_cards("normal", "Erase (Not the Urza's Legacy One)", '"Ach! Hans, Run!"', "TL;DR", "X", "Ow"),
    *_cards("normal", 'Kongming, "Sleeping Dragon"', "Minsc & Boo, Timeless Heroes", "R&D's Secret Lair"),
    *_cards(
        "normal",
        "Commander's Sphere",
        "Companion of the Trials",
        "About Face",
        "Name Dropping",
        "Nameless Race",
    ),
    *_cards("normal", "Main Event Horizon", "Land Tax", "Artifact Blast", "Question Elemental?"),
    *_cards("normal", "Séance", "Lim-Dûl's Vault", "Jötun Grunt", "Ratonhnhaké꞉ton", "Æther Vial"),
    *_cards("normal", "Lightning Bolt", "Opt", "Negate", "Containment Priest", "Sol Ring", "Counterspell"),
    *_cards("normal", "Vivi Ornitier", "Atraxa, Praetors' Voice", "Kelsien, the Plague"),
    Card("A-Vivi Ornitier"),
    Card("A-Blessed Hippogriff // A-Tyr's Blessing", layout="adventure"),
    Card("Blessed Hippogriff // Tyr's Blessing", layout="adventure"),
    Card("Thrasios, Triton Hero", type_line="Legendary Creature — Merfolk Wizard"),
    Card("Tymna the Weaver", type_line="Legendary Creature — Human Cleric"),
    Card("Lurrus of the Dream-Den", type_line="Legendary Creature — Cat Nightmare", can_be_companion=True),
    *(Card(f"Test Spell {number:02}", type_line="Sorcery") for number in range(98)),
    Card("Relentless Rats", max_copies=None),
    *(Card(name, type_line="Basic Land", max_copies=None) for name in ("Island", "Swamp", "Snow-Covered Island")),
]
CARDS = {card.name: replace(card, mtgo_id=1000 + number) for number, card in enumerate(_ALL)}


def fold(text: str) -> str:
    """Letters and digits only; what the real index does, written anew."""
    plain = unicodedata.normalize("NFKD", text.replace("Æ", "Ae").replace("꞉", ":"))
    return "".join(char for char in plain.casefold() if char.isalnum())


class Finder:
    """Knows cards by full name, and by front where no card has that for its own."""

    def __init__(self, cards: Iterable[Card]) -> None:
        cards = sorted(cards, key=lambda card: card.name.startswith("A-"))
        self.by_key = {fold(card.name): card for card in cards}
        for card in cards:
            for face in card.faces:
                self.by_key.setdefault(fold(face), card)

    def exact(self, text: str, /) -> Card | None:
        return self.by_key.get(fold(text)) if fold(text) else None


FINDER = Finder(CARDS.values())


def lines(*rows: tuple[int, str]) -> tuple[DeckLine, ...]:
    return tuple(DeckLine(count, CARDS[name]) for count, name in rows)


def deck(
    main: Iterable[tuple[int, str]] = (),
    side: Iterable[tuple[int, str]] = (),
    commander: Iterable[tuple[int, str]] = (),
    companion: Iterable[tuple[int, str]] = (),
    *,
    name: str = "",
    side_total: int | None = None,
) -> Deck:
    """A deck of cards by name."""
    sections = {
        Section.MAIN: lines(*main),
        Section.SIDEBOARD: lines(*side),
        Section.COMMANDER: lines(*commander),
        Section.COMPANION: lines(*companion),
    }
    totals = {} if side_total is None else {Section.SIDEBOARD: Total(side_total, side_total)}
    return Deck({section: rows for section, rows in sections.items() if rows}, totals=totals, name=name)


def rows(parsed: Deck) -> dict[str, list[tuple[int, str]]]:
    """What a deck holds, by section; sections without cards are left out."""
    return {
        section.value: [(line.count, line.card.name) for line in parsed[section]]
        for section in Section
        if parsed[section]
    }


_ODD = [name for name, card in CARDS.items() if not name.startswith(("A-", "Test Spell", "Blessed"))]

DECKS = {
    "names": deck(
        main=[(index % 4 + 1, name) for index, name in enumerate(_ODD)],
        side=[
            (2, "Fire // Ice"),
            (1, "Séance"),
            (1, "A-Vivi Ornitier"),
            (1, "A-Blessed Hippogriff // A-Tyr's Blessing"),
        ],
    ),
    "companion": deck(
        main=[(4, "Lightning Bolt"), (2, "Brazen Borrower // Petty Theft"), (20, "Swamp")],
        side=[(2, "Containment Priest"), (1, "Lightning Bolt")],
        companion=[(1, "Lurrus of the Dream-Den")],
        name='Death & "Taxes" <v2>',
        side_total=4,
    ),
    "partners": deck(
        main=[*((1, f"Test Spell {number:02}") for number in range(95)), (2, "Island"), (1, "Sol Ring")],
        commander=[(1, "Thrasios, Triton Hero"), (1, "Tymna the Weaver")],
    ),
    "large": deck(
        main=[
            (148, "Relentless Rats"),
            (2, "Who // What // When // Where // Why"),
            (100, "Snow-Covered Island"),
        ],
        side=[(15, "Relentless Rats")],
    ),
}
