"""From a kept deck to what people paste."""

from functools import lru_cache
from typing import Any

from ocr_worker.cards import CardIndex, load_index
from ocr_worker.decks import Deck
from ocr_worker.decks.readers.json_deck import deck_from_json as parse
from ocr_worker.exporters import Export, export


@lru_cache(maxsize=1)
def _index() -> CardIndex:
    return load_index()


def deck_from_json(deck: Any) -> Deck:
    """The deck of deck JSON that this product wrote."""
    return parse(deck, _index()).deck


def exported(deck: Deck, format: str) -> Export:
    """The deck in a format; raises ExportError."""
    return export(deck, format)
