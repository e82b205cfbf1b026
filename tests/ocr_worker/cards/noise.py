"""A seeded model of what an OCR does to a name of a few pixels height, and the recall of the search under it.

``python -m tests.ocr_worker.cards.noise`` prints the table of recall over several thousand names.
"""

import random
import sys
from collections.abc import Sequence

from ocr_worker.cards import CardIndex, Kind, load_index

#: What a character is taken for when it is read wrong; mostly others of about its shape.
_SHAPES = {
    "a": "oesu", "b": "86hk", "c": "eoG", "d": ["cl", "a", "ci"], "e": "cao", "f": "trl", "g": "q9y",
    "h": ["b", "n", "li"], "i": "l1jI!", "j": "il", "k": ["h", "lc", "x"], "l": "1iIt|",
    "m": ["n", "rn", "in", "nn"], "n": ["r", "m", "ri", "u"], "o": "0ceaQ", "p": "nqo", "q": "go",
    "r": "tnv", "s": "5z8a", "t": "flri", "u": ["v", "n", "ii"], "v": "uyr", "w": ["vv", "m", "ui"],
    "x": "rk", "y": "vgj", "z": "2s",
}  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LOST_SPACE = 0.1


def misread(name: str, share: float, chance: random.Random) -> str:
    """``name`` with about ``share`` of its characters changed, lost or joined by another, and spaces lost."""
    return "".join(
        _misread_character(char, chance) if chance.random() < share else _kept(char, chance) for char in name
    )


def _kept(char: str, chance: random.Random) -> str:
    return "" if char == " " and chance.random() < _LOST_SPACE else char


def _misread_character(char: str, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.60 and char.lower() in _SHAPES:
        return chance.choice(_SHAPES[char.lower()])
    if kind < 0.75:
        return chance.choice(_LETTERS)
    if kind < 0.90:
        return ""
    return char + chance.choice(_LETTERS + "il1. ")


def title_names(index: CardIndex) -> list[str]:
    """The names in title bars, without those of Un-sets."""
    return [spelling.text for spelling in index.spellings if spelling.kind is Kind.FRONT and not spelling.card.is_funny]


def recall(index: CardIndex, share: float, names: int, ranks: Sequence[int] = (1, 5, 20), seed: int = 1) -> list[float]:
    """How often the right card is among the first 1, 5 and 20 when ``share`` of the characters is misread."""
    chance = random.Random(seed)
    found = [0] * len(ranks)
    for name in chance.sample(title_names(index), names):
        matches = index.search(misread(name, share, chance), max(ranks))
        cards = [match.card.front for match in matches]
        place = cards.index(name) if name in cards else max(ranks)
        found = [count + (place < rank) for count, rank in zip(found, ranks, strict=True)]
    return [count / names for count in found]


def main() -> None:
    """Print the table of recall."""
    index = load_index()
    for percent in (5, 10, 15, 20, 25, 30, 35):
        first, five, twenty = recall(index, percent / 100, names=3_000)
        sys.stdout.write(f"{percent:3} %   first {first:.3f}   of 5 {five:.3f}   of 20 {twenty:.3f}\n")


if __name__ == "__main__":
    main()
