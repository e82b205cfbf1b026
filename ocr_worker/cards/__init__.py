"""Which cards there are, and which one a text names. Pure: knows neither storage, settings nor pictures.

Fetching a newer catalogue is in ``ocr_worker.cards.update``, apart, since its HTTP client takes longer to
import than all of this.
"""

from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.index import CardIndex, Kind, Spelling
from ocr_worker.cards.matching import Match
from ocr_worker.cards.names import compact, fold, look_alike
from ocr_worker.cards.sources import (
    CardSource,
    Choice,
    best_catalogue,
    cached_source,
    card_sources,
    is_stale,
    load_index,
    snapshot_source,
)

__all__ = [
    "Card",
    "CardIndex",
    "CardSource",
    "Catalogue",
    "Choice",
    "Kind",
    "Match",
    "Spelling",
    "best_catalogue",
    "cached_source",
    "card_sources",
    "compact",
    "fold",
    "is_stale",
    "load_index",
    "look_alike",
    "snapshot_source",
]
