"""The picture that ships with the product: a clean Arena screen of a deck that players know."""

from collections.abc import Iterable
from io import BytesIO
from random import Random

from ocr_worker.cards.card import Card

from .arena_deck_builder import Screen, draw_screen
from .deck import DrawnDeck, Slot, sort_by_cost
from .picture import Drawn
from .pool import Pool

MAIN = """
4 Consider
4 Opt
4 Sleight of Hand
4 Fiery Impulse
2 Spell Pierce
2 Lightning Axe
3 Picklock Prankster
3 Ledger Shredder
3 Galvanic Iteration
1 Brazen Borrower
4 Arclight Phoenix
4 Treasure Cruise
2 Temporal Trespass
3 Island
1 Mountain
4 Steam Vents
4 Spirebluff Canal
4 Riverglide Pathway
2 Stormcarved Coast
1 Hall of Storm Giants
1 Otawara, Soaring City
"""
SIDE = """
3 Mystical Dispute
2 Disdainful Stroke
2 Abrade
2 Aether Gust
2 Unlicensed Hearse
2 Anger of the Gods
1 Narset, Parter of Veils
1 Crackling Drake
"""
_SEED = "b"
_QUALITY = 88


def sample_deck(cards: Iterable[Card]) -> DrawnDeck:
    """The deck of the sample, from a catalogue."""
    by_name = {card.front: card for card in cards}
    main, side = (_slots(text, by_name) for text in (MAIN, SIDE))
    return DrawnDeck("Izzet Phoenix", main, side)


def _slots(text: str, by_name: dict[str, Card]) -> tuple[Slot, ...]:
    lines = [line.split(" ", 1) for line in text.split("\n") if line]
    return tuple(sort_by_cost(Slot(int(count), by_name[name]) for count, name in lines))


def draw_sample(cards: Iterable[Card]) -> Drawn:
    """The sample with its truth."""
    known = list(cards)
    screen = Screen(1920, 1080, 1.0, has_menu=True, side="counts", is_plain=True)
    return draw_screen(Random(_SEED), Pool.of(known), sample_deck(known), screen)


def sample_picture(cards: Iterable[Card]) -> bytes:
    """The sample as a JPEG of 1920 by 1080 pixels."""
    buffer = BytesIO()
    draw_sample(cards).image.save(buffer, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()
