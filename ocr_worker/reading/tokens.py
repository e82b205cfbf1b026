"""What a line of text says besides card names: counts, displayed totals, headings."""

import re
from dataclasses import dataclass

from ocr_worker.decks.deck import Section

# OCR confuses these with digits in short tokens: "xl" is x1, "I5" is 15.
_DIGIT_LIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "i": "1", "S": "5", "s": "5"})

INTERFACE = frozenset(
    """
    add apply articles back builder cancel card cards collection comments commander craft deck decklist decks
    display done download edit events export filter filters formats forum home import login mastery menu meta
    metagame more new news next packs play players popular prices price profile proxies rank record sample
    save search settings share sign sort standings store total tournament tournaments type view visual
    """.split()
)
"""Words of menus and buttons: alone on a line, none of them is a badly read card name."""

MAX_COUNT = 99
"""No line of a deck holds more copies."""

_BADGE = re.compile(r"^[xX×]\s?([0-9OolI|]{1,2})$")
_QUANTITY = re.compile(r"^\(?([0-9OolI|]{1,2})\s?[xX×]?\)?$")
_TIMES = re.compile(r"^([0-9OolI|]{1,2})\s?[xX×]$")
_LEADING = re.compile(
    r"^[•*\-+]?\s*(?:([0-9]{1,3})\s*[xX×]\s+|([0-9]{1,3})[xX×](?=[A-Z])|([0-9]{1,3})\s+|[xX×]([0-9]{1,2})(?:\s+|(?=[A-Z]))|([1-9][0-9]?)(?=[A-Z][a-z]))(?=\S)"
)
# A number on a card's corner is read with the mana cost before it ("4×3", "21x") or with letters that it covers.
_TRAILING = re.compile(
    r"(?:\s+[xX×]\s?([0-9]{1,2})|\s+\(([0-9]{1,2})\)|(?:\s+|(?<=[0-9]))[xX×]([0-9]{1,2})|\s*[0-9]?([1-9])[xX×])$"
)

_OF = re.compile(r"(\d{1,3})\s?/\s?(\d{2,3})\s*(?:cards?|karten|cartes|cartas|carte)\b", re.IGNORECASE)
_CARDS = re.compile(
    r"^\W*(?:[a-z]+\s*[:\-–—·•]\s*)?(\d{1,3})\s*(?:cards?|karten|cartes|cartas|carte)(?:\s+(?:in|left)\b.*)?\W*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?<![A-Za-z])(main\s?deck|main\s?board|main|deck|sideboard|side\s?board|side|commanders?|companions?|lands?|creatures?|"
    r"planeswalkers?|spells?|artifacts?|enchantments?|instants?|sorcery|sorceries|battles?|others?|"
    r"maybe\s?board|considering)\b\s*[:\-–—•·.]?\s*[\(\[]?\s*(\d{1,3})(?:\s*/\s*\d{1,3})?\s*(?:cards?)?[\)\]]?",
    re.IGNORECASE,
)
_COUNTED_LABEL = re.compile(
    r"^(\d{1,3})\s+(main\s?deck|main|deck|sideboard|lands?|creatures?|planeswalkers?|spells?|artifacts?|enchantments?|"
    r"instants?|sorcery|sorceries|others?)\b",
    re.IGNORECASE,
)

_HEADINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"side\s?board|side|sb|réserve|réserv[eé]|best of three only", "side"),
        (r"maybe\s?board|considering|acquire ?board|tokens?( & extras)?", "out"),
        (r"commanders?|general", "commander"),
        (r"companions?", "companion"),
        (r"main\s?deck|main\s?board|main|deck|decklist|deck list", "main"),
        (
            r"lands?|creatures?|planeswalkers?|spells?|artifacts?|enchantments?|instants?|sorcery|sorceries|battles?"
            r"|others?|instants? (?:and|&) sorceries|basic lands?|nonbasic lands?|noncreature spells?",
            "type",
        ),
    )
)

