"""What deck screens of Magic Online share: the dark bar with totals and drop-downs, the order of cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from .canvas import Canvas, Colour
from .deck import Slot
from .fonts import CALADEA_BOLD, OPEN_SANS, OPEN_SANS_BOLD, OPEN_SANS_SEMIBOLD, SOURCE_SERIF_SEMIBOLD
from .mana import COLOURS, colours_of, front_cost, mana_value

STEEL: Colour = (112, 158, 212)
GOLD: Colour = (236, 190, 92)
HEADINGS = (CALADEA_BOLD, SOURCE_SERIF_SEMIBOLD)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of the area below the bar."""

    ground: tuple[int, int, int]
    ink: Colour


LIGHT = Theme((236, 236, 236), (20, 20, 20))
DARK = Theme((34, 36, 40), (225, 225, 225))


def mtgo_key(slot: Slot) -> tuple[bool, bool, int, int, str]:
    """Within a column: sideways cards last, then by colour and name, lands by name alone."""
    card = slot.card
    colours = "" if card.is_land else colours_of(card)
    rank = (len(colours) > 1) * 5 + COLOURS.index(colours[0]) if colours else 99
    return card.is_split, card.is_land, 0 if card.is_land else rank, 0, card.name


def by_cost(slots: Iterable[Slot]) -> list[list[Slot]]:
    """Columns as the client makes them: lands first, then one a mana value, six and more together."""
    columns: dict[int, list[Slot]] = {}
    for slot in slots:
        column = -1 if slot.card.is_land else min(6, mana_value(front_cost(slot.card)))
        columns.setdefault(column, []).append(slot)
    return [sorted(columns[cost], key=mtgo_key) for cost in sorted(columns)]


def type_counts(slots: Iterable[Slot]) -> dict[str, int]:
    """Lands, creatures and other cards, as the bar shows them."""
    counts = {"lands": 0, "creatures": 0, "other": 0}
    for slot in slots:
        is_creature = "Creature" in slot.card.type_line.split(" // ")[0]
        key = "lands" if slot.card.is_land else "creatures" if is_creature else "other"
        counts[key] += slot.count
    return counts


def top_bar(
    rng: Random,
    canvas: Canvas,
    left: float,
    right: float,
    height: float,
    title: str,
    types: dict[str, int] | None,
) -> None:
    """The black bar above a panel; what does not fit is left out."""
    middle, size = height / 2, height * 0.6
    canvas.rectangle((left, 0, right, height), (0, 0, 0))
    canvas.rectangle((left, 0, right, 1), GOLD)
    face = HEADINGS[rng.randrange(len(HEADINGS))]
    canvas.text((left + 5, middle + 1), title, face, size, STEEL)
    x = left + 5 + canvas.width_of(title, face, size) + height * rng.uniform(1.0, 1.7)
    if types:
        text = "   ".join(f"{word.capitalize()}: {number}" for word, number in types.items())
        canvas.text((x, middle), text, OPEN_SANS_SEMIBOLD, size * 0.86, (235, 235, 235))
        x += canvas.width_of(text, OPEN_SANS_SEMIBOLD, size * 0.86) + height * 0.6
    for word in ("Display", "gear", "Sort", "Apply Filters"):
        x = _control(canvas, word, x, right, height)


def _control(canvas: Canvas, word: str, x: float, right: float, height: float) -> float:
    """One control of the bar; where the next one goes comes back."""
    middle, size = height / 2, height * 0.5
    width = {"gear": height * 1.3, "Apply Filters": height * 4.6}.get(word, height * 3.5)
    if x + width > right - 4:
        return right
    box = x, middle - height * 0.38, x + width, middle + height * 0.38
    if word == "Apply Filters":
        canvas.rectangle((x, middle - size * 0.5, x + size, middle + size * 0.5), (0, 0, 0), (220, 220, 220), 1.2)
        canvas.text((x + size * 1.4, middle), word, OPEN_SANS_SEMIBOLD, size * 0.95, GOLD)
        return x + width + height * 0.4
    canvas.gradient(box, (96, 96, 96), (70, 70, 70), 2)
    if word == "gear":
        centre = x + width / 2
        canvas.ellipse((centre - size * 0.5, middle - size * 0.5, centre + size * 0.5, middle + size * 0.5), (240,) * 3)
        canvas.ellipse((centre - size * 0.2, middle - size * 0.2, centre + size * 0.2, middle + size * 0.2), (70,) * 3)
    else:
        canvas.text((x + height * 0.2, middle), word, OPEN_SANS_BOLD, size, (245, 245, 245))
        end = x + width - height * 0.25
        points = [
            (end - size, middle - size * 0.3),
            (end, middle - size * 0.3),
            (end - size / 2, middle + size * 0.4),
        ]
        canvas.polygon(points, (245, 245, 245))
    return x + width + height * 0.45


def standings(rng: Random, canvas: Canvas, x: float, y: float, player: str) -> None:
    """A piece of another window: players and results, no cards."""
    canvas.rectangle((x, y, x + 330, y + 84), (10, 10, 10))
    canvas.text((x + 10, y + 16), f"Standings ({rng.randint(8, 200)} Players)", CALADEA_BOLD, 19, STEEL)
    canvas.rectangle((x, y + 30, x + 330, y + 56), (56, 64, 74))
    for dx, word in ((8, "Rank"), (80, "Name"), (255, "Record")):
        canvas.text((x + dx, y + 43), word, OPEN_SANS_BOLD, 15, (245, 245, 245))
    canvas.rectangle((x, y + 57, x + 330, y + 84), (160, 186, 224))
    for dx, word in (
        (8, str(rng.randint(1, 9))),
        (80, player),
        (262, f"{rng.randint(3, 9)}-{rng.randint(0, 2)}"),
    ):
        canvas.text((x + dx, y + 70), word, OPEN_SANS, 15, (20, 30, 60))
