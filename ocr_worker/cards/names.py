"""Forms of a card name in which two spellings of it are equal.

Three steps, each coarser than the one before:

    fold         "Lim-Dûl's Vault"  ->  "lim duls vault"    case, accents, ligatures, punctuation
    compact      "Lim-Dûl's Vault"  ->  "limdulsvault"      also spaces, which OCR joins and splits
    look_alike   "lim0ulsvau1t"     ->  "llmoulsuault"      also characters that an OCR takes for each other
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

#: The prefix of cards that were rebalanced for Alchemy, in the spelling of Scryfall and MTGJSON.
ALCHEMY_PREFIX = "A-"

_LETTERS = {
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
    "ß": "ss", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i",
}  # fmt: skip
_UNDECOMPOSED = str.maketrans(_LETTERS)
_APOSTROPHES = re.compile("['’‘`´ʼ′]")
# Names with a gap for a sticker ("_____ Goblin"): the gap is a word, or the creature type would be the name.
_BLANKS = re.compile("_{2,}")
_NEITHER_LETTER_NOR_DIGIT = re.compile("[^a-z0-9]+")
_LOWER = bytes(range(256)).lower()
_NOISE = bytes(code for code in range(256) if not chr(code).isalnum() and code != ord("\n"))

# Digits that stand for letters, and letters that differ in a pixel or two at 8 to 12 pixels height. Only such
# are here as keep nearly all names apart: wider classes (c/e, t/l) were measured and lost more names than
# they found.
_SAME_SHAPE = str.maketrans("0158962ijqv", "olsbggzllgu")
_SAME_SHAPE_PAIRS = (("rn", "m"), ("uu", "w"), ("cl", "d"))


def fold(text: str) -> str:
    """``text`` as lower-case ASCII words with single spaces; apostrophes vanish, other marks part words."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED))
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    named = _BLANKS.sub(" blank ", _APOSTROPHES.sub("", text))
    return _NEITHER_LETTER_NOR_DIGIT.sub(" ", named.lower()).strip()


def compact(text: str) -> str:
    """``fold`` without spaces: the key by which names are equal. May be empty."""
    return fold(text).replace(" ", "")


def compact_all(texts: Iterable[str]) -> list[str]:
    """``compact`` of each text, none of which has a newline; quick enough for a whole catalogue at start."""
    plain = [text if text.isascii() and "__" not in text else fold(text) for text in texts]
    lines = "\n".join(plain).encode("ascii").translate(_LOWER, _NOISE)
    return lines.decode("ascii").split("\n") if plain else []


def look_alike(key: str) -> str:
    """``key`` (of ``compact``) with look-alikes merged into one of them."""
    key = key.translate(_SAME_SHAPE)
    for pair, char in _SAME_SHAPE_PAIRS:
        key = key.replace(pair, char)
    return key


def look_alike_all(keys: Sequence[str]) -> list[str]:
    """``look_alike`` of each key, many at once."""
    return look_alike("\n".join(keys)).split("\n") if keys else []


def without_alchemy(name: str) -> str:
    """``name`` without the ``A-`` of rebalanced cards, on every face."""
    return " // ".join(face.removeprefix(ALCHEMY_PREFIX) for face in name.split(" // "))
