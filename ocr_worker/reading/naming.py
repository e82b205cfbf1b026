"""From the text of a title to the card: fuzzy matching, then the recogniser's own opinion of each candidate."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from ocr_worker.cards import Card, CardIndex, Match
from ocr_worker.cards.names import compact
from ocr_worker.reading.engines.ctc import best_path_score, log_likelihoods
from ocr_worker.reading.lines import Lattice, Recognition, TextLine

ELLIPSIS = re.compile(r"\s*(?:…|\.\s?\.\s?\.?|\.)$")
_MANA_TAIL = re.compile(r"[\s,;:(]+(?:[^\sA-Za-z]\S{0,5}|\S{1,3}|[0-9XWUBRGCox@#&%*©®.,'()]{1,8})$")
_EDGE = "()[]{}<>|*•~_=+°@#©®«»„“”\"'‘’`´^.,:;·-–—/\\ "

_CUT_INSIDE = re.compile(r"(.{4,}?[^\s.…]\s?(?:…|\.\s?\.\s?\.?))(?:(?![a-z]{2})[^.…]){1,8}$")

CANDIDATES = 12
"""How many catalogue names are compared with the lattice."""

LONGER_FIT = 0.7
"""Fit from which a longer name that begins like a shorter one is preferred to it."""

LOST_LETTERS = 2
"""Letters at the beginning of a name that a badge over it can hide."""

STRIPPED_FREELY = 3
"""Letters at the end of a line that may be misread mana symbols."""

TEMPER = 0.7
"""The steps of a lattice are not independent: their log-likelihoods are scaled by this."""

MIN_SIMILARITY = 0.5
"""Below this similarity (0 to 1) a name is not considered at all."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A card that a title may name; ``share`` is its probability among all guesses of the reading, 0 to 1."""

    card: Card
    spelled: str
    similarity: float
    share: float


@dataclass(frozen=True, slots=True)
class NameReading:
    """What a title names: guesses best first; ``fit`` (0 to 1) is how well the best one explains the text.

    ``truncated`` says that the title is cut, so that the name was completed from its beginning.
    """

    text: str
    guesses: tuple[Guess, ...]
    fit: float
    truncated: bool = False

    @property
    def card(self) -> Card:
        return self.guesses[0].card

    @property
    def spelled(self) -> str:
        return self.guesses[0].spelled

    @property
    def share(self) -> float:
        return self.guesses[0].share

    @property
    def exact(self) -> bool:
        return self.guesses[0].similarity >= 1.0 and not self.truncated

    @property
    def spelled_front(self) -> bool:
        """The text is the name of the front face, or the full name."""
        return compact(self.spelled) in (compact(self.card.front), compact(self.card.name))

    @property
    def strong(self) -> bool:
        """Trustworthy on its own: it fits well, and no other card comes near."""
        return self.fit >= 0.8 and self.share >= 0.9

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Names of the other guesses, best first, at most five."""
        return tuple(guess.card.name for guess in self.guesses[1:6])


class NameReader:
    """Reads titles against the catalogue; one instance serves all pictures."""

    def __init__(self, index: CardIndex) -> None:
        self.index = index

    def read(self, line: TextLine, cut: bool = False) -> NameReading | None:
        """The card that this line of text names, None where it is none; ``cut`` allows names cut without dots."""
        return self.read_text(line.text, line.lattice, cut)

    def read_text(self, text: str, lattice: Lattice | None = None, cut: bool = False) -> NameReading | None:
        """See ``read``; without a lattice, the similarity of the text alone decides."""
        readings = [
            _less(reading, _letters(text) - _letters(variant))
            for variant in variants(text)
            if (reading := self._read_variant(variant, lattice, cut)) is not None
        ]
        best = max(readings, key=lambda r: (r.exact, r.fit * r.share, len(r.text)), default=None)
        return _longer(best, readings) if best is not None else None

    def read_beheaded(self, line: TextLine) -> NameReading | None:
        """The card whose name this line spells, or spells but for up to ``LOST_LETTERS`` letters at its beginning."""
        whole = self.read(line)
        if whole is not None and whole.exact:
            return whole
        return max(
            (
                _less(reading, _letters(line.text) - _letters(variant))
                for variant in variants(line.text)
                if (reading := self._without_head(variant)) is not None
            ),
            key=lambda r: (r.fit * r.share, len(r.text)),
            default=None,
        )

    def _without_head(self, text: str) -> NameReading | None:
        if len(compact(text)) < 3:
            return None
        found = [m for m in self.index.search(text, CANDIDATES) if m.score >= 100 * MIN_SIMILARITY]
        likeness = [_headless_similarity(text, m.name) for m in found]
        if not found:
            return None
        shares = _softmax([22 * value for value in likeness])
        guesses = sorted(
            (Guess(m.card, m.name, s, p) for m, s, p in zip(found, likeness, shares, strict=True)),
            key=lambda g: -g.share,
        )
        return NameReading(text, tuple(guesses[:6]), guesses[0].similarity)

    def _read_variant(self, text: str, lattice: Lattice | None, cut: bool) -> NameReading | None:
        exact = self.index.exact(text, literally=False)
        if exact is not None and len(compact(text)) >= 2:
            return NameReading(text, (Guess(exact, text, 1.0, 1.0),), 1.0)
        dotted = ELLIPSIS.search(text)
        bare = text[: dotted.start()] if dotted else text
        if len(compact(bare)) < 4:
            return None
        reading = self._weighed(bare, self.index.search(bare, CANDIDATES), lattice, bool(dotted))
        if dotted or cut:
            prefixes = [m for m in self.index.search(bare, CANDIDATES, truncated=True) if m.prefix]
            cut_reading = self._weighed(bare, prefixes, None, True)
            if cut_reading and (reading is None or cut_reading.fit > reading.fit + 0.05):
                return cut_reading
        return reading

    def vote(self, readings: Sequence[Recognition], cut: bool = False) -> NameReading | None:
        """The card that several readings of one title agree on best, None where they name nothing.

        Each reading votes for its guesses by how well they fit and how sure they are; wrong readings scatter over
        the catalogue, right ones gather.
        """
        votes: dict[str, float] = {}
        best: dict[str, Guess] = {}
        cuts: dict[str, bool] = {}
        for reading in filter(None, (self.read_text(r.text, r.lattice, cut) for r in readings)):
            for guess in reading.guesses[:3]:
                name = guess.card.name
                votes[name] = votes.get(name, 0.0) + guess.similarity * guess.share
                if name not in best or guess.similarity > best[name].similarity:
                    best[name], cuts[name] = guess, reading.truncated
        if not votes:
            return None
        total = sum(votes.values())
        ranked = sorted(votes, key=lambda name: -votes[name])[:6]
        guesses = tuple(replace(best[name], share=votes[name] / total) for name in ranked)
        support = votes[ranked[0]] / len(readings)
        fit = guesses[0].similarity * min(1.0, 0.5 + support)
        return NameReading(readings[0].text, guesses, fit, cuts[ranked[0]])

    def _weighed(
        self, text: str, matches: Sequence[Match], lattice: Lattice | None, truncated: bool
    ) -> NameReading | None:
        found = [m for m in matches if m.score >= 100 * MIN_SIMILARITY]
        if not found:
            return None
        similarity = [_similarity(text, m.name, m.prefix) for m in found]
        usable = lattice is not None and len(lattice.probabilities) >= 4 and not any(m.prefix for m in found)
        scores = _lattice_scores(lattice, found) if usable and lattice else [14 * s for s in similarity]
        shares = _softmax([a + 8 * b for a, b in zip(scores, similarity, strict=True)])
        guesses = sorted(
            (Guess(m.card, m.name, s, p) for m, s, p in zip(found, similarity, shares, strict=True)),
            key=lambda g: -g.share,
        )
        cut_off = any(m.prefix and m.card == guesses[0].card for m in found)
        return NameReading(text, tuple(guesses[:6]), guesses[0].similarity, truncated and cut_off)


def _longer(best: NameReading, readings: Sequence[NameReading]) -> NameReading:
    """A badly read long name rather than the whole short one at its beginning (``Fire lmp`` is no ``Fire``)."""
    begun = [
        r
        for r in readings
        if len(r.text) > len(best.text)
        and r.fit >= LONGER_FIT
        and compact(r.spelled) != compact(best.spelled)
        and compact(r.spelled).startswith(compact(best.spelled))
    ]
    return max(begun, key=lambda r: r.fit * r.share, default=best)


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


def _less(reading: NameReading, stripped: int) -> NameReading:
    """A reading that left letters of the line unexplained: beyond what mana symbols look like, they are the name's."""
    if stripped <= STRIPPED_FREELY:
        return reading
    keep = max(0.4, 1 - 0.09 * (stripped - STRIPPED_FREELY))
    guesses = tuple(replace(g, similarity=keep * g.similarity) for g in reading.guesses)
    return replace(reading, guesses=guesses, fit=keep * reading.fit)


