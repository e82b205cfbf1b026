"""Several decks, read from pictures of one deck, become that deck.

People send the main deck and the sideboard apart, or a list that they scrolled, and pictures of a sideboard
often do not say that they are one. Of all ways to put the pictures together the one stands that fits best to
the displayed totals, to the rows that pictures share, and to the sizes that decks have. Where another one
fits nearly as well, the rows whose section depends on it are in doubt.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from ocr_worker.decks.arrangement import MAIN_SIZES, Arrangement, arrangements
from ocr_worker.decks.deck import Deck, DeckLine, Section
from ocr_worker.decks.remarks import SECTION_WORDS, total_remark

_NEARLY_AS_GOOD = 2
"""Difference of penalties up to which another arrangement may be the right one as well."""


def merge_decks(decks: Sequence[Deck]) -> Deck:
    """The deck that the pictures show together, in whatever order they come; ValueError for none.

    Rows that several pictures show count once. Boxes are dropped: they would not say on which picture.
    """
    if not decks:
        raise ValueError("there is no deck to merge")
    if len(decks) == 1:
        return decks[0]
    found = list(arrangements(decks))
    best = min(found, key=lambda each: each.penalty)
    rivals = [each for each in found if each.penalty <= best.penalty + _NEARLY_AS_GOOD]
    return _deck(decks, best, {number for each in rivals for number in each.moved ^ best.moved})


def _deck(decks: Sequence[Deck], best: Arrangement, in_doubt: Set[int]) -> Deck:
    """The deck of an arrangement; ``in_doubt`` are the pictures whose section is."""
    doubtful = {line.card.name for number in in_doubt for line in decks[number][Section.MAIN]}
    largest = max(decks, key=lambda deck: sum(line.count for _, line in deck))
    return Deck(
        lines={
            section: tuple(_line(line, line.card.name in doubtful) for line in joined.rows)
            for section, joined in best.sections.items()
            if joined.rows
        },
        kind=largest.kind,
        totals=best.totals,
        warnings=tuple(dict.fromkeys(_warnings(decks, best, in_doubt))),
        name=next((deck.name for deck in decks if deck.name), ""),
        complete=_is_complete(decks, best),
    )


def _line(line: DeckLine, in_doubt: bool) -> DeckLine:
    return replace(line, box=None, certain=line.certain and not in_doubt)


def _is_complete(decks: Sequence[Deck], best: Arrangement) -> bool:
    """Something says that no card is missing: a displayed total, or a size that decks have."""
    main = best.totals.get(Section.MAIN)
    if main is None or best.disputed:
        return False
    if main.displayed is not None:
        return main.agrees
    return main.read in MAIN_SIZES and not any(_own_warnings(deck) for deck in decks)


def _warnings(decks: Sequence[Deck], best: Arrangement, in_doubt: Set[int]) -> Iterator[str]:
    for number in sorted(best.moved | in_doubt):
        taken, other = ("sideboard", "main deck") if number in best.moved else ("main deck", "sideboard")
        doubt = f"; it may be part of the {other}" if number in in_doubt else ""
        yield f"The list on picture {number + 1} was taken for the {taken}{doubt}."
    for section, values in best.disputed.items():
        shown = " and ".join(map(str, sorted(values)))
        yield f"The pictures show different totals of the {SECTION_WORDS[section]}: {shown}."
    for section, total in best.totals.items():
        if not total.agrees:
            yield total_remark(section, total)
    for section, joined in best.sections.items():
        for name in joined.repeated:
            yield f"{name} stands twice in the {SECTION_WORDS[section]}, on two pictures: check its number."
    for deck in decks:
        yield from _own_warnings(deck)


def _own_warnings(deck: Deck) -> list[str]:
    """What was said of one picture and still holds; that its rows alone miss a total no longer does."""
    outdated = {total_remark(section, total) for section, total in deck.totals.items()}
    return [warning for warning in deck.warnings if warning not in outdated]
