"""Deck JSON: our own, with all that it says of each row, and MTGJSON's.

MTGJSON calls the lists ``mainBoard``, ``sideBoard`` and ``commander`` and puts them under ``data``.
"""

import json
from collections.abc import Mapping
from typing import Any

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Box, DeckLine, Section, Total
from ocr_worker.decks.parsed import CardFinder, ParsedDecklist
from ocr_worker.decks.readers.assembler import DeckAssembler, is_count
from ocr_worker.decks.readers.naming import find_card
from ocr_worker.decks.readers.places import LeftOut, place_called
from ocr_worker.errors import DecklistError

_Object = Mapping[str, Any]


def read_json_deck(text: str, finder: CardFinder) -> ParsedDecklist:
    """The deck of a JSON text; DecklistError where it is no JSON, or no deck."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DecklistError("This is no complete JSON.") from error
    return deck_from_json(data, finder)


def deck_from_json(data: object, finder: CardFinder) -> ParsedDecklist:
    """The deck of a JSON object, row for row as it was; names that the finder does not know are problems.

    DecklistError where there is no list of cards at all.
    """
    if not isinstance(data, Mapping):
        raise DecklistError("This JSON is no deck.")
    inner = data.get("data")
    source = inner if isinstance(inner, Mapping) else data
    deck = DeckAssembler(name=_text(source.get("name")))
    lists = {key: value for key, value in source.items() if place_called(key) and isinstance(value, list)}
    if not lists:
        raise DecklistError("This JSON is no deck: it has no list of cards.")
    number = 0
    for key, rows in lists.items():
        for row in rows:
            number += 1
            _add(deck, number, key, row, finder)
    return deck.finish(
        kind=_text(source.get("kind")) or "other",
        totals=_totals(source.get("totals")),
        warnings=_texts(source.get("warnings")),
    )


def _add(deck: DeckAssembler, number: int, key: str, row: object, finder: CardFinder) -> None:
    place = place_called(key)
    fields: _Object = row if isinstance(row, Mapping) else {}
    name, count = _text(fields.get("name")), fields.get("count", fields.get("quantity"))
    card = find_card(finder, name)
    if not isinstance(count, int) or isinstance(count, bool) or not is_count(count):
        deck.reject(number, name or str(row), "the count is no number from 1 to 999")
    elif isinstance(place, LeftOut):
        deck.leave_out(place, count)
    elif card is None:
        deck.reject(number, name, "there is no card of this name")
    elif place is not None:
        deck.add_line(place, _line(count, card, fields))


def _line(count: int, card: Card, fields: _Object) -> DeckLine:
    return DeckLine(
        count=count,
        card=card,
        certain=fields.get("certain", True) is not False,
        read=_text(fields.get("read")),
        box=_box(fields.get("box")),
        candidates=_texts(fields.get("candidates")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _box(value: object) -> Box | None:
    if isinstance(value, list) and len(value) == 4 and all(isinstance(side, int) for side in value):
        left, top, right, bottom = value
        return left, top, right, bottom
    return None


def _totals(value: object) -> dict[Section, Total]:
    """Totals that make sense, by section."""
    totals = {}
    for section in Section:
        total = value.get(section.value) if isinstance(value, Mapping) else None
        if isinstance(total, Mapping) and isinstance(total.get("read"), int):
            displayed = total.get("displayed")
            totals[section] = Total(total["read"], displayed if isinstance(displayed, int) else None)
    return totals
