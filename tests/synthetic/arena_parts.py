"""What all screens of Arena share: backdrop, top menu, headers, list bars, buttons."""

from random import Random

from PIL import Image, ImageFilter

from ocr_worker.cards.card import Card

from . import mana
from .art import cloudy, texture
from .canvas import Box, Canvas, Colour
from .fonts import MONTSERRAT, Typeface

GREY: Colour = (150, 150, 150)
PALE: Colour = (214, 212, 208)
_SCENES = (
    ((40, 70, 60), (120, 160, 120), (20, 34, 34)),
    ((50, 40, 70), (140, 110, 130), (24, 20, 34)),
    ((70, 50, 30), (170, 120, 70), (30, 22, 16)),
    ((30, 50, 80), (110, 150, 180), (16, 22, 34)),
)


def backdrop(rng: Random, canvas: Canvas, height: float, ledge: float) -> None:
    """A scene behind fire above the ``ledge``, dark slate below it, sparks over all."""
    width, full = canvas.image.size
    scale = canvas.scale
    slate = texture(rng, width, full, (11, 14, 16), 1.6)
    canvas.paste(slate, 0, 0)
    band = max(8, round(ledge * scale))
    scene = cloudy(rng, max(8, width // 8), max(8, band // 8), rng.choice(_SCENES))
    canvas.paste(scene.resize((width, band), Image.Resampling.BICUBIC), 0, 0)
    _fire(rng, canvas, ledge, width / scale)
    canvas.rectangle((0, ledge - 6, width / scale, ledge + 8), (34, 36, 36))
    canvas.rectangle((0, ledge + 6, width / scale, ledge + 9), (6, 8, 8))
    for _ in range(rng.randint(5, 40)):
        x, y, r = rng.uniform(0, width / scale), rng.uniform(ledge, height), rng.uniform(0.6, 2.2)
        canvas.ellipse((x - r, y - r, x + r, y + r), (255, rng.randint(110, 190), 40, rng.randint(60, 200)))


def _fire(rng: Random, canvas: Canvas, ledge: float, width: float) -> None:
    flames = Canvas(width, 70, (0, 0, 0), canvas.scale / 4)
    for _ in range(60):
        x, tall = rng.uniform(0, width), rng.uniform(5, 55)
        tip = [
            (x - rng.uniform(4, 30), 70),
            (x + rng.uniform(-12, 12), 70 - tall),
            (x + rng.uniform(4, 30), 70),
        ]
        flames.polygon(tip, (255, rng.randint(90, 180), 40))
    size = canvas.image.width, round(70 * canvas.scale)
    soft = flames.image.filter(ImageFilter.GaussianBlur(5 * flames.scale)).resize(size)
    canvas.image.paste(soft, (0, round((ledge - 70) * canvas.scale)), soft.convert("L").point(lambda v: v * 0.75))


def top_menu(rng: Random, canvas: Canvas, face: Typeface, width: float, has_icons: bool) -> None:
    """The client's menu with words that are card names as well, currencies and icons."""
    canvas.rectangle((0, 0, width, 74), (46, 48, 50, 240))
    canvas.rectangle((0, 73, width, 75), (90, 92, 94))
    for place, word in enumerate(("Home", "Profile", "Decks", "Packs", "Store", "Mastery")):
        x = 105 + place * (102 if has_icons else 128)
        is_open = word == "Decks"
        if is_open:
            canvas.rectangle((x - 52, 0, x + 52, 74), (96, 96, 96))
            canvas.rectangle((x - 52, 71, x + 52, 77), (255, 130, 40))
        colour = (250, 250, 250) if is_open else GREY
        if has_icons:
            canvas.ellipse((x - 16, 10, x + 16, 42), (170, 170, 170))
        canvas.text((x, 58 if has_icons else 36), word, face, 18 if has_icons else 25, colour, "mm")
    for x, low, high, tint in ((1270, 100, 99999, (230, 180, 60)), (1395, 0, 200000, (90, 150, 230))):
        canvas.ellipse((x, 22, x + 32, 54), tint)
        amount = f"{rng.randint(low, high):,}".replace(",", rng.choice((",", " ")))
        canvas.text((x + 42, 38), amount, MONTSERRAT, 18, GREY)
    for place in range(3):
        canvas.rectangle((width - 260 + place * 62, 24, width - 222 + place * 62, 54), GREY, radius=6)


def search_box(canvas: Canvas, face: Typeface, x: float, y: float) -> None:
    """The empty search field."""
    canvas.rectangle((x, y - 20, x + 218, y + 20), (8, 8, 8), (70, 70, 70), 2, 20)
    canvas.text((x + 14, y), "Search...", face, 20, (130, 130, 130))
    canvas.ellipse((x + 187, y - 11, x + 209, y + 11), (150, 150, 150))
    canvas.text((x + 198, y - 1), "×", MONTSERRAT, 20, (20, 20, 20), "mm")


def header(
    canvas: Canvas, face: Typeface, box: Box, title: str, counts: str, indent: float, slanted: bool = False
) -> None:
    """A plate with a name and a number of cards."""
    left, top, right, bottom = box
    canvas.rectangle(box, (30, 32, 34, 235), (84, 88, 90), 2, 3)
    size = canvas.fitting_size(title, face, 29, 226, 14)
    canvas.text((left + indent, top + 24), title, face, size, PALE)
    canvas.text((left + indent, bottom - 19), counts, MONTSERRAT, 19, (132, 132, 132))
    if slanted:
        middle = (top + bottom) / 2
        arrow = [(right - 60, middle - 5), (right - 46, middle - 5), (right - 53, middle + 6)]
        canvas.polygon(arrow, (250, 250, 250))


def mana_curve(rng: Random, canvas: Canvas, x: float, y: float) -> None:
    """The small bar chart in the deck's header."""
    for place in range(6):
        left = x + place * 11
        canvas.rectangle((left, y, left + 9, y + 44), (4, 4, 4), (70, 70, 70), 1)
        top = y + 44 - rng.randint(2, 44)
        canvas.rectangle((left + 1, top, left + 8, y + 43), (240, rng.randint(120, 200), 60))


def deck_box(canvas: Canvas, art: Image.Image, x: float, y: float, width: float, height: float) -> None:
    """The box with a picture that stands in a header, in a glow."""
    glow = Image.new("L", (round((width + 24) * canvas.scale), round((height + 24) * canvas.scale)), 0)
    inner = round(12 * canvas.scale)
    glow.paste(220, (inner, inner, glow.width - inner, glow.height - inner))
    glow = glow.filter(ImageFilter.GaussianBlur(5 * canvas.scale))
    at = round((x - 12) * canvas.scale), round((y - 12) * canvas.scale)
    canvas.image.paste((255, 160, 50), at, glow)
    canvas.rectangle((x, y, x + width, y + height), (12, 12, 12))
    picture = art.resize((round((width - 16) * canvas.scale), round((height - 10) * canvas.scale)))
    canvas.paste(picture, x + 4, y + 5)


def list_bar(canvas: Canvas, box: Box, card: Card, name: str, face: Typeface, dark: bool, pale: int = 0) -> str:
    """A row: name and cost on a bar in the card's colours; the name as it fits comes back."""
    left, top, right, bottom = box
    middle, high = (top + bottom) / 2, bottom - top
    tint = mana.TINTS[mana.frame_key(card)]
    edge_left, edge_right = mana.edge_colours(card)
    canvas.gradient(box, edge_left, edge_right, high * 0.34)
    inner = left + high * 0.13, top + high * 0.11, right - high * 0.13, bottom - high * 0.11
    canvas.rectangle(inner, (70, 70, 70), radius=high * 0.28)
    inside = inner[0] + 1.5, inner[1] + 1.5, inner[2] - 1.5, inner[3] - 1.5
    canvas.rectangle(inside, tint.dark if dark else tint.plate, radius=high * 0.26)
    cost = mana.front_cost(card)
    end = mana.draw_cost(canvas, right - high * 0.28, middle, cost, high * 0.64, 0.05) - high * 0.12
    size = high * 0.61
    text, _ = canvas.ellipsize(name, face, size, end - left - high * 0.34)
    ink: Colour = (245, 245, 245) if dark else (12, 10, 10)
    canvas.text((left + high * 0.3, middle), text, face, size, ink)
    if pale:
        canvas.rectangle(box, (8, 10, 12, pale))
    return text


def count_pill(canvas: Canvas, box: Box, text: str, face: Typeface) -> None:
    """The black pill with the number of copies at the left of a bar, or an arrow instead."""
    left, top, right, bottom = box
    middle, high = (top + bottom) / 2, bottom - top
    canvas.rectangle((left, top, right + high * 0.5, bottom), (0, 0, 0), (150, 150, 150), 1.6, high * 0.5)
    x = (left + right) / 2 + 2
    if text in ("up", "down"):
        turn = -1 if text == "up" else 1
        points = [(x - 9, middle - 4 * turn), (x, middle + 5 * turn), (x + 9, middle - 4 * turn)]
        canvas.line(points, (205, 205, 205), 3)
    else:
        canvas.text((x, middle), text, face, high * 0.57, (214, 210, 204), "mm")


def done_button(canvas: Canvas, face: Typeface, x: float, y: float, word: str = "Done") -> Box:
    """The orange button at the lower right; its box comes back."""
    box = x - 135, y - 30, x + 135, y + 30
    canvas.rectangle((x - 140, y - 34, x + 140, y + 36), (60, 10, 40, 150), radius=34)
    canvas.rectangle(box, (232, 96, 32), (250, 200, 130), 2.5, 30)
    canvas.rectangle((x - 120, y - 24, x + 120, y - 4), (255, 150, 70, 120), radius=14)
    canvas.text((x + 1.5, y + 2), word, face, 31, (70, 20, 0), "mm")
    canvas.text((x, y), word, face, 31, (255, 250, 240), "mm")
    return box


def mana_sources(canvas: Canvas, x: float, y: float, sources: dict[str, int]) -> None:
    """The panel that hovers over the columns with the sources of each colour."""
    width = 22 + 50 * len(sources)
    canvas.rectangle((x, y - 16, x + width, y + 16), (14, 14, 16, 235), (60, 60, 60), 1)
    for place, (colour, number) in enumerate(sources.items()):
        mana.draw_symbol(canvas, x + 22 + place * 50, y, 18, colour)
        canvas.text((x + 35 + place * 50, y), str(number), MONTSERRAT, 17, (225, 225, 225))
