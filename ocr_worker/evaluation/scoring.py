"""What a deck that was read has right, wrong and missing, line by line, and the figures over many pictures.

A line is a (section, card, count), right when all three are. Cards compare by front face, without case,
accents and punctuation. Lines that nobody can be certain of ("partly-hidden", "unreadable-count") are neither
asked for nor held against a reader; nor is a companion that is listed in the sideboard too.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ocr_worker.decks.deck import Box

DeckJson = Mapping[str, Any]
"""A deck as the command line prints it; the sections and ``verified`` are looked at, all may be absent."""

TruthJson = Mapping[str, Any]
"""What a picture shows: ``image``, ``kind`` and by section lines ``[count, name, status]``, each optional."""

SECTIONS = ("main", "side", "commander", "companion")
_UNASKED = frozenset({"partly-hidden", "unreadable-count"})
_Key = tuple[str, str]  # section, card


class Verdict(StrEnum):
    """What became of a line, worst first."""

    EXTRA = "extra"  # read, and not in the picture
    MISCOUNTED = "miscounted"  # the right card in the right section with a wrong count
    MISSING = "missing"  # in the picture, and not read
    RIGHT = "right"
    UNASKED = "unasked"  # read, and left out of account


@dataclass(frozen=True, slots=True)
class Line:
    """A card of a section as it was read (``got``) and as it is (``asked``), 0 where it does not occur."""

    section: str
    card: str
    name: str
    got: int
    asked: int
    certain: bool
    verdict: Verdict
    read: str = ""
    box: Box | None = None

    @property
    def is_wrong(self) -> bool:
        """It was read, and counts as an error."""
        return self.verdict in (Verdict.EXTRA, Verdict.MISCOUNTED)


@dataclass(frozen=True, slots=True)
class Score:
    """One picture's lines and what they add up to."""

    image: str
    kind: str
    lines: tuple[Line, ...]
    verified: bool = False
    seconds: float | None = None
    error: str = ""

    @property
    def asked(self) -> int:
        """Lines of the picture that a reader must find."""
        return self._count(Verdict.RIGHT, Verdict.MISCOUNTED, Verdict.MISSING)

    @property
    def got(self) -> int:
        """Lines that were read and are taken into account."""
        return self._count(Verdict.RIGHT, Verdict.MISCOUNTED, Verdict.EXTRA)

    @property
    def right(self) -> int:
        """Lines with the right section, card and count."""
        return self._count(Verdict.RIGHT)

    @property
    def named(self) -> int:
        """Lines with the right section and card."""
        return self._count(Verdict.RIGHT, Verdict.MISCOUNTED)

    @property
    def missing(self) -> int:
        """Lines that a reader should have found."""
        return self._count(Verdict.MISSING)

    @property
    def is_exact(self) -> bool:
        """Every line that is asked for is right, and there is none too many."""
        return self.right == self.asked == self.got

    @property
    def silent(self) -> int:
        """Errors without warning: wrong lines called certain, lines missing from a deck called verified."""
        wrong = sum(line.is_wrong and line.certain for line in self.lines)
        return wrong + (self.missing if self.verified else 0)

    @property
    def flagged(self) -> int:
        """Right lines that the deck calls uncertain."""
        return sum(line.verdict is Verdict.RIGHT and not line.certain for line in self.lines)

    def _count(self, *verdicts: Verdict) -> int:
        return sum(line.verdict in verdicts for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """The figures with the wrong lines (section, card, read, true or null) and the missing ones."""
        return {
            "image": self.image,
            "kind": self.kind,
            "asked": self.asked,
            "got": self.got,
            "right": self.right,
            "named": self.named,
            "exact": self.is_exact,
            "silent": self.silent,
            "flagged": self.flagged,
            "seconds": self.seconds,
            "wrong": [[li.section, li.card, li.got, li.asked or None] for li in self.lines if li.is_wrong],
            "missing": [[li.section, li.card, li.asked] for li in self.lines if li.verdict is Verdict.MISSING],
        } | ({"error": self.error} if self.error else {})


@dataclass(frozen=True, slots=True)
class Figures:
    """What many pictures come to: shares from 0 to 1 with four decimals, ``silent`` a number of lines."""

    pictures: int
    line_f1: float
    name_f1: float
    exact: float
    silent: int
    flagged: float

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def card_key(name: str) -> str:
    """Return what two spellings of a card's name have in common."""
    front = name.split(" // ")[0].removeprefix("A-").replace("æ", "ae").replace("Æ", "Ae")
    return "".join(char for char in unicodedata.normalize("NFKD", front).casefold() if char.isalnum())


def score(truth: TruthJson, deck: DeckJson) -> Score:
    """Compare a deck that was read with what its picture shows."""
    asked, left_out = _asked(truth)
    got = {row.key: row for row in _rows(deck)}
    left_out |= {("side", card) for section, card in asked if section == "companion"}
    lines = [_line(row, asked.get(row.key), row.key in left_out) for row in got.values()]
    lines += [
        Line(section, card, line.name, 0, line.count, True, Verdict.MISSING)
        for (section, card), line in asked.items()
        if (section, card) not in got or (section, card) in left_out
    ]
    return Score(
        image=str(truth.get("image") or deck.get("image") or ""),
        kind=str(truth.get("kind") or "other"),
        lines=tuple(lines),
        verified=bool(deck.get("verified")),
        seconds=deck.get("seconds"),
        error=str(deck.get("error") or ""),
    )


def read_lines(deck: DeckJson) -> tuple[Line, ...]:
    """Return a deck's lines where there is no truth to hold them against: all are left out of account."""
    return tuple(_line(row, None, left_out=True) for row in _rows(deck))


def figures(scores: Sequence[Score]) -> Figures:
    """Add up pictures; without any, the shares are those of nothing done wrong."""
    asked, got = sum(s.asked for s in scores), sum(s.got for s in scores)
    right, named = sum(s.right for s in scores), sum(s.named for s in scores)
    return Figures(
        pictures=len(scores),
        line_f1=round(_f1(right, got, asked), 4),
        name_f1=round(_f1(named, got, asked), 4),
        exact=round(sum(s.is_exact for s in scores) / max(len(scores), 1), 4),
        silent=sum(s.silent for s in scores),
        flagged=round(sum(s.flagged for s in scores) / max(right, 1), 4),
    )


def kinds(scores: Sequence[Score]) -> dict[str, Figures]:
    """Figures by the kind of picture, the most frequent kind first."""
    order = Counter(s.kind for s in scores)
    return {kind: figures([s for s in scores if s.kind == kind]) for kind, _ in order.most_common()}


def _f1(hits: int, got: int, asked: int) -> float:
    return 2 * hits / (got + asked) if got + asked else 1.0


@dataclass(slots=True)
class _Asked:
    name: str
    count: int = 0


@dataclass(slots=True)
class _Row:
    """All rows of a deck for one card and section together."""

    key: _Key
    name: str
    read: str
    box: Box | None
    count: int = 0
    certain: bool = field(default=True)


def _asked(truth: TruthJson) -> tuple[dict[_Key, _Asked], set[_Key]]:
    """Return the lines to be found, and those to be left out of account."""
    asked: dict[_Key, _Asked] = {}
    left_out: set[_Key] = set()
    for section, (count, name, *status) in _truth_lines(truth):
        key = (section, card_key(name))
        if status and status[0] in _UNASKED:
            left_out.add(key)
        else:
            asked.setdefault(key, _Asked(name)).count += count
    return {key: line for key, line in asked.items() if key not in left_out}, left_out


def _truth_lines(truth: TruthJson) -> Iterator[tuple[str, Sequence[Any]]]:
    for section in SECTIONS:
        for line in truth.get(section) or ():
            yield section, line


def _rows(deck: DeckJson) -> Iterator[_Row]:
    rows: dict[_Key, _Row] = {}
    for section in SECTIONS:
        for row in deck.get(section) or ():
            key = (section, card_key(row["name"]))
            box = tuple(row["box"]) if row.get("box") else None
            line = rows.setdefault(key, _Row(key, row["name"], str(row.get("read") or ""), box))
            line.count += row["count"]
            line.certain &= bool(row.get("certain", True))
    yield from rows.values()


def _line(row: _Row, asked: _Asked | None, left_out: bool) -> Line:
    if left_out:
        verdict = Verdict.UNASKED
    elif asked is None:
        verdict = Verdict.EXTRA
    else:
        verdict = Verdict.RIGHT if asked.count == row.count else Verdict.MISCOUNTED
    count = asked.count if asked else 0
    return Line(*row.key, row.name, row.count, count, row.certain, verdict, row.read, row.box)
