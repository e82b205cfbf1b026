"""Deck JSON, version 1: the deck as other programs get it.

    schema      1
    image       name of the picture; with ``error`` (one sentence) nothing else follows
    kind        what the picture shows, such as ``arena-deck-builder``
    main, side, commander, companion
                rows: ``count``, full oracle ``name``, ``certain``, the text as ``read``, its ``box`` (left,
                top, right, bottom, in pixels of the upright picture), up to five other ``candidates``
    totals      cards by section, as ``read`` and as ``displayed`` by the picture (null: not displayed)
    verified    every row is certain and no displayed total contradicts them
    warnings    sentences
    engine      name of the OCR engine
    seconds     what reading took

``readers/json_deck.py`` reads it back.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ocr_worker.decks.deck import Deck, DeckLine, Section, Total

SCHEMA = 1

#: One object a line: what some readers take for a line end, or what cannot be written as UTF-8, is escaped.
_UNSAFE_IN_A_LINE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def deck_to_json(
    deck: Deck, *, image: str | None = None, engine: str | None = None, seconds: float | None = None
) -> dict[str, Any]:
    """The deck as a JSON object; what is not known of its picture and reading is null."""
    return {
        "schema": SCHEMA,
        "image": image,
        "kind": deck.kind,
        **{section.value: [_row(line) for line in deck[section]] for section in Section},
        "totals": _totals(deck),
        "verified": deck.verified,
        "warnings": list(deck.warnings),
        "engine": engine,
        "seconds": None if seconds is None else round(seconds, 3),
    }


def error_to_json(image: str | None, error: Exception | str) -> dict[str, Any]:
    """What stands in place of a deck for a picture that could not be read; ``error`` is its sentence."""
    return {"schema": SCHEMA, "image": image, "error": str(error)}


def json_line(value: Mapping[str, Any]) -> str:
    """``value`` as JSON on one line, without the line end."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNSAFE_IN_A_LINE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _row(line: DeckLine) -> dict[str, Any]:
    return {
        "count": line.count,
        "name": line.card.name,
        "certain": line.certain,
        "read": line.read,
        "box": None if line.box is None else list(line.box),
        "candidates": list(line.candidates),
    }


def _totals(deck: Deck) -> dict[str, Any]:
    """Main deck and sideboard always, counted where the deck does not say; others where it does."""
    counted = {section: Total(deck.size(section)) for section in (Section.MAIN, Section.SIDEBOARD)}
    totals = {**counted, **deck.totals}
    return {
        section.value: {"read": totals[section].read, "displayed": totals[section].displayed}
        for section in Section
        if section in totals
    }
