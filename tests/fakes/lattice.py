"""Lattices made by hand: what a recogniser thinks of each letter, certain unless told."""

import string
from collections.abc import Mapping

import numpy as np

from ocr_worker.reading.lines import Lattice

SYMBOLS = ("", *string.ascii_letters, *string.digits, *" '-,")


def lattice(text: str, doubts: Mapping[int, Mapping[str, float]] | None = None) -> Lattice:
    """The lattice of a text, a blank between any two letters.

    ``doubts`` says by the letter's place how likely other letters are there; the text's own gets the rest.
    """
    rows = []
    for place, letter in enumerate(text):
        others = (doubts or {}).get(place, {})
        rows += [_row({letter: 1 - sum(others.values()), **others}), _row({"": 1.0})]
    return Lattice(np.array(rows, np.float32), SYMBOLS)


def _row(shares: Mapping[str, float]) -> list[float]:
    spread = 0.01 / len(SYMBOLS)
    return [0.99 * shares.get(symbol, 0.0) + spread for symbol in SYMBOLS]
