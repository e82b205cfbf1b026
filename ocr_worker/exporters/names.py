"""How each target spells a card that has two names, or more.

The rules were read in exporters and importers whose authors tried them on the real programs: Draftmancer
``client/src/exportToMTGA.ts`` and ``exportToMTGO.ts``, dr4ft ``frontend/src/export/{mtga,mtgo,
cockatrice}.js`` (pull request 1419), taw/magic-search-engine ``search-engine/spec/deck_exporter_spec.rb``,
XMage ``Mage.Tests/src/test/data/importer/testdeck.dek``, moxtrice ``core.py``, Cockatrice pull request 2944.
A back face alone is never written: Arena refuses it.
"""

import unicodedata
from dataclasses import dataclass

from ocr_worker.cards.card import SPLIT_LAYOUTS, Card
from ocr_worker.cards.names import ALCHEMY_PREFIX, without_alchemy

#: Scryfall names a meld card by its own half, and a reversible card is one card printed on both sides.
_FRONT_ONLY = frozenset({"meld", "reversible_card"})

#: Games, sites and programs all read the straight forms.
_PLAIN_MARKS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"'})
#: The odd colon stands in Ratonhnhaké꞉ton.
_TO_ASCII = str.maketrans({"꞉": ":", "—": "-", "–": "-", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """Which layouts a target knows by all their names, and what stands between these.

    ``whole`` None means every layout of two names. Rebalanced cards lose their ``A-`` and apostrophes are
    straight; ``ascii_only`` also drops accents.
    """

    rule: str
    separator: str = " // "
    whole: frozenset[str] | None = SPLIT_LAYOUTS
    ascii_only: bool = False

    def __call__(self, card: Card) -> str:
        """The name of ``card`` as the target spells it."""
        name = without_alchemy(card.name) if is_rebalanced(card) else card.name
        faces = name.translate(_PLAIN_MARKS).split(" // ")
        name = self.separator.join(faces) if self.writes_whole(card.layout) else faces[0]
        return as_ascii(name) if self.ascii_only else name

    def writes_whole(self, layout: str) -> bool:
        """Cards of this layout are written with all their names."""
        if self.whole is None:
            return layout not in _FRONT_ONLY
        return layout in self.whole


def as_ascii(name: str) -> str:
    """``name`` without accents, ligatures and what else ASCII lacks."""
    return unicodedata.normalize("NFKD", name.translate(_TO_ASCII)).encode("ascii", "ignore").decode("ascii")


def is_rebalanced(card: Card) -> bool:
    """Alchemy's version of a card, ``A-…`` at Scryfall and plain on Arena; ``A-Town`` is none."""
    return card.name.startswith(ALCHEMY_PREFIX) and not card.is_funny


HALVES = Spelling("both names of split cards and rooms (`Fire // Ice`), the front name of all others")
FULL = Spelling("all names of every card (`Fire // Ice`)", whole=None)
