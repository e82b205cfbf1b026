"""What people can change in a deck. Pure: a deck in, a deck out; what a person has set is certain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocr_worker.cards import Card
from ocr_worker.decks import Deck, DeckLine, Section, Total

MOST_COPIES = 250

_LETTERS = {"m": Section.MAIN, "s": Section.SIDEBOARD, "c": Section.COMMANDER, "p": Section.COMPANION}


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line by its section and place there; as text ``m0`` is the first of the main deck."""

    section: Section
    index: int

    def __str__(self) -> str:
        letter = next(letter for letter, section in _LETTERS.items() if section is self.section)
        return f"{letter}{self.index}"

    @classmethod
    def of(cls, text: str) -> "LineRef":
        """The reference back; raises ValueError."""
        if text[:1] not in _LETTERS:
            raise ValueError(f"{text!r} is no line")
        return cls(_LETTERS[text[0]], int(text[1:]))

    def line(self, deck: Deck) -> DeckLine:
        """The line of a deck; raises ValueError where there is none."""
        lines = deck[self.section]
        if not 0 <= self.index < len(lines):
            raise ValueError(f"{self} is not in this deck")
        return lines[self.index]


def lines_of(deck: Deck) -> list[tuple[LineRef, DeckLine]]:
    """All lines with their references, main deck first, doubtful ones before the others."""
    order = (Section.MAIN, Section.SIDEBOARD, Section.COMMANDER, Section.COMPANION)
    found = [(LineRef(section, index), line) for section in order for index, line in enumerate(deck[section])]
    return sorted(found, key=lambda one: one[1].certain)


def confirm(deck: Deck, at: LineRef) -> Deck:
    """The line is right as it is."""
    return _with(deck, at, lambda line: replace(line, certain=True, candidates=()))


def set_card(deck: Deck, at: LineRef, card: Card) -> Deck:
    """It is another card; where the section has that already, their copies are added up."""
    return _with(deck, at, lambda line: replace(line, card=card, certain=True, candidates=()))


def set_count(deck: Deck, at: LineRef, count: int) -> Deck:
    """Another number of copies; 0 removes the line. Raises ValueError beyond 250."""
    if not 0 <= count <= MOST_COPIES:
        raise ValueError(f"{count} copies are none that a deck can have")
    return remove(deck, at) if count == 0 else _with(deck, at, lambda line: replace(line, count=count, certain=True))


def move(deck: Deck, at: LineRef, section: Section) -> Deck:
    """Put a line into another section."""
    line = at.line(deck)
    return _add_line(remove(deck, at), section, replace(line, certain=True))


def remove(deck: Deck, at: LineRef) -> Deck:
    """Take a line out."""
    at.line(deck)
    kept = [line for index, line in enumerate(deck[at.section]) if index != at.index]
    return _with_section(deck, at.section, kept)


def add(deck: Deck, section: Section, card: Card, count: int = 1) -> Deck:
    """Put a card in."""
    return _add_line(deck, section, DeckLine(count, card))


def swap(deck: Deck) -> Deck:
    """Main deck and sideboard change places, with what the picture displays of them."""
    lines = {**deck.lines, Section.MAIN: deck[Section.SIDEBOARD], Section.SIDEBOARD: deck[Section.MAIN]}
    totals = dict(deck.totals)
    main, side = totals.pop(Section.MAIN, None), totals.pop(Section.SIDEBOARD, None)
    totals |= {section: total for section, total in ((Section.MAIN, side), (Section.SIDEBOARD, main)) if total}
    return _counted(replace(deck, lines=lines, totals=totals))


def _with(deck: Deck, at: LineRef, change: Callable[[DeckLine], DeckLine]) -> Deck:
    at.line(deck)
    changed = [change(line) if index == at.index else line for index, line in enumerate(deck[at.section])]
    return _with_section(deck, at.section, changed)


def _add_line(deck: Deck, section: Section, line: DeckLine) -> Deck:
    return _with_section(deck, section, [*deck[section], line])


def _with_section(deck: Deck, section: Section, lines: Sequence[DeckLine]) -> Deck:
    return _counted(replace(deck, lines={**deck.lines, section: _one_a_card(lines)}))


def _one_a_card(lines: Sequence[DeckLine]) -> tuple[DeckLine, ...]:
    """Lines of one card become one, at the place of the first."""
    by_name: dict[str, DeckLine] = {}
    for line in lines:
        before = by_name.get(line.card.name)
        by_name[line.card.name] = (
            line
            if before is None
            else replace(before, count=before.count + line.count, certain=before.certain and line.certain)
        )
    return tuple(by_name.values())


def _counted(deck: Deck) -> Deck:
    """Totals as read follow the lines; what the picture displays stays."""
    totals = {section: Total(deck.size(section), total.displayed) for section, total in deck.totals.items()}
    return replace(deck, totals=totals)
