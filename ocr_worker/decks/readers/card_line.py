"""One card line of a text list, in any site's grammar.

``4 Fire // Ice``, ``4x fire/ice (MH2) 290 *F*``, ``SB: 1 [M21:13] Containment Priest``, ``1 Kelsien, the
Plague # !Commander``, ``1x Opt (dom) 60 [Maybeboard{noDeck}{noPrice}] ^Have,#37d67a^``, ``6 Island <251>
[THB] (F)``, ``4 Fire // Ice|MH2|1``.

No card name contains ``# * | ^ < > [ ] { }``, so what these mark is cut off first. Brackets, plus signs and
digits do occur in names (``Hazmat Suit (Used)``, ``+2 Mace``, ``1996 World Champion``, ``Black Waltz No.
3``): these are cut only where the name is unknown as it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Section
from ocr_worker.decks.parsed import CardFinder
from ocr_worker.decks.readers.assembler import is_count
from ocr_worker.decks.readers.naming import find_card
from ocr_worker.decks.readers.places import Place, place_called, place_of_category


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as read. ``place`` is None where the line itself does not say; ``card`` None where no card is
    called so; ``has_category`` that it carries a bracket of the kind that sites write."""

    line: int
    text: str
    count: int
    card: Card | None
    place: Place | None = None
    has_category: bool = False


def read_card_line(line: int, text: str, finder: CardFinder) -> Entry:
    """The line as a card."""
    body, place, has_category = _without_marks(text)
    for count, name in _counted_names(body):
        for candidate in _candidates(name):
            if card := find_card(finder, candidate):
                return Entry(line, text, count, card, place, has_category)
    count = next((count for count, _ in _counted_names(body)), 1)
    return Entry(line, text, count, None, place, has_category)


_BULLET = re.compile(r"(?:[-*•·–—>]\s+)+")
_PREFIX = re.compile(r"([a-z]+)\s*:\s*(?=\S)", re.IGNORECASE)
_MARKED_COMMENT = re.compile(r"(?:^|\s)#(?P<text>.*)$")
_MARKED_PLACE = re.compile(r"!\s*(commander|companion)", re.IGNORECASE)
_TRAILING = re.compile(
    r"\s*(?:\*(?P<mark>[\w-]+)\*|\[(?P<category>[^\[\]]*)\]|\^[^^]*\^|<[^<>]*>|\|[^|]*|\((?:F|E|foil|etched)\))$"
)
_SET_CODE = re.compile(r"[A-Z0-9]{2,6}")
"""MTGGoldfish's ``[MH2]``, which says nothing of sections; categories are written like words."""
_MOST_MARKS = 12
"""More than any site writes on a line; the search is not repeated for ever on hostile ones."""
_MARKS: dict[str, Place] = {"cmdr": Section.COMMANDER, "cmpn": Section.COMPANION}


def _without_marks(text: str) -> tuple[str, Place | None, bool]:
    """The count and name that remain, the place that a mark names, and whether there was a category."""
    body = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    body, place = _without_prefix(body)
    if comment := _MARKED_COMMENT.search(body):
        body = body[: comment.start()]
        if said := _MARKED_PLACE.search(comment["text"]):
            place = place_called(said[1])
    has_category = False
    for _ in range(_MOST_MARKS):
        if not (mark := _TRAILING.search(body)):
            break
        body = body[: mark.start()]
        if mark["mark"]:
            place = _MARKS.get(mark["mark"].casefold(), place)
        elif mark["category"]:
            found = place_of_category(mark["category"])
            place = found or place
            has_category = has_category or found is not None or not _SET_CODE.fullmatch(mark["category"])
    return body.strip(), place, has_category


def _without_prefix(text: str) -> tuple[str, Place | None]:
    """``SB: 1 Opt`` and ``COMMANDER: 1 The Fourth Doctor``; other words before a colon belong to the name."""
    prefix = _PREFIX.match(text)
    place = place_called(prefix[1]) if prefix else None
    return (text, None) if place is None or prefix is None else (text[prefix.end() :], place)


_COUNT_FIRST = (
    re.compile(r"(?P<count>\d{1,4})\s+(?P<name>\S.*)"),
    re.compile(r"(?P<count>\d{1,4})\s*[x×]\s*(?P<name>\S.*)", re.IGNORECASE),
    re.compile(r"[x×](?P<count>\d{1,4})\s+(?P<name>\S.*)", re.IGNORECASE),
    re.compile(r"\(\s*(?P<count>\d{1,4})\s*\)\s*(?P<name>\S.*)"),
)
_COUNT_LAST = re.compile(r"(?P<name>.*\S)\s+(?:[x×]|\(\s*[x×]?)\s*(?P<count>\d{1,3})\s*x?\)?", re.IGNORECASE)


def _counted_names(body: str) -> Iterator[tuple[int, str]]:
    """Ways to divide the line into count and name, the likely ones first, the whole line as name last."""
    for pattern in _COUNT_FIRST:
        match = pattern.fullmatch(body)
        if match and is_count(int(match["count"])):
            yield int(match["count"]), match["name"]
    match = _COUNT_LAST.fullmatch(body)
    if match and is_count(int(match["count"])):
        yield int(match["count"]), match["name"]
    yield 1, body


_PRINTING_BEFORE = re.compile(r"(?:\[[^\[\]]*\]|<[^<>]*>)\s*")
_BRACKET_LAST = re.compile(r"\s*\([^()]*\)(?:\s+[^\s()]+){0,2}$")

_MOST_BRACKETS = 3


def _candidates(name: str) -> Iterator[str]:
    """The name as it stands, then without what may be a printing or a sign for foil at its end."""
    if printing := _PRINTING_BEFORE.match(name):
        name = name[printing.end() :]
    yield name
    for _ in range(_MOST_BRACKETS):
        if bracket := _BRACKET_LAST.search(name):
            name = name[: bracket.start()]
            yield name
    if name.endswith("+"):
        yield name.removesuffix("+")