def variants(text: str) -> Iterable[str]:
    """The text as it stands, then without what clings to titles: frame corners, counts, mana symbols."""
    seen: set[str] = set()
    bare = text.strip().strip("|[]{}<>~_=*•©®").strip()
    dots = _CUT_INSIDE.match(bare)
    if dots:  # what follows the dots of a cut name is its mana cost
        yield dots.group(1)
        return
    queue = [bare, bare.lstrip("(0123456789 .").rstrip(" (")]
    for _ in range(3):
        shorter = _MANA_TAIL.sub("", queue[-1]).rstrip(" (,;:")
        unglued = re.sub(r"(?<=[a-z])[0-9XWUBRG@&#%(][^a-z]{0,5}$", "", shorter)
        queue.extend((shorter, unglued))
    for candidate in queue:
        if candidate and candidate not in seen:
            seen.add(candidate)
            yield candidate


def _similarity(text: str, name: str, prefix: bool) -> float:
    """Edits between the folded forms as a share of the longer one, 1 for equal."""
    a, b = compact(text), compact(name)
    if prefix:
        return max(Levenshtein.normalized_similarity(a, b[: len(a) + d]) for d in (-1, 0, 1))
    return Levenshtein.normalized_similarity(a, b)


def _headless_similarity(text: str, name: str) -> float:
    """The similarity to the name without as many first letters as suits best; each costs a little."""
    a, b = compact(text), compact(name)
    return max(Levenshtein.normalized_similarity(a, b[lost:]) - 0.02 * lost for lost in range(LOST_LETTERS + 1))


def _lattice_scores(lattice: Lattice, matches: Sequence[Match]) -> list[float]:
    """Log-likelihood of each name against the best path, tempered since the steps are not independent."""
    best = best_path_score(lattice)
    return [TEMPER * max(-40.0, value - best) for value in log_likelihoods(lattice, [m.name for m in matches])]


def _softmax(values: Sequence[float]) -> list[float]:
    top = max(values)
    weights = [math.exp(max(-60.0, v - top)) for v in values]
    total = sum(weights)
    return [w / total for w in weights]
