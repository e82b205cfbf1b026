"""All names under which cards can be found, and the search among them."""

from collections.abc import Iterable, Iterator, Sequence, Set
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr_worker.cards.candidates import CandidateIndex
from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue, one_sided
from ocr_worker.cards.completion import Completion
from ocr_worker.cards.matching import Match, Names, Reading, most_alike, similarity, truncated_similarity
from ocr_worker.cards.names import ALCHEMY_PREFIX, compact, compact_all, look_alike_all, without_alchemy

#: Candidates that go through the sieve, and those that are compared in full. With more, recall hardly grows.
_SIEVED = 200
_COMPARED = 50
_LEAST_ALIKE_TYPED = 74.0
"""Points below which what somebody types resembles the beginning of a name by chance: of 400 names with a slip 99 %
reach more, with two 92 %, of 300 texts of random letters 3 %."""


class Kind(StrEnum):
    """What a spelling is of its card; ``FRONT`` stands in the title bar, also of cards with one face."""

    FRONT = "front"
    FULL = "full"
    PRINTED = "printed"
    BACK = "back"


class Spelling(NamedTuple):
    """A name under which a card is found. (A tuple, since 36,000 are made at each start.)"""

    text: str
    card: Card
    kind: Kind


#: Points of similarity by which spellings stand back behind equally good ones.
_HANDICAPS = {Kind.FRONT: 0.0, Kind.FULL: 0.0, Kind.PRINTED: 0.1, Kind.BACK: 0.5}
_FUNNY_HANDICAP = 1.0
_FACE_SEPARATOR = " // "


