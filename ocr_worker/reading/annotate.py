"""Draws on a picture what was read there: boxes with counts and names, and a strip that sums it up.

Certain rows are bluish green with a plain frame, doubtful ones orange with a double frame and a question
mark: two colours that people with any kind of colour blindness tell apart, and a mark for everybody.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ocr_worker.decks.deck import Deck, DeckLine, Section
from ocr_worker.decks.remarks import SECTION_WORDS
from ocr_worker.exporters.names import HALVES, as_ascii
from ocr_worker.reading.labels import Label, place_label
from ocr_worker.reading.lines import Image, Rect

CERTAIN = (0, 190, 140)
DOUBTFUL = (240, 160, 0)
INK = (0, 0, 0)
STRIP = (24, 24, 24)
STRIP_INK = (240, 240, 240)

READABLE = 14
"""Pixels that titles should be high at least; the picture is enlarged for that, up to the next limits."""

MOST_ENLARGED = 3
MOST_PIXELS = 16_000_000

SMALLEST_TEXT, LARGEST_TEXT = 11, 40
"""Pixels of font size."""

_SHORT_NAME = 9
"""Characters of a name that is cut for want of room."""

_JPEG_QUALITY = 88


def annotate(image: Image, deck: Deck) -> Image:
    """The picture with what was read: enlarged where titles are too small, and with a strip below."""
    scale = _scale(image, deck)
    canvas = Pillow.fromarray(image)
    if scale > 1:
        canvas = canvas.resize((canvas.width * scale, canvas.height * scale), Pillow.Resampling.LANCZOS)
    marks = list(_marks(deck, scale))
    size = _text_size(canvas, marks)
    _draw_marks(ImageDraw.Draw(canvas), marks, size)
    return np.asarray(_with_strip(canvas, list(_summary(deck)), size), np.uint8)


def annotated_file(image: Image, deck: Deck, suffix: str) -> bytes:
    """The annotated picture as a file of the kind that ``suffix`` (``.png``, ``.jpg``, ``.webp``) names."""
    buffer = io.BytesIO()
    kind = Pillow.registered_extensions()[suffix.lower()]
    Pillow.fromarray(annotate(image, deck)).save(buffer, kind, quality=_JPEG_QUALITY)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A row that was read at ``rect``, and what may be written beside it, the longest text first."""

    rect: Rect
    texts: tuple[str, ...]
    certain: bool

    @property
    def colour(self) -> tuple[int, int, int]:
        return CERTAIN if self.certain else DOUBTFUL


def _scale(image: Image, deck: Deck) -> int:
    """By how much the picture is enlarged so that its titles, and labels beside them, can be read."""
    heights = sorted(line.box[3] - line.box[1] for _, line in deck if line.box)
    if not heights:
        return 1
    wanted = -(-READABLE // max(1, heights[len(heights) // 2]))
    affordable = int((MOST_PIXELS / (image.shape[0] * image.shape[1])) ** 0.5)
    return max(1, min(wanted, MOST_ENLARGED, affordable))


def _marks(deck: Deck, scale: int) -> Iterator[_Mark]:
    for section, line in deck:
        if line.box:
            left, top, right, bottom = (side * scale for side in line.box)
            yield _Mark(Rect(left, top, right, bottom), _texts(section, line), line.certain)


def _texts(section: Section, line: DeckLine) -> tuple[str, ...]:
    """Count, name and any section but the main deck, in ASCII, which the font has; then shorter texts."""
    count = f"{'' if line.certain else '? '}{line.count}"
    name = as_ascii(HALVES(line.card))
    where = "" if section is Section.MAIN else f" ({section.value})"
    return f"{count} {name}{where}", f"{count} {name[:_SHORT_NAME]}...{where}", f"{count}{where}"


def _text_size(canvas: Pillow.Image, marks: Iterable[_Mark]) -> int:
    """Font size: a little less than the titles, or a share of the picture where nothing was placed."""
    heights = sorted(mark.rect.height for mark in marks)
    wanted = 0.75 * heights[len(heights) // 2] if heights else canvas.width / 60
    return round(min(max(wanted, SMALLEST_TEXT), LARGEST_TEXT))


def _draw_marks(draw: ImageDraw.ImageDraw, marks: list[_Mark], size: int) -> None:
    """Frames first, so that no frame crosses a label."""
    font = ImageFont.load_default(size)
    width = max(2, size // 7)
    for mark in marks:
        _draw_frame(draw, mark, width)
    taken = [mark.rect for mark in marks]
    page = Rect(0, 0, *draw.im.size)
    for mark in marks:
        labels = [Label(text, font.getlength(text) + 0.6 * size, 1.25 * size) for text in mark.texts]
        text, place = place_label(mark.rect, labels, taken, page, gap=2 * width)
        taken.append(place)
        draw.rectangle(place.box(), fill=mark.colour)
        draw.text((place.left + 0.3 * size, place.y), text, font=font, fill=INK, anchor="lm")


def _draw_frame(draw: ImageDraw.ImageDraw, mark: _Mark, width: int) -> None:
    left, top, right, bottom = mark.rect.box()
    outer = (left - width, top - width, right + width, bottom + width)
    draw.rectangle(outer, outline=mark.colour, width=width)
    if not mark.certain:
        far = 2 * width + 1
        draw.rectangle(
            (left - far, top - far, right + far, bottom + far), outline=mark.colour, width=max(1, width // 2)
        )


def _summary(deck: Deck) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """The lines of the strip with their colours: sizes, state, warnings."""
    sizes = [_size(deck, section) for section in Section if deck[section] or section in deck.totals]
    doubtful = sum(not line.certain for _, line in deck)
    yield f"{', '.join(sizes)}  -  {'verified' if deck.verified else 'not verified'}", STRIP_INK
    if doubtful:
        yield f"? {doubtful} row{'s' if doubtful > 1 else ''} in doubt", DOUBTFUL
    for warning in deck.warnings:
        yield f"! {as_ascii(warning)}", DOUBTFUL


def _size(deck: Deck, section: Section) -> str:
    total = deck.totals.get(section)
    if total is None or total.displayed is None:
        return f"{SECTION_WORDS[section]} {deck.size(section)}"
    return f"{SECTION_WORDS[section]} {total.read} of {total.displayed}"


def _with_strip(canvas: Pillow.Image, lines: list[tuple[str, tuple[int, int, int]]], size: int) -> Pillow.Image:
    """The picture with the lines below it, so that nothing of it is covered."""
    font = ImageFont.load_default(size)
    wrapped = [(part, colour) for text, colour in lines for part in _wrap(text, font, canvas.width - size)]
    step = round(1.5 * size)
    result = Pillow.new("RGB", (canvas.width, canvas.height + step * len(wrapped) + size), STRIP)
    result.paste(canvas)
    draw = ImageDraw.Draw(result)
    for number, (text, colour) in enumerate(wrapped):
        y = canvas.height + size // 2 + step * number
        draw.text((size // 2, y), text, font=font, fill=colour)
    return result


def _wrap(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    """The text in lines of at most ``width`` pixels."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
