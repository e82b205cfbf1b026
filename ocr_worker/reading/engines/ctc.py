"""Decoding of CTC recognisers, and the likelihood of a given text under one.

Source: Graves et al., "Connectionist Temporal Classification", 2006, section 4.1 (forward variables).
"""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.lines import Lattice

#: What card names, counts and headings of the pictures are written with.
ALPHABET = frozenset(
    " ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    "'’,.-–—/&!?:;+\"()[]{}#$%*@…×_=<>|~•®"
    "ÀÁÂÄÆÇÈÉÊËÍÎÏÑÓÔÖØÙÚÛÜàáâãäåæçèéêëìíîïñòóôöøùúûüœ"
)


def columns(symbols: Sequence[str]) -> NDArray[np.int64]:
    """Which of a recogniser's symbols, the blank first, can stand on a picture of Magic cards."""
    return np.array([0, *(i for i, symbol in enumerate(symbols) if symbol in ALPHABET)])


def decode(lattice: Lattice) -> tuple[str, float]:
    """The best path's text and the mean probability of its symbols (0 for an empty text)."""
    best = lattice.probabilities.argmax(axis=1)
    first = np.ones(len(best), bool)
    first[1:] = best[1:] != best[:-1]
    chosen = np.flatnonzero(first & (best != 0))
    text = "".join(lattice.symbols[i] for i in best[chosen])
    confidence = float(lattice.probabilities[chosen, best[chosen]].mean()) if len(chosen) else 0.0
    return text, confidence


def best_path_score(lattice: Lattice) -> float:
    """Log-probability of the best path: no text can be much likelier."""
    return float(np.log(np.maximum(lattice.probabilities.max(axis=1), 1e-9)).sum())


def log_likelihoods(lattice: Lattice, texts: Sequence[str]) -> list[float]:
    """Log-likelihood of each text standing somewhere on the line, what is around it being free.

    Titles are followed by mana symbols and preceded by frame corners, so the steps before and after the text
    count as their best path. Symbols that the engine does not know are replaced by their plain letters.
    """
    if not texts:
        return []
    known = {symbol: i for i, symbol in reversed(list(enumerate(lattice.symbols)))}
    labels = [_labels(text, known) for text in texts]
    states = np.zeros((len(labels), 2 * max(len(row) for row in labels) + 1), np.int64)
    for row, label in zip(states, labels, strict=True):
        row[1 : 2 * len(label) : 2] = label
    ends = np.array([2 * len(label) for label in labels])
    return [float(value) for value in _forward(lattice, states, ends)]


def _forward(lattice: Lattice, states: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """The best over all end steps of forward variable plus free rest, shape (texts,)."""
    emitted = np.log(np.maximum(lattice.probabilities, 1e-6)).astype(np.float64)
    free = emitted.max(axis=1)
    before = np.concatenate(([0.0], np.cumsum(free)))
    after = before[-1] - before
    skips = np.zeros(states.shape, bool)
    skips[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    rows = np.arange(len(states))
    alpha = np.full(states.shape, -np.inf)
    result = np.full(len(states), -np.inf)
    for step, logs in enumerate(emitted):
        moved = alpha.copy()
        moved[:, 1:] = np.logaddexp(moved[:, 1:], alpha[:, :-1])
        moved[:, 2:] = np.where(skips[:, 2:], np.logaddexp(moved[:, 2:], alpha[:, :-2]), moved[:, 2:])
        moved[:, :2] = np.logaddexp(moved[:, :2], before[step])
        alpha = moved + logs[states]
        finished = np.logaddexp(alpha[rows, ends], alpha[rows, np.maximum(ends - 1, 0)])
        result = np.maximum(result, finished + after[step + 1])
    return result


def _labels(text: str, known: dict[str, int]) -> list[int]:
    labels: list[int] = []
    for char in text:
        if char in known:
            labels.append(known[char])
        else:
            plain = unicodedata.normalize("NFKD", char.replace("’", "'").replace("Æ", "AE").replace("æ", "ae"))
            labels.extend(known[c] for c in plain if c in known)
    return labels