class CardIndex:
    """Finds cards by name, well or badly read.

    Each key leads to one card. Where several share one (``Lightning Bolt`` is also a back face, ``Fire`` also
    half of a playtest card), real cards come before those of Un-sets, fronts before printed names and backs.
    Rebalanced Alchemy cards (``A-Teferi, Time Raveler``) are found by their exact name with the prefix only:
    on pictures they bear the plain name, and as near doubles they would put every such reading in doubt.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        names = {card.name for card in catalogue.cards}
        rebalanced = [card for card in catalogue.cards if _is_rebalanced(card, names)]
        self._rebalanced = {compact(text): card for card in rebalanced for text in (card.name, card.front)}
        self._spelled, self._literal = _owners(catalogue.cards, {card.name for card in rebalanced})
        keys = sorted(self._spelled, key=len)
        alikes = look_alike_all(keys)
        self.spellings: Sequence[Spelling] = [self._spelled[key] for key in keys]
        self._names = Names(np.array(keys, np.object_), np.array(alikes, np.object_))
        self._handicaps = _handicaps(self.spellings)
        self._candidates = CandidateIndex(alikes)

    @property
    def cards(self) -> tuple[Card, ...]:
        """All deck cards, ordered by name."""
        return self.catalogue.cards

    @cached_property
    def _completion(self) -> Completion:
        return Completion([(text, card) for text, card, _ in self.spellings])

    def exact(self, text: str, literally: bool = True) -> Card | None:
        """The card of that name, whatever case, accents, punctuation and spaces; None if there is none.

        A few names differ in nothing else ("Wasteland" and "Waste Land" of a playtest). Then the one that is written
        ``literally`` so is meant; what an engine read may have won or lost a space, so it is the usual card.
        """
        if literally and (card := self._literal.get(text.strip().casefold())):
            return card
        key = compact(text)
        if spelling := self._spelled.get(key):
            return spelling.card
        if key in self._rebalanced and text.lstrip().startswith(ALCHEMY_PREFIX):
            return self._rebalanced[key]
        plain = one_sided(without_alchemy(text.strip()))
        return self.exact(plain) if plain != text.strip() else None

    def search(self, text: str, limit: int = 5, truncated: bool = False) -> list[Match]:
        """Cards that ``text`` may name, best first, each once.

        A text that ends in dots, or is said to be ``truncated``, is also compared with beginnings of names. A
        text that is exactly a name gives that card alone, unless it may be cut (one dot may be dirt).
        """
        reading = Reading.of(without_alchemy(text.strip()))
        if not reading.key:
            return []
        if not truncated and reading.dots < 2 and (card := self.exact(text)):
            return [Match(card, self._name_of(text, card), 100.0)]
        return self._nearest(reading, limit, truncated or reading.dots > 0)

    def complete(self, prefix: str, limit: int = 25) -> list[Card]:
        """Cards for a name that is being typed: with that beginning or such a word, else those much like it."""
        found = self._completion.find(prefix, limit)
        if found:
            return found
        matches = self.search(prefix, limit, truncated=True)
        return [match.card for match in matches if match.score >= _LEAST_ALIKE_TYPED]

    def _name_of(self, text: str, card: Card) -> str:
        spelling = self._spelled.get(compact(text))
        return spelling.text if spelling else card.name

    def _nearest(self, reading: Reading, limit: int, truncated: bool) -> list[Match]:
        """Candidates by shared pairs of characters, sieved, then compared in full and ranked."""
        near = self._candidates.nearest(reading.alike, _SIEVED, truncated)
        if not near.size:
            return []
        sieved = most_alike(reading, self._names.alikes[near], max(_COMPARED, 3 * limit), truncated)
        chosen = np.sort(near[sieved])
        names = self._names[chosen]
        if truncated:
            scores, begun = truncated_similarity(reading, names)
        else:
            scores, begun = similarity(reading, names), np.zeros(len(names), np.bool_)
        order = np.argsort(self._handicaps[chosen] - scores, kind="stable")
        ranked = zip(chosen[order].tolist(), scores[order].tolist(), begun[order].tolist(), strict=True)
        return self._first_of_each_card(ranked, limit)

    def _first_of_each_card(self, ranked: Iterable[tuple[int, float, bool]], limit: int) -> list[Match]:
        """The best matches of ``limit`` cards, from places, scores, and whether a beginning matched."""
        matches: dict[str, Match] = {}
        for place, score, prefix in ranked:
            if len(matches) == limit:
                break
            text, card, _ = self.spellings[place]
            matches.setdefault(card.name, Match(card, text, score, prefix))
        return list(matches.values())


def _is_rebalanced(card: Card, names: Set[str]) -> bool:
    """Whether this is the Alchemy version of another card (``A-Town`` is a card of its own)."""
    return card.name.startswith(ALCHEMY_PREFIX) and without_alchemy(card.name) in names


def _owners(cards: Sequence[Card], left_out: Set[str]) -> tuple[dict[str, Spelling], dict[str, Card]]:
    """The spelling that owns each key, the first in the order of precedence; and names that own none, in lower case."""
    kept = [card for card in cards if card.name not in left_out]
    real, funny = [card for card in kept if not card.is_funny], [card for card in kept if card.is_funny]
    spellings = [*_by_precedence(real), *_by_precedence(funny)]
    owners: dict[str, Spelling] = {}
    literal: dict[str, Card] = {}
    for key, spelling in zip(compact_all(text for text, _, _ in spellings), spellings, strict=True):
        owner = owners.setdefault(key, spelling)
        if owner.card is not spelling.card and spelling.kind is Kind.FRONT:
            literal.setdefault(spelling.text.casefold(), spelling.card)
    for owner in owners.values():
        literal.pop(owner.text.casefold(), None)
    owners.pop("", None)
    return owners, literal


def _by_precedence(cards: Sequence[Card]) -> Iterator[Spelling]:
    """The spellings of the cards, those first that win where two cards share one."""
    many_faced = [card for card in cards if _FACE_SEPARATOR in card.name]
    for card in cards:
        yield Spelling(card.name.partition(_FACE_SEPARATOR)[0], card, Kind.FRONT)
    for card in many_faced:
        yield Spelling(card.name, card, Kind.FULL)
    for card in cards:
        for printed in card.printed_names:
            yield Spelling(printed, card, Kind.PRINTED)
    for card in many_faced:
        for back in card.faces[1:]:
            yield Spelling(back, card, Kind.BACK)
    for card in cards:
        if card.melds_into:
            yield Spelling(card.melds_into, card, Kind.BACK)


def _handicaps(spellings: Sequence[Spelling]) -> npt.NDArray[np.float32]:
    """Points by which each spelling stands back."""
    handicaps = np.zeros(len(spellings), np.float32)
    for place, (_, card, kind) in enumerate(spellings):
        if card.is_funny or kind is not Kind.FRONT:
            handicaps[place] = _HANDICAPS[kind] + (_FUNNY_HANDICAP if card.is_funny else 0)
    return handicaps
