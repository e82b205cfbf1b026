"""Ways to put several pictures of one deck together, and how well each of them fits.

A picture that shows a single list may show the main deck or the sideboard: both are tried.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product

from ocr_worker.decks.deck import Deck, Section, Total
from ocr_worker.decks.overlap import Joined, Rows, join_all

MAIN_SIZES = (60, 80, 99, 100)
"""Main decks of constructed formats; 40 is one too, but also what one screen of a larger deck may hold."""

MOST_SIDEBOARD_CARDS = 15

_MOST_TRIED = 6
"""Pictures whose section is tried out; of more there are too many combinations: they stay as read."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to put the pictures together.

    ``moved`` numbers the pictures (from 0) whose main deck is taken for the sideboard, ``disputed`` holds the
    displayed totals of sections for which the pictures display different ones.
    """

    moved: frozenset[int]
    sections: Mapping[Section, Joined]
    totals: Mapping[Section, Total]
    disputed: Mapping[Section, tuple[int, ...]]

    @property
    def penalty(self) -> int:
        """How badly it fits, the less the better: displayed totals before shared rows before usual sizes."""
        shared = sum(each.shared for each in self.sections.values())
        repeated = sum(len(each.repeated) for each in self.sections.values())
        unmet = [each for each in self.totals.values() if not each.agrees]
        off = sum(10 + abs(each.read - (each.displayed or 0)) for each in unmet)
        disputed = sum(10 + max(values) - min(values) for values in self.disputed.values())
        return off + disputed + 2 * repeated - 2 * shared + self._oddness()

    def _oddness(self) -> int:
        """How unusual the sizes are, where no picture displays them, and how much was moved."""
        main, side = self.totals.get(Section.MAIN), self.totals.get(Section.SIDEBOARD)
        odd = len(self.moved)
        if main and main.displayed is None and main.read not in MAIN_SIZES:
            odd += 1 if main.read == 40 else 2 if main.read < 60 else 4
        if side and side.displayed is None and side.read == MOST_SIDEBOARD_CARDS:
            odd -= 1
        if side and self.moved and side.read > MOST_SIDEBOARD_CARDS:
            odd += 30
        return odd


def arrangements(decks: Sequence[Deck]) -> Iterator[Arrangement]:
    """All ways that are worth a look; the first leaves every picture as it was read."""
    single = [n for n, deck in enumerate(decks) if deck[Section.MAIN] and not deck[Section.SIDEBOARD]]
    tried = single if len(single) <= _MOST_TRIED else []
    for choice in product((False, True), repeat=len(tried)):
        moved = frozenset(number for number, is_moved in zip(tried, choice, strict=True) if is_moved)
        if moved and not any(deck[Section.MAIN] for n, deck in enumerate(decks) if n not in moved):
            continue  # somewhere the main deck must be
        once = _arrange(decks, moved, add_repeated=False)
        yield once
        if any(each.repeated for each in once.sections.values()):
            yield _arrange(decks, moved, add_repeated=True)


def _arrange(decks: Sequence[Deck], moved: frozenset[int], add_repeated: bool) -> Arrangement:
    placed = [_rows(deck, number in moved) for number, deck in enumerate(decks)]
    sections = {section: join_all((rows[section] for rows in placed), add_repeated) for section in Section}
    displayed = _displayed(decks, moved)
    totals = {section: _total(section, sections, values) for section, values in displayed.items()}
    return Arrangement(
        moved,
        sections,
        {section: total for section, total in totals.items() if total.read or total.displayed},
        {section: tuple(values) for section, values in displayed.items() if len(values) > 1},
    )


def _rows(deck: Deck, moved: bool) -> dict[Section, Rows]:
    """The rows of a deck by section, its main deck taken for the sideboard if ``moved``."""
    rows = {section: deck[section] for section in Section}
    if moved:
        rows[Section.MAIN], rows[Section.SIDEBOARD] = (), rows[Section.MAIN]
    return rows


def _displayed(decks: Sequence[Deck], moved: Set[int]) -> dict[Section, list[int]]:
    """The different totals that the pictures display, by section.

    A picture whose list is taken for the sideboard displays the sideboard's total, unless another picture
    displays the same for the main deck: then it stands above whatever is shown.
    """
    found: dict[Section, list[int]] = {Section.MAIN: [], Section.SIDEBOARD: []}
    for number in sorted(range(len(decks)), key=lambda number: number in moved):
        shown = {section: total.displayed for section, total in decks[number].totals.items()}
        main, side = shown.get(Section.MAIN), shown.get(Section.SIDEBOARD)
        if number in moved and side is None and main not in found[Section.MAIN]:
            main, side = None, main
        for section, value in ((Section.MAIN, main), (Section.SIDEBOARD, side)):
            if value is not None and value not in found[section]:
                found[section].append(value)
    return found


def _total(section: Section, sections: Mapping[Section, Joined], displayed: Sequence[int]) -> Total:
    """What was read, against the displayed total that fits best; companion and commander if needed."""
    zone = sections[Section.COMPANION if section is Section.SIDEBOARD else Section.COMMANDER]
    read = _size(sections[section])
    if not displayed:
        return Total(read)
    sums = (read, read + _size(zone))
    shown, counted = min(product(displayed, sums), key=lambda pair: abs(pair[0] - pair[1]))
    return Total(counted if counted == shown else read, shown)


def _size(joined: Joined) -> int:
    return sum(line.count for line in joined.rows)
