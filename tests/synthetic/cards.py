"""Drawing card-like faces: frames of several eras, titles, art, type line and rules-like text."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

from ocr_worker.cards.card import Card

from . import mana
from .art import random_art
from .canvas import Canvas, Colour
from .fonts import ARIMO, ARIMO_BOLD, CALADEA_BOLD
from .styles import Look, Style
from .words import artist, rules_text

#: Height of a card whose width is 1; everything on a face is in widths of the card.
HEIGHT = 1.395
WHITE: Colour = (245, 245, 245)
INK: Colour = (14, 12, 12)
_BLACK: Colour = (20, 18, 18)
_PALE: Colour = (236, 236, 234)


@dataclass(frozen=True, slots=True)
class Face:
    """A drawn card in pixels of its page, and the title as it is to be seen."""

    image: Image.Image
    title: str
    is_cut: bool


@dataclass(slots=True)
class _Sketch:
    canvas: Canvas
    rng: Random
    card: Card
    style: Style
    look: Look
    name: str

    @property
    def tint(self) -> mana.Tint:
        has_grey = self.style.grey_lands and self.card.is_land and not self.card.is_basic
        return mana.TINTS["L" if has_grey else mana.frame_key(self.card)]

    @property
    def is_light_on_dark(self) -> bool:
        return self.look in (Look.DARK, Look.BORDERLESS, Look.OLD)

    @property
    def ink(self) -> Colour:
        return WHITE if self.is_light_on_dark else INK


def draw_card(
    rng: Random,
    card: Card,
    style: Style,
    width: float,
    look: Look | None = None,
    others: Sequence[str] = (),
    whole: bool = True,
) -> Face:
    """A card ``width`` pixels wide; with ``whole`` false only its upper part carries details."""
    if card.is_split and len(card.faces) > 1:
        return _draw_split(rng, card, style, width, others)
    border = _PALE if rng.random() < style.white_borders else _BLACK
    sketch = _Sketch(Canvas(1, HEIGHT, border, width), rng, card, style, Look.MODERN, card.front)
    sketch.look = look or style.look_for(rng, card)
    _frame(sketch, HEIGHT)
    _art(sketch, 0.77)
    if sketch.look is Look.UNTITLED:
        return Face(_rounded(sketch.canvas.image, style.corner * width), "", False)
    title, is_cut = _title(sketch, 0.098)
    if whole:
        _type_line(sketch, 0.82)
        _rules(sketch, 0.875, 1.265, others)
        _corner_box(sketch, 1.27)
        sketch.canvas.text((0.09, 1.335), artist(rng), style.title, 0.04, (150, 150, 150))
    return Face(_rounded(sketch.canvas.image, style.corner * width), title, is_cut)


def _rounded(image: Image.Image, radius: float) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, image.width - 1, image.height - 1), radius, 255)
    image.putalpha(mask)
    return image


def _draw_split(rng: Random, card: Card, style: Style, width: float, others: Sequence[str]) -> Face:
    """Both halves: one above the other, or, as printed, side by side on a card that lies on its side."""
    page = Canvas(1, HEIGHT, _BLACK, width)
    for place, name in enumerate(card.faces[:2]):
        if style.sideways_splits:
            half = _half(rng, card, style, name, 0.655 * width, 0.93 / 0.655, others)
            turned = half.transpose(Image.Transpose.ROTATE_90)
            page.paste(turned, 0.035, 0.715 - place * 0.68)
        else:
            page.paste(_half(rng, card, style, name, 0.94 * width, 0.66, others), 0.03, 0.03 + place * 0.64)
    return Face(_rounded(page.image, style.corner * width), card.name, False)


def _half(
    rng: Random, card: Card, style: Style, name: str, width: float, height: float, others: Sequence[str]
) -> Image.Image:
    sketch = _Sketch(Canvas(1, height, _BLACK, width), rng, card, style, Look.MODERN, name)
    _frame(sketch, height + 0.06)
    low = height < 1
    _art(sketch, height * (0.97 if low else 0.55))
    _title(sketch, 0.098)
    if not low:
        _type_line(sketch, height * 0.62)
        _rules(sketch, height * 0.66, height * 0.96, others)
    return sketch.canvas.image


def _frame(sketch: _Sketch, height: float) -> None:
    canvas, tint = sketch.canvas, sketch.tint
    left, right = mana.edge_colours(sketch.card)
    if sketch.look is Look.OLD:
        canvas.gradient((0.04, 0.04, 0.96, height - 0.045), _muted(left), _muted(right))
    elif sketch.look in (Look.MODERN, Look.CENTRED):
        canvas.gradient((0.035, 0.035, 0.965, height - 0.125), left, right, 0.02)
        canvas.rectangle((0.05, 0.05, 0.95, height - 0.14), (*tint.plate, 90))
        if "Legendary" in sketch.card.type_line and sketch.look is Look.MODERN:
            _crown(canvas, left, right)


def _muted(colour: mana.RGB) -> mana.RGB:
    red, green, blue = (round(band * 0.62 + 20) for band in colour)
    return red, green, blue


def _crown(canvas: Canvas, left: mana.RGB, right: mana.RGB) -> None:
    for colour, start in ((left, 0.02), (right, 0.5)):
        tips = [(start, 0.06), (start + 0.06, 0.03), (start + 0.2, 0.022), (start + 0.35, 0.03)]
        canvas.polygon([*tips, (start + 0.48, 0.012), (start + 0.48, 0.07)], colour)


def _art(sketch: _Sketch, bottom: float) -> None:
    box = {
        Look.MODERN: (0.075, 0.155, 0.925, bottom),
        Look.CENTRED: (0.075, 0.155, 0.925, bottom + 0.4),
        Look.OLD: (0.11, 0.155, 0.89, bottom - 0.04),
        Look.DARK: (0.035, 0.035, 0.965, bottom + 0.1),
        Look.BORDERLESS: (0.0, 0.0, 1.0, HEIGHT),
        Look.UNTITLED: (0.0, 0.0, 1.0, HEIGHT),
    }[sketch.look]
    scale = sketch.canvas.scale
    size = round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale)
    sketch.canvas.rectangle((box[0] - 0.008, box[1] - 0.008, box[2] + 0.008, box[3] + 0.008), (20, 18, 18, 255))
    sketch.canvas.paste(random_art(sketch.rng, *size, mana.frame_key(sketch.card)), box[0], box[1])


def _plate(sketch: _Sketch, middle: float, half: float, left: float = 0.045, right: float = 0.955) -> None:
    canvas, tint = sketch.canvas, sketch.tint
    box = left, middle - half, right, middle + half
    edge_left, edge_right = mana.edge_colours(sketch.card)
    if sketch.look is Look.OLD:
        return
    if sketch.look is Look.BORDERLESS:
        canvas.rectangle(box, (*tint.dark, 190), (*tint.edge, 255), 0.008, 0.03)
        return
    canvas.gradient((box[0], box[1] - 0.006, box[2], box[3] + 0.006), edge_left, edge_right, 0.035)
    canvas.rectangle((box[0] + 0.006, box[1], box[2] - 0.006, box[3]), INK, radius=0.03)
    inner = box[0] + 0.012, box[1] + 0.006, box[2] - 0.012, box[3] - 0.006
    if sketch.look is Look.DARK:
        canvas.rectangle(inner, tint.dark, radius=0.028)
    elif _has_two_plates(sketch):
        first, second = tuple(mana.colours_of(sketch.card))
        canvas.gradient(inner, mana.TINTS[first].plate, mana.TINTS[second].plate, 0.028)
    else:
        canvas.rectangle(inner, tint.plate, radius=0.028)


def _has_two_plates(sketch: _Sketch) -> bool:
    """Arena shows lands of two colours with a plate that fades from one into the other."""
    return sketch.card.is_land and not sketch.style.grey_lands and len(mana.colours_of(sketch.card)) == 2


def _title(sketch: _Sketch, middle: float) -> tuple[str, bool]:
    if sketch.look is Look.CENTRED:
        return _centred_title(sketch, middle)
    _plate(sketch, middle, 0.05)
    start = _title_marks(sketch, middle)
    symbol = 0.07 if sketch.look is not Look.OLD else 0.062
    cost = _shown_cost(sketch)
    end = 0.925
    if cost:
        end = mana.draw_cost(sketch.canvas, 0.93, middle, cost, symbol, 0.03) - 0.015
    return _write_title(sketch, start, end, middle)


def _shown_cost(sketch: _Sketch) -> str:
    """The cost of the face that bears this name; not every source knows that of the second half."""
    costs = (sketch.card.mana_cost or "").split(" // ")
    place = sketch.card.faces.index(sketch.name)
    return costs[place] if place < len(costs) else ""


def _title_marks(sketch: _Sketch, middle: float) -> float:
    """The symbols that stand in a title bar; where the name starts comes back."""
    canvas = sketch.canvas
    if sketch.card.is_land and sketch.style.land_symbol and sketch.look is Look.MODERN:
        canvas.ellipse((0.41, middle - 0.09, 0.59, middle + 0.09), sketch.tint.edge)
        canvas.ellipse((0.422, middle - 0.078, 0.578, middle + 0.078), sketch.tint.plate)
        peak = [(0.45, middle + 0.03), (0.48, middle - 0.03), (0.5, middle), (0.515, middle - 0.015)]
        canvas.polygon([*peak, (0.55, middle + 0.03)], (120, 115, 110, 110))
    if sketch.card.layout not in ("transform", "modal_dfc"):
        return 0.075 if sketch.look is not Look.OLD else 0.1
    canvas.ellipse((0.05, middle - 0.05, 0.15, middle + 0.05), (225, 225, 225))
    canvas.ellipse((0.06, middle - 0.04, 0.14, middle + 0.04), INK)
    canvas.polygon([(0.075, middle + 0.022), (0.1, middle - 0.026), (0.125, middle + 0.022)], WHITE)
    return 0.165


def _write_title(sketch: _Sketch, start: float, end: float, middle: float) -> tuple[str, bool]:
    canvas, style, text = sketch.canvas, sketch.style, sketch.name
    is_old = sketch.look is Look.OLD
    face = CALADEA_BOLD if is_old else (ARIMO_BOLD if sketch.is_light_on_dark and style.title is ARIMO else style.title)
    size = style.title_size * (0.94 if is_old else 1)
    is_cut = False
    if style.cuts_titles:
        size *= sketch.rng.choice((1.0, 1.0, 0.9))
        size = canvas.fitting_size(text, face, size, end - start, size * 0.8)
        text, is_cut = canvas.ellipsize(text, face, size, end - start, style.dots)
    else:
        size = canvas.fitting_size(text, face, size, end - start, size * 0.5)
    if is_old:
        canvas.text((start + 0.008, middle + 0.008), text, face, size, (0, 0, 0))
    canvas.text((start, middle), text, face, size, sketch.ink)
    return text, is_cut


def _centred_title(sketch: _Sketch, middle: float) -> tuple[str, bool]:
    canvas, style = sketch.canvas, sketch.style
    half = canvas.width_of(sketch.name, style.title, style.title_size) / 2 + 0.06
    _plate(sketch, middle, 0.05, 0.5 - half, 0.5 + half)
    canvas.text((0.5, middle), sketch.name, style.title, style.title_size, INK, "mm")
    return sketch.name, False


def _type_line(sketch: _Sketch, middle: float) -> None:
    canvas, style = sketch.canvas, sketch.style
    _plate(sketch, middle, 0.043)
    text = sketch.card.type_line.split(" // ")[0]
    size = style.title_size * 0.84
    text, _ = canvas.ellipsize(text, style.title, size, 0.72)
    canvas.text((0.075 if sketch.look is not Look.OLD else 0.1, middle), text, style.title, size, sketch.ink)
    canvas.ellipse((0.86, middle - 0.028, 0.92, middle + 0.028), (90, 80, 60))


def _rules(sketch: _Sketch, top: float, bottom: float, others: Sequence[str]) -> None:
    canvas, style, rng = sketch.canvas, sketch.style, sketch.rng
    inset = 0.11 if sketch.look is Look.OLD else 0.075
    is_dark = sketch.look in (Look.DARK, Look.BORDERLESS)
    fill: Colour = (*sketch.tint.dark, 215) if is_dark else (*sketch.tint.box, 255)
    canvas.rectangle((inset, top, 1 - inset, bottom), fill)
    left = inset + 0.03
    if sketch.card.layout in ("adventure", "prepare") and len(sketch.card.faces) > 1:
        left = _adventure(sketch, top, bottom)
    size = style.body_size * rng.uniform(0.85, 1.05)
    text = rules_text(rng, sketch.name, others, rng.randint(1, 3))
    lines = canvas.wrap(text, style.body, size, 1 - inset - 0.03 - left)
    for place, line in enumerate(lines[: int((bottom - top - 0.02) / (size * 1.18))]):
        height = top + 0.02 + size * (0.6 + 1.18 * place)
        canvas.text((left, height), line, style.body, size, WHITE if is_dark else INK)


def _adventure(sketch: _Sketch, top: float, bottom: float) -> float:
    """The second name of the card, on a small page in its text box."""
    canvas, style = sketch.canvas, sketch.style
    canvas.rectangle((0.075, top, 0.5, bottom), sketch.tint.plate)
    canvas.rectangle((0.08, top + 0.005, 0.495, top + 0.075), sketch.tint.dark)
    name, _ = canvas.ellipsize(sketch.card.faces[1], style.title, style.title_size * 0.66, 0.36)
    canvas.text((0.095, top + 0.04), name, style.title, style.title_size * 0.66, WHITE)
    canvas.text((0.095, top + 0.105), "Sorcery", style.title, style.title_size * 0.55, INK)
    return 0.52


def _corner_box(sketch: _Sketch, middle: float) -> None:
    kind, rng = sketch.card.type_line, sketch.rng
    if "Planeswalker" in kind:
        text = str(rng.randint(2, 7))
    elif "Creature" in kind or "Vehicle" in kind:
        text = f"{rng.randint(0, 7)}/{rng.randint(1, 7)}"
    else:
        return
    box = (0.73, middle - 0.055, 0.96, middle + 0.055)
    sketch.canvas.rectangle(box, sketch.tint.plate, (40, 38, 36), 0.012, 0.04)
    sketch.canvas.text((0.845, middle), text, sketch.style.title, 0.085, INK, "mm")
