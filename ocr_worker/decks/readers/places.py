"""Where a line of a list belongs, and the words that lists use for it."""

import re
from dataclasses import dataclass

from ocr_worker.decks.deck import Section


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A section that is no part of the deck; ``label`` names it for people."""

    label: str


Place = Section | LeftOut

MAYBEBOARD = LeftOut("Maybeboard")

_WORDS: dict[Place, str] = {
    Section.MAIN: "main, maindeck, main deck, mainboard, main board, deck, decklist",
    Section.SIDEBOARD: "side, sideboard, side board, sideboard cards, sb",
    Section.COMMANDER: "commander, commanders, commander(s), command zone, cmdr",
    Section.COMPANION: "companion, companions",
    MAYBEBOARD: "maybe, maybeboard, maybe board, considering",
    LeftOut("Acquireboard"): "acquireboard",
    LeftOut("Wishlist"): "wishlist, wishboard",
    LeftOut("Tokens"): "token, tokens, tokens & extras",
    LeftOut("Planes"): "planes, planar deck",
    LeftOut("Schemes"): "schemes, scheme deck",
    LeftOut("Attractions"): "attractions",
    LeftOut("Contraptions"): "contraptions",
    LeftOut("Stickers"): "stickers, sticker sheet, sticker sheets",
    LeftOut("Dungeons"): "dungeon, dungeons",
    LeftOut("Conspiracies"): "conspiracies",
    LeftOut("Avatar"): "avatar, vanguard",
    LeftOut("Display commander"): "display commander",
}
_PLACES = {word: place for place, words in _WORDS.items() for word in words.split(", ")}


def place_called(word: str) -> Place | None:
    """The place that a list calls ``word``, None where it is no place."""
    return _PLACES.get(" ".join(word.casefold().split()))


_FLAG = re.compile(r"\{([^}]*)\}")


def place_of_category(categories: str) -> Place | None:
    """Where Archidekt's ``Category{flags},…`` puts a card; None for categories of the deck itself.

    The first category decides. Source: cramt/progress-engine ``docs/research/archidekt-import-shapes.md``.
    """
    flags = {flag.casefold() for flag in _FLAG.findall(_first(categories))}
    name = _FLAG.sub("", _first(categories))
    place = Section.COMMANDER if "top" in flags else place_called(name)
    if place in (Section.SIDEBOARD, Section.COMMANDER, Section.COMPANION, MAYBEBOARD):
        return place
    return LeftOut(name.strip().capitalize() or "Maybeboard") if "nodeck" in flags else None


def _first(categories: str) -> str:
    """Up to the first comma that stands outside braces."""
    depth = 0
    for position, char in enumerate(categories):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            return categories[:position]
    return categories
