"""What a synthetic picture shows, in the form of the real pictures' truths."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ocr_worker.cards.card import Card

from .deck import DrawnDeck, Slot
from .mana import front_cost
from .pool import Pool

#: Ordered from harmless to hopeless: a line keeps the worst that happened to it.
STATUSES = ("sure", "truncated", "unreadable-count", "partly-hidden")
SECTIONS = ("main", "side", "commander", "companion")


def truth_name(card: Card) -> str:
    """The name a truth uses: both halves of split cards and rooms, the front face of others."""
    return card.name if card.is_split else card.front


@dataclass(slots=True)
class Truth:
    """The deck that was drawn, how well each line can be read, and what the picture displays of totals."""

    kind: str
    deck: DrawnDeck
    displayed: dict[str, Any] = field(default_factory=lambda: {"main": None, "side": None})
    notes: list[str] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    _statuses: dict[tuple[str, str], str] = field(default_factory=dict)

    def mark(self, section: str, card: Card, status: str) -> None:
        """Note that a line cannot be read in full; the worst status stays."""
        key = section, card.name
        worst = max(self._statuses.get(key, "sure"), status, key=STATUSES.index)
        self._statuses[key] = worst

    def mark_cut(self, pool: Pool, section: str, card: Card, shown: str, dots: str = "...") -> None:
        """Note how a name was shown: where it is cut and fits several cards, nobody can complete it."""
        if shown.endswith(dots):
            is_telling = pool.is_telling(shown.removesuffix(dots), front_cost(card))
            self.mark(section, card, "truncated" if is_telling else "partly-hidden")

    def leave_out(self, section: str) -> None:
        """The picture does not show this section at all."""
        self.without.add(section)

    def as_json(self, image: str) -> dict[str, Any]:
        """The object that is written beside the picture."""
        lines = {section: self._lines(section) for section in SECTIONS}
        return {
            "image": image,
            "source": "synthetic",
            "licence": "MIT",
            "kind": self.kind,
            "displayed": self.displayed,
            **lines,
            "notes": " ".join(self.notes),
        }

    def _lines(self, section: str) -> list[list[Any]]:
        if section in self.without:
            return []
        return [
            [slot.count, truth_name(slot.card), self._statuses.get((section, slot.card.name), "sure")]
            for slot in merged(self.deck.section(section))
        ]


def merged(slots: Iterable[Slot]) -> list[Slot]:
    """One slot a card, in the order of first appearance."""
    counts: dict[str, Slot] = {}
    for slot in slots:
        known = counts.get(slot.card.name)
        counts[slot.card.name] = Slot((known.count if known else 0) + slot.count, slot.card)
    return list(counts.values())
