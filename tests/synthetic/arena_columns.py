"""Arena's columns of stacked cards: which card goes into which column, and how the stacks are drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from .canvas import Canvas
from .cards import HEIGHT, draw_card
from .deck import Slot
from .fonts import Typeface
from .mana import front_cost, mana_value
from .picture import UnfitError
from .styles import Look, Style

#: Measures of the 1920 by 1080 client: a card's width, its lettering, what is visible of a covered card.
CARD = 196.0
PITCH = 212.0
TITLE = 14.5
STRIP = 64.5
BARE_STRIP = 33.0
#: What must be visible of the last card of a column: title and badge.
FOOT = 76.0


def strip_height(slot: Slot) -> float:
    """A covered card shows its title, and room for the badge where it has one."""
    return STRIP if slot.count > 1 else BARE_STRIP


def column_height(column: Sequence[Slot]) -> float:
    """How far down a column reaches for all its titles and badges to be seen."""
    return sum(strip_height(slot) for slot in column[:-1]) + FOOT


def pack(slots: Iterable[Slot], most: int, room: float) -> list[list[Slot]]:
    """Columns by cost, lands in the last ones, none higher than ``room``."""
    spells: dict[int, list[Slot]] = {}
    lands: list[Slot] = []
    for slot in slots:
        if slot.card.is_land:
            lands.append(slot)
        else:
            cost = min(6, max(1, mana_value(front_cost(slot.card))))
            spells.setdefault(cost, []).append(slot)
    columns = [part for cost in sorted(spells) for part in _split(spells[cost], room)]
    ends = _split(lands, room) if lands else []
    _merge(columns, most - len(ends), room)
    return columns + ends


def _split(slots: list[Slot], room: float) -> list[list[Slot]]:
    parts: list[list[Slot]] = [[]]
    for slot in slots:
        if parts[-1] and column_height([*parts[-1], slot]) > room:
            parts.append([])
        parts[-1].append(slot)
    return parts


def _merge(columns: list[list[Slot]], most: int, room: float) -> None:
    """Put neighbours together until there are few enough."""
    while len(columns) > most:
        pairs = range(len(columns) - 1)
        best = min(pairs, key=lambda i: column_height(columns[i] + columns[i + 1]), default=None)
        if best is None or column_height(columns[best] + columns[best + 1]) > room:
            raise UnfitError
        columns[best] += columns.pop(best + 1)


@dataclass(frozen=True, slots=True)
class Stacker:
    """Draws columns on a page."""

    rng: Random
    canvas: Canvas
    style: Style
    badge: Typeface
    others: Sequence[str]
    hides_basics: bool = False
    shadow: float = 1.0

    def draw(self, column: Sequence[Slot], x: float, y: float) -> float:
        """A column at a place; its lower end comes back."""
        for place, slot in enumerate(column):
            is_last = place == len(column) - 1
            self.draw_slot(slot, x, y, is_last)
            y += HEIGHT * CARD if is_last else strip_height(slot)
        return y

    def draw_slot(self, slot: Slot, x: float, y: float, whole: bool = True, width: float = CARD) -> None:
        """One card with its badge."""
        look = Look.UNTITLED if self.hides_basics and slot.card.is_basic else None
        scale = self.canvas.scale
        face = draw_card(self.rng, slot.card, self.style, width * scale, look, self.others, whole)
        self.canvas.paste(face.image, x, y)
        if slot.count > 1:
            at = x + width * 0.9, y + 19 + 30
            self.canvas.glow_text(at, f"x{slot.count}", self.badge, 27, "rm", 2, self.shadow)
