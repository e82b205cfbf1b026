"""The panel at the right of Arena's deck builder: bars with counts, or one bar a copy with arrows."""

from dataclasses import dataclass
from random import Random

from ocr_worker.cards.card import Card

from . import arena_parts as parts
from .canvas import Canvas
from .deck import Slot, sort_by_cost, total
from .fonts import MONTSERRAT, Typeface
from .picture import UnfitError
from .pool import Pool
from .truth import Truth, truth_name

WIDTH = 450.0
_FIRST_COPIES = 7


@dataclass(frozen=True, slots=True)
class Panel:
    """Where the panel stands and what it looks like."""

    rng: Random
    canvas: Canvas
    pool: Pool
    face: Typeface
    left: float
    top: float
    bottom: float
    pitch: float
    has_button: bool
    darkness: float

    def draw(self, truth: Truth, by_copy: bool) -> None:
        """The panel with its heading and rows; the truth learns what is cut or hidden."""
        canvas, right = self.canvas, self.left + WIDTH
        canvas.rectangle((self.left, self.top, right, self.bottom), (9, 11, 12, 250))
        canvas.rectangle((self.left, self.top, self.left + 2.5, self.bottom), (52, 54, 56))
        first = self.top + 41
        if by_copy:
            self._copies(truth, first)
        else:
            for place, slot in enumerate(truth.deck.side):
                self._row(truth, slot.card, f"{slot.count}x", first + place * self.pitch)
        if self.has_button:
            word = "Done" if self.rng.random() < 0.9 else "Save"
            parts.done_button(canvas, self.face, right - 185, self.bottom - 73, word)

    def _copies(self, truth: Truth, y: float) -> None:
        first, second = split_copies(self.rng, list(truth.deck.side))
        for slot in first:
            for _ in range(slot.count):
                self._row(truth, slot.card, "down", y)
                y += self.pitch
        y -= self.pitch * 0.14
        self.canvas.text((self.left + 9, y), "Best of Three Only", MONTSERRAT, 19, (120, 122, 124))
        y += self.pitch * 0.77
        for slot in second:
            for _ in range(slot.count):
                self._row(truth, slot.card, "up", y)
                y += self.pitch

    def _row(self, truth: Truth, card: Card, count: str, y: float) -> None:
        half = self.pitch * 0.445
        if y + half > self.bottom - 8:
            raise UnfitError
        bar = self.left + 53, y - half, self.left + 404, y + half
        is_low = self.has_button and y > self.bottom - 130
        is_hidden = self.has_button and y + half > self.bottom - 73 - 30 + 8
        parts.count_pill(self.canvas, (self.left + 5, y - half, self.left + 48, y + half), count, self.face)
        shown = parts.list_bar(
            self.canvas, bar, card, truth_name(card), self.face, self.rng.random() < self.darkness,
            110 if is_hidden else 30 if is_low else 0,
        )  # fmt: skip
        truth.mark_cut(self.pool, "side", card, shown)
        if is_hidden:
            truth.mark("side", card, "partly-hidden")


def split_copies(rng: Random, slots: list[Slot]) -> tuple[list[Slot], list[Slot]]:
    """The copies for single games, and those for best-of-three matches only."""
    rest = rng.sample(slots, len(slots))
    first: list[Slot] = []
    while rest and total(first) < _FIRST_COPIES:
        slot = rest.pop()
        taken = min(slot.count, _FIRST_COPIES - total(first))
        first.append(Slot(taken, slot.card))
        if slot.count > taken:
            rest.append(Slot(slot.count - taken, slot.card))
    return sort_by_cost(first), sort_by_cost(rest)
