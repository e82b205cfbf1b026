"""How alike a reading and a name are.

Levenshtein's distance over the longer length, once on the plain keys and once on the look-alike keys, and the
mean of both: on simulated readings this put the right name first far more often than the ratio of insertions
and deletions that is usual for texts, since an OCR mostly exchanges characters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from ocr_worker.cards.card import Card
from ocr_worker.cards.names import compact, look_alike

Keys = npt.NDArray[np.object_]
Places = npt.NDArray[np.intp]
Scores = npt.NDArray[np.float32]

_ELLIPSIS = re.compile(r"\s*(?:…|\.\s?\.|\.)[\s.…]*$")
_WHOLE_NAME_BEFORE_DOTS = 0.97
"""Dots say that something is missing: a name that ends there is less likely than one that goes on."""
_CUT_WITHOUT_DOTS = 0.98
_CUTS = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Match:
    """A card that a text may name: ``name`` is the spelling that resembles it, ``score`` how much (0 to 100).

    ``prefix`` says that the text resembles the beginning of the name only.
    """

    card: Card
    name: str
    score: float
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is compared. ``dots`` is how many dots ended it (an ellipsis counts as three)."""

    key: str
    alike: str
    dots: int

    @classmethod
    def of(cls, text: str) -> "Reading":
        """The text without the dots at its end."""
        end = _ELLIPSIS.search(text)
        stem = text[: end.start()] if end else text
        dots = end[0].count(".") + 3 * end[0].count("…") if end else 0
        key = compact(stem)
        return cls(key, look_alike(key), dots)


@dataclass(frozen=True, slots=True)
class Names:
    """Names by their plain and their look-alike keys, in the same order."""

    keys: Keys
    alikes: Keys

    def __getitem__(self, places: Places) -> "Names":
        return Names(self.keys[places], self.alikes[places])

    def __len__(self) -> int:
        return len(self.keys)


def most_alike(reading: Reading, alikes: Keys, limit: int, truncated: bool) -> Places:
    """Places of the ``limit`` look-alike keys that are most like the reading's, in no order.

    A first sieve at half the price of ``similarity``.
    """
    keys: list[str] = alikes.tolist()
    if len(keys) <= limit:
        return np.arange(len(keys))
    if truncated:
        keys += [key[: len(reading.alike)] for key in keys]
    scores = _alikeness(reading.alike, keys).reshape(-1, alikes.size).max(axis=0)
    return np.argpartition(scores, -limit)[-limit:]


def similarity(reading: Reading, names: Names) -> Scores:
    """How alike the reading is to each name; 0 to 100."""
    return _similarity(reading, names.keys.tolist(), names.alikes.tolist())


def truncated_similarity(reading: Reading, names: Names) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """How alike the reading is to each name or to its beginning, and whether it was the beginning.

    Beginnings one character shorter and longer count as well, since the reading may have lost or won one.
    """
    keys, alikes = names.keys.tolist(), names.alikes.tolist()
    sizes = [len(reading.key) + change for change in _CUTS]
    alike_sizes = [len(reading.alike) + change for change in _CUTS]
    scores = _similarity(
        reading,
        keys + [key[:size] for size in sizes for key in keys],
        alikes + [key[:size] for size in alike_sizes for key in alikes],
    ).reshape(-1, len(names))
    goes_on = np.fromiter(map(len, keys), np.intp, len(keys)) > np.array(sizes)[:, np.newaxis]
    return _better(scores[0], np.where(goes_on, scores[1:], 0).max(axis=0), bool(reading.dots))


def _better(whole: Scores, begun: Scores, dotted: bool) -> tuple[Scores, npt.NDArray[np.bool_]]:
    if dotted:
        whole = whole * np.float32(_WHOLE_NAME_BEFORE_DOTS)
    else:
        begun = begun * np.float32(_CUT_WITHOUT_DOTS)
    return np.maximum(whole, begun), begun > whole


def _similarity(reading: Reading, keys: Sequence[str], alikes: Sequence[str]) -> Scores:
    return 50 * (_alikeness(reading.key, keys) + _alikeness(reading.alike, alikes))


def _alikeness(text: str, others: Sequence[str]) -> Scores:
    """Levenshtein's distance as a likeness from 0 to 1."""
    scorer = Levenshtein.normalized_similarity
    scores: Scores = cdist([text], others, scorer=scorer, dtype=np.float32)[0]
    return scores
