"""Mana costs: their value, the frame colours that follow from them, and how their symbols are drawn."""

import math
import re
from dataclasses import dataclass

from ocr_worker.cards.card import Card

from .canvas import Canvas, Colour
from .fonts import SOURCE_SERIF_SEMIBOLD, Typeface

COLOURS = "WUBRG"
RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tint:
    """Colours of a frame: its ``edge``, the ``plate`` behind a title, a ``dark`` plate, the text ``box``."""

    edge: RGB
    plate: RGB
    dark: RGB
    box: RGB


TINTS = {
    "W": Tint((240, 234, 214), (232, 229, 220), (120, 112, 92), (240, 238, 230)),
    "U": Tint((34, 118, 190), (142, 190, 228), (22, 66, 100), (214, 228, 240)),
    "B": Tint((62, 58, 56), (168, 160, 158), (34, 32, 32), (214, 208, 204)),
    "R": Tint((226, 66, 42), (242, 176, 154), (92, 24, 14), (240, 220, 208)),
    "G": Tint((6, 118, 72), (172, 208, 188), (20, 62, 38), (214, 228, 216)),
    "M": Tint((204, 172, 88), (220, 198, 122), (98, 80, 34), (240, 232, 208)),
    "A": Tint((138, 150, 160), (202, 208, 214), (56, 62, 68), (222, 226, 230)),
    "L": Tint((158, 140, 124), (198, 190, 184), (60, 54, 50), (226, 222, 216)),
}
SYMBOL_RGB: dict[str, RGB] = {
    "W": (249, 242, 208),
    "U": (168, 214, 240),
    "B": (186, 178, 174),
    "R": (240, 160, 128),
    "G": (150, 200, 162),
    "C": (206, 198, 192),
}
_GREY: RGB = (206, 198, 194)
_INK: RGB = (18, 16, 16)


def front_cost(card: Card) -> str:
    """The mana cost of the front face."""
    return (card.mana_cost or "").split(" // ")[0]


def cost_symbols(cost: str) -> list[str]:
    """The symbols of a cost, without their braces."""
    return re.findall(r"\{([^}]+)\}", cost)


def mana_value(cost: str) -> int:
    """The number that clients sort by."""
    total = 0
    for symbol in cost_symbols(cost):
        if symbol.isdigit():
            total += int(symbol)
        elif symbol not in "XYZ":
            total += 2 if symbol.startswith("2/") else 1
    return total


def colours_of(card: Card) -> str:
    """The colours a card is printed in: those of its cost, or of a land's identity."""
    source = card.colour_identity if card.is_land else front_cost(card)
    return "".join(colour for colour in COLOURS if colour in source)


def frame_key(card: Card) -> str:
    """Which tint its frame takes: a colour, ``M`` for several, ``A`` colourless, ``L`` for a grey land."""
    colours = colours_of(card)
    if not colours:
        return "L" if card.is_land else "A"
    return colours if len(colours) == 1 else "M"


def edge_colours(card: Card) -> tuple[RGB, RGB]:
    """Left and right colour of the frame: two-coloured cards fade from one into the other."""
    colours = colours_of(card)
    if len(colours) == 2:
        return TINTS[colours[0]].edge, TINTS[colours[1]].edge
    edge = TINTS[frame_key(card)].edge
    return edge, edge


def draw_cost(canvas: Canvas, right: float, middle: float, cost: str, size: float, overlap: float = 0.0) -> float:
    """Draw a cost that ends at ``right``; the left end of it comes back."""
    step = size * (1.06 - overlap)
    symbols = cost_symbols(cost)
    for place, symbol in enumerate(reversed(symbols)):
        draw_symbol(canvas, right - size / 2 - place * step, middle, size, symbol)
    return right - (size + step * (len(symbols) - 1) if symbols else 0)


