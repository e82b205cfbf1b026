"""Collects what a reader finds: one line per card and section, problems, what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Deck, DeckLine, Section, Total
from ocr_worker.decks.parsed import ParsedDecklist, Problem
from ocr_worker.decks.readers.places import LeftOut, Place

MOST_COPIES = 999
"""Copies of one card that a line may ask for; more is no deck, and would only cost memory."""

_LONGEST_QUOTE = 80


@dataclass(slots=True)
class DeckAssembler:
    """A deck in the making."""

    lines: dict[Section, dict[str, DeckLine]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""

    def add(self, place: Place, count: int, card: Card) -> None:
        """``count`` more copies of ``card``; copies of different printings come together on one line."""
        if isinstance(place, LeftOut):
            self.leave_out(place, count)
        else:
            self.add_line(place, DeckLine(count, card))

    def add_line(self, section: Section, line: DeckLine) -> None:
        """The same with all that is known of the line; of two for one card, doubt about either remains."""
        lines = self.lines.setdefault(section, {})
        if before := lines.get(line.card.name):
            certain = before.certain and line.certain
            line = replace(before, count=before.count + line.count, certain=certain)
        lines[line.card.name] = line

    def leave_out(self, place: LeftOut, count: int) -> None:
        """Cards of a section that decks here do not have."""
        self.left_out[place.label] = self.left_out.get(place.label, 0) + count

    def reject(self, line: int, text: str, reason: str) -> None:
        """A line that should be a card and is none."""
        text = " ".join(text.split())
        quote = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
        self.problems.append(Problem(line, quote, reason))

    def drop_companions_from_sideboard(self) -> None:
        """Take the companion off the sideboard, where Arena lists it a second time."""
        side = self.lines.get(Section.SIDEBOARD, {})
        for name, line in self.lines.get(Section.COMPANION, {}).items():
            if name in side:
                listed = side.pop(name)
                if listed.count > line.count:
                    side[name] = replace(listed, count=listed.count - line.count)

    def finish(
        self,
        *,
        kind: str = "other",
        totals: Mapping[Section, Total] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> ParsedDecklist:
        """What was collected."""
        deck = Deck(
            lines={section: tuple(lines.values()) for section, lines in self.lines.items() if lines},
            kind=kind,
            totals=totals or {},
            warnings=warnings,
            name=self.name,
        )
        left_out = (
            f"{label} ({count} {'card' if count == 1 else 'cards'}) left out." for label, count in self.left_out.items()
        )
        return ParsedDecklist(deck, tuple(self.problems), (*self.notes, *left_out))


def is_count(number: int) -> bool:
    """A number of copies that a line may ask for."""
    return 1 <= number <= MOST_COPIES
