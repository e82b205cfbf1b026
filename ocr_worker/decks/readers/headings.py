"""Lines of a text list that are no cards: headings, comments, the deck's name."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from ocr_worker.decks.readers.places import LeftOut, Place, place_called


class Other(Enum):
    """Headings that name no place."""

    ABOUT = auto()
    METADATA = auto()
    CARD_TYPE = auto()


@dataclass(frozen=True, slots=True)
class Heading:
    """``marked`` is the sign that makes the heading a comment elsewhere (``//``, ``#``), empty for others."""

    means: Place | Other
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A line for people; ``name`` is set where it gives the deck's name."""

    marked: str
    text: str
    name: str = ""


_TYPES = frozenset(
    f"{word}{ending}"
    for word in (
        "creature",
        "land",
        "instant",
        "artifact",
        "enchantment",
        "planeswalker",
        "battle",
        "spell",
        "other",
    )
    for ending in ("", "s")
) | {"sorcery", "sorceries"}
_CONNECTIVES = frozenset(
    {"and", "&", "/", "basic", "nonbasic", "non-basic", "legendary", "noncreature", "non-creature"}
)

_COMMENT = re.compile(r"(//|#)!?\s*(.*)")
_NAMED = re.compile(r"name\s*:\s*(.*)", re.IGNORECASE)
_DECKSTATS_TAIL = re.compile(r"\s+from deckstats\.net$", re.IGNORECASE)
#: ``AUTHOR:…`` and ``LAYOUT MAIN:(1,6)(…`` of XMage, and the code fences of chats.
_NOISE = re.compile(r"author\s*:|layout (?:main|sideboard)\s*:|```", re.IGNORECASE)
#: ``== MAINBOARD ==``, ``[Main]``, ``**Sideboard**``
_FRAMES = re.compile(r"=+\s*([^=]+?)\s*=+|\[([^\[\]]+)\]|\*\*([^*]+)\*\*:?")
#: Outside brackets this is a card.
_FORGE_SECTIONS = {"conspiracy": LeftOut("Conspiracies")}
#: ``Sideboard (15 cards):``, ``Sideboard: 15``, ``24 Lands``
_COUNTED = re.compile(
    r"(?:\d+\s+)?(?P<word>[^\d:\[]*[^\d:\[\s(–-])\s*[:(\[–-]?\s*(?:\d+\s*(?:cards?)?)?\s*[)\]]?\s*:?",
    re.IGNORECASE,
)


def read_heading(line: str) -> Heading | Comment | None:
    """What the line is if it is no card: a heading, or a comment; None for what may be a card."""
    comment = _COMMENT.fullmatch(line)
    if comment:
        return _read_comment(comment[1], comment[2])
    if named := _NAMED.fullmatch(line):
        return Comment("", line, name=_clean_name(named[1]))
    if _NOISE.match(line):
        return Comment("", line)
    framed = _FRAMES.fullmatch(line)
    text = next(text for text in framed.groups() if text) if framed else line
    forge = _FORGE_SECTIONS.get(text.casefold()) if framed else None
    means = forge or _meaning(text)
    return None if means is None else Heading(means)


def _read_comment(marked: str, text: str) -> Heading | Comment:
    if named := _NAMED.fullmatch(text):
        return Comment(marked, text, name=_clean_name(named[1]))
    means = _meaning(text)
    return Comment(marked, text) if means is None else Heading(means, marked)


def _clean_name(name: str) -> str:
    return _DECKSTATS_TAIL.sub("", name).strip()


def _meaning(text: str) -> Place | Other | None:
    """The place or type that a heading names; a place's own brackets count as its name ("Commander(s)")."""
    if place := place_called(text.rstrip(": ")):
        return place
    counted = _COUNTED.fullmatch(text)
    word = counted["word"].casefold() if counted else ""
    if word in ("about", "metadata"):
        return Other.ABOUT if word == "about" else Other.METADATA
    words = word.split()
    if any(each in _TYPES for each in words) and all(each in _TYPES or each in _CONNECTIVES for each in words):
        return Other.CARD_TYPE
    return place_called(word)
