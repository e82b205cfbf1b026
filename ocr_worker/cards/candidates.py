"""Which of tens of thousands of keys are worth comparing with a badly read one.

An inverted index of pairs of neighbouring characters with their place in the key: a key is a candidate when
many of the query's pairs stand in it near the same place. Counting postings is a few array operations, so a
query costs a fraction of a millisecond, where comparing with every key costs ten. (Positional q-grams:
Gravano et al., "Approximate String Joins in a Database (Almost) for Free", VLDB 2001.)
"""

from collections.abc import Sequence
from math import ceil
from string import ascii_lowercase, digits

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.intp]

_ALPHABET = "\n" + digits + ascii_lowercase
_SYMBOLS = 37
"""The boundary, ten digits, 26 letters."""
_NUMBER_OF = np.array([_ALPHABET.find(chr(code)) for code in range(128)], np.intp)
_PLACES = 64
"""Places told apart; what stands further right counts as standing at the last one."""
_SLACK = 2
_SLACK_EACH = 5
"""A pair may stand ``_SLACK`` characters off, and one more for each ``_SLACK_EACH`` characters before it."""
_SHORTEST, _LONGEST = 0.55, 1.8
"""Lengths of keys, as shares of the query's, between which a key can still be what was read."""
_WORTH_A_LOOK = 0.3
"""Share of the highest count below which a key is no candidate."""


class CandidateIndex:
    """Finds candidates among ``keys`` (look-alike keys, ordered by length, of letters and digits only)."""

    def __init__(self, keys: Sequence[str]) -> None:
        symbols = _symbols("\n" + "".join(f"{key}\n" for key in keys))
        self._lengths = np.fromiter(map(len, keys), np.intp, len(keys))
        longest = int(self._lengths[-1]) if len(keys) else 0
        self._first_of_length = np.searchsorted(self._lengths, np.arange(longest + 2))
        spans = self._lengths + 1
        starts = np.cumsum(spans) - spans
        places = np.minimum(np.arange(symbols.size - 1) - np.repeat(starts, spans), _PLACES - 1)
        pairs = symbols[:-1] * _SYMBOLS + symbols[1:]
        order = _order(pairs, places)
        self._postings = np.repeat(np.arange(len(keys)), spans)[order]
        counts = np.bincount(pairs * _PLACES + places, minlength=_SYMBOLS**2 * _PLACES)
        self._offsets = np.concatenate(([0], np.cumsum(counts)))

    def nearest(self, key: str, limit: int, truncated: bool = False) -> Numbers:
        """Places of up to ``limit`` keys that resemble ``key``, or begin like it if it is ``truncated``."""
        first, last = self._window(len(key), truncated)
        counts = np.bincount(self._near(key, closed=not truncated), minlength=self._lengths.size)[first:last]
        if not counts.size or not (most := counts.max()):
            return np.empty(0, np.intp)
        chosen = np.flatnonzero(counts >= ceil(most * _WORTH_A_LOOK))
        if chosen.size > limit:
            shares = counts[chosen].astype(np.float32)
            if not truncated:
                shares /= self._lengths[first:last][chosen] + (len(key) + 2)
            chosen = chosen[np.argpartition(shares, -limit)[-limit:]]
        return first + chosen

    def _near(self, key: str, closed: bool) -> Numbers:
        """Postings of all pairs of ``key`` near their places; a key that is not ``closed`` goes on."""
        symbols = _symbols(f"\n{key}\n" if closed else f"\n{key}")
        pairs = (symbols[:-1] * _SYMBOLS + symbols[1:]) * _PLACES
        places = np.arange(pairs.size)
        slack = _SLACK + places // _SLACK_EACH
        starts = pairs + np.minimum(np.maximum(places - slack, 0), _PLACES - 1)
        ends = pairs + np.minimum(places + slack, _PLACES - 1) + 1
        spans = zip(self._offsets[starts].tolist(), self._offsets[ends].tolist(), strict=True)
        return np.concatenate([self._postings[start:end] for start, end in spans])

    def _window(self, length: int, truncated: bool) -> tuple[int, int]:
        """The range of keys whose length a reading of ``length`` characters can have."""
        longest = self._first_of_length.size - 1
        shortest = length - 2 if truncated else int(length * _SHORTEST) - 1
        first = int(self._first_of_length[min(max(shortest, 0), longest)])
        if truncated:
            return first, self._lengths.size
        return first, int(self._first_of_length[min(int(length * _LONGEST) + 3, longest)])


def _symbols(text: str) -> Numbers:
    """Numbers of the characters: boundary 0, then digits, then letters."""
    return _NUMBER_OF[np.frombuffer(text.encode("ascii"), np.uint8)]


def _order(pairs: Numbers, places: Numbers) -> Numbers:
    """The order by pair, then place; two sorts of small numbers, which NumPy does by radix."""
    by_place = np.argsort(places.astype(np.uint8), kind="stable")
    return by_place[np.argsort(pairs[by_place].astype(np.uint16), kind="stable")]
