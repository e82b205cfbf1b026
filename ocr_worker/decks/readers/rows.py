"""Rows of formats that have a field each for count, name and section."""

from ocr_worker.decks.parsed import CardFinder
from ocr_worker.decks.readers.assembler import DeckAssembler, is_count
from ocr_worker.decks.readers.naming import find_card
from ocr_worker.decks.readers.places import LeftOut, Place


def add_row(deck: DeckAssembler, finder: CardFinder, line: int, place: Place, count: str, name: str) -> None:
    """Put one row into the deck, or say why it cannot be."""
    number = as_count(count)
    card = find_card(finder, name)
    if isinstance(place, LeftOut):
        deck.leave_out(place, number or 1)
    elif number is None:
        deck.reject(line, f"{count} {name}", "the count is no number from 1 to 999")
    elif card is None:
        deck.reject(line, f"{count} {name}", "there is no card of this name")
    else:
        deck.add(place, number, card)


def as_count(text: str) -> int | None:
    """``4``, ``4x`` or ``4.0`` as a number of copies, None for anything else."""
    digits = text.strip().rstrip("xX").removesuffix(".0")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else 0
    return number if is_count(number) else None
