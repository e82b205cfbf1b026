"""From the name in a list to the card, whatever stands between the two names of a card."""

import re

from ocr_worker.cards.card import Card
from ocr_worker.decks.parsed import CardFinder

_SLASHES = re.compile(r"\s*/{1,3}\s*")


def find_card(finder: CardFinder, name: str) -> Card | None:
    """The card that ``name`` spells in any site's way, None where no card is called so.

    The name as it stands comes first: ``SP//dr, Piloted by Peni`` is one name. Then ``/``, ``//`` and ``///``
    separate two, and where these together are unknown (``Sol Ring // Sol Ring``) each must name the same
    card.
    """
    name = name.strip()
    if not name:
        return None
    card = finder.exact(name)
    if card is not None or "/" not in name:
        return card
    parts = [part for part in _SLASHES.split(name) if part]
    card = finder.exact(" // ".join(parts))
    return card if card is not None else _the_same_card(finder, parts)


def _the_same_card(finder: CardFinder, parts: list[str]) -> Card | None:
    cards = [finder.exact(part) for part in parts]
    return cards[0] if cards and all(card == cards[0] for card in cards) else None