_TYPE_WORDS = {
    "land": "land",
    "creature": "creature",
    "planeswalker": "planeswalker",
    "spell": "spell",
    "artifact": "artifact",
    "enchantment": "enchantment",
    "instant": "instant",
    "sorcery": "sorcery",
    "sorcerie": "sorcery",
    "battle": "battle",
    "other": "other",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a part of the list; ``name`` is a section's value, ``out`` (not in the deck) or ``type``.

    ``label`` is the card type of a type heading; ``count`` what the heading displays (None where it shows none).
    """

    name: str
    count: int | None = None
    label: str = ""

    @property
    def section(self) -> Section | None:
        return Section(self.name) if self.name in ("main", "side", "commander", "companion") else None


def badge(text: str) -> int | None:
    """The count of an ``x4`` badge, None for any other text."""
    found = _BADGE.match(text.strip())
    return _number(found.group(1)) if found else None


def quantity(text: str) -> int | None:
    """The count of a token that is nothing but a count: ``4``, ``4x``, ``x4``, ``(4)``."""
    count = badge(text)
    if count is not None:
        return count
    found = _QUANTITY.match(text.strip())
    return _number(found.group(1)) if found else None


def is_interface(text: str) -> bool:
    """The line is nothing but words of menus and buttons."""
    words = re.findall(r"[a-z]+", text.casefold())
    return bool(words) and all(word in INTERFACE for word in words)


def times(text: str) -> int | None:
    """The count of ``4x``, the form of list rows in game clients; None for a bare number."""
    found = _TIMES.match(text.strip())
    return _number(found.group(1)) if found else None


def trailing_number(text: str) -> int | None:
    """The number that ends a short token, what precedes it being a symbol: ``4``, ``[] 4``, ``74`` is ambiguous."""
    words = text.strip().split()
    if not words or len(text.strip()) > 6 or not words[-1].isdigit():
        return None
    return _number(words[-1])


def split_quantity(text: str) -> tuple[int | None, str]:
    """The count at the start (or end, ``Opt x4``) of a list row, and the rest; None where there is none."""
    found = _LEADING.match(text)
    if found:
        count = _number(next(group for group in found.groups() if group))
        return count, text[found.end() :].strip()
    found = _TRAILING.search(text)
    if found:
        return _number(next(group for group in found.groups() if group)), text[: found.start()].strip()
    return None, text.strip()


def deck_size(text: str) -> int | None:
    """What ``60/60 Cards``, ``15 Cards`` or ``49 cards in deck`` displays: the cards that are in."""
    found = _OF.search(text) or _CARDS.search(text)
    return int(found.group(1)) if found else None


def labelled_totals(text: str) -> dict[str, int]:
    """Totals with a label, e.g. ``Lands: 22 Creatures: 18`` gives {"land": 22, "creature": 18}."""
    totals: dict[str, int] = {}
    for label, number in _LABELLED.findall(text):
        totals.setdefault(_label(label), int(number))
    found = _COUNTED_LABEL.match(text.strip())
    if found:
        totals.setdefault(_label(found.group(2)), int(found.group(1)))
    return totals


def heading(text: str) -> Heading | None:
    """What part of a list this line opens, None where it is no heading."""
    bare, count = _bare_heading(text)
    for pattern, name in _HEADINGS:
        if pattern.fullmatch(bare):
            return Heading(name, count, _label(bare) if name == "type" else "")
    return None


def _bare_heading(text: str) -> tuple[str, int | None]:
    """The words of a possible heading without its count, and that count."""
    words = text.strip().strip("-–—=*#/[]▼▾►·•|<>").strip()
    counted = re.match(r"^(\d{1,3})\s+(?=[A-Za-zÀ-ÿ])", words)
    if counted:
        return words[counted.end() :].strip(" :."), int(counted.group(1))
    counted = re.search(
        r"[\s:\-–—•·.,]*[\(\[]?\s*(\d{1,3})\s*(?:/\s*\d+\s*)?(?:cards?)?\s*[\)\]]?\s*$", words, re.IGNORECASE
    )
    if counted and counted.start() > 0:
        return words[: counted.start()].strip(" :.-–—([•·,"), int(counted.group(1))
    return words.strip(" :.•·"), None


def _label(word: str) -> str:
    plain = re.sub(r"\s", "", word.casefold())
    if plain.startswith("main") or plain == "deck":
        return "main"
    if plain.startswith("side"):
        return "side"
    if plain.startswith(("maybe", "consider")):
        return "out"
    return _TYPE_WORDS.get(plain.removesuffix("s"), plain.removesuffix("s"))


def _number(text: str) -> int | None:
    digits = text.translate(_DIGIT_LIKE)
    return int(digits) if digits.isdigit() and 0 < int(digits) <= MAX_COUNT else None