def draw_symbol(canvas: Canvas, x: float, y: float, size: float, symbol: str) -> None:
    """One round mana symbol."""
    half = size / 2
    parts = symbol.split("/")
    fill = SYMBOL_RGB.get(parts[0], _GREY)
    canvas.ellipse((x - half, y - half * 0.92, x + half, y + half * 1.08), (0, 0, 0, 150))
    canvas.ellipse((x - half, y - half, x + half, y + half), fill)
    if len(parts) == 2 and parts[1] in SYMBOL_RGB:
        _half_disc(canvas, x, y, half, SYMBOL_RGB[parts[1]])
        _glyph(canvas, x - half * 0.34, y - half * 0.3, half * 0.55, parts[0])
        _glyph(canvas, x + half * 0.34, y + half * 0.32, half * 0.55, parts[1])
    else:
        _glyph(canvas, x, y, half * 0.95, "P" if parts[-1] == "P" and len(parts) > 1 else parts[0])


def _half_disc(canvas: Canvas, x: float, y: float, half: float, fill: Colour) -> None:
    turns = [math.radians(angle) for angle in range(-45, 136, 15)]
    canvas.polygon([(x + half * math.cos(turn), y + half * math.sin(turn)) for turn in turns], fill)


def _glyph(canvas: Canvas, x: float, y: float, reach: float, symbol: str) -> None:
    shapes = {"W": _sun, "U": _drop, "B": _skull, "R": _flame, "G": _tree, "C": _diamond, "T": _turn}
    if symbol in shapes:
        shapes[symbol](canvas, x, y, reach * 0.8)
    else:
        text = "Φ" if symbol == "P" else symbol
        _letter(canvas, x, y, reach, text, SOURCE_SERIF_SEMIBOLD)


def _letter(canvas: Canvas, x: float, y: float, reach: float, text: str, face: Typeface) -> None:
    canvas.text((x, y), text, face, reach * (1.7 if len(text) == 1 else 1.3), _INK, "mm")


def _star(x: float, y: float, rays: int, outer: float, inner: float) -> list[tuple[float, float]]:
    points = []
    for step in range(rays * 2):
        turn = math.pi * step / rays
        reach = inner if step % 2 else outer
        points.append((x + reach * math.sin(turn), y - reach * math.cos(turn)))
    return points


def _sun(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.polygon(_star(x, y, 8, r, r * 0.5), _INK)


def _drop(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.polygon([(x, y - r), (x + r * 0.6, y + r * 0.2), (x - r * 0.6, y + r * 0.2)], _INK)
    canvas.ellipse((x - r * 0.64, y - r * 0.3, x + r * 0.64, y + r), _INK)


def _skull(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.ellipse((x - r * 0.85, y - r, x + r * 0.85, y + r * 0.5), _INK)
    canvas.rectangle((x - r * 0.45, y, x + r * 0.45, y + r), _INK)
    for side in (-1, 1):
        eye = x + side * r * 0.38
        canvas.ellipse((eye - r * 0.24, y - r * 0.35, eye + r * 0.24, y + r * 0.12), SYMBOL_RGB["B"])


def _flame(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.ellipse((x - r * 0.75, y - r * 0.4, x + r * 0.65, y + r), _INK)
    tongue = [(-0.75, 0.2), (-0.6, -0.6), (-0.2, -0.2), (0.1, -1.0), (0.5, -0.3), (0.9, -0.6), (0.6, 0.4)]
    canvas.polygon([(x + dx * r, y + dy * r) for dx, dy in tongue], _INK)
    canvas.ellipse((x - r * 0.2, y + r * 0.2, x + r * 0.35, y + r * 0.75), SYMBOL_RGB["R"])


def _tree(canvas: Canvas, x: float, y: float, r: float) -> None:
    for dx, dy in ((-0.4, -0.1), (0.4, -0.1), (0.0, -0.5)):
        reach = r * 0.52
        canvas.ellipse((x + dx * r - reach, y + dy * r - reach, x + dx * r + reach, y + dy * r + reach), _INK)
    canvas.polygon([(x - r * 0.2, y), (x + r * 0.2, y), (x + r * 0.4, y + r), (x - r * 0.4, y + r)], _INK)


def _diamond(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.polygon(_star(x, y, 4, r, r * 0.45), _INK)


def _turn(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.polygon([(x - r * 0.7, y - r * 0.6), (x + r * 0.8, y - r * 0.4), (x + r * 0.2, y + r * 0.8)], _INK)
