"""A drawing surface in units of the layout, drawn larger than shown and scaled down for clean edges."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .fonts import Typeface, load_font

Colour = tuple[int, int, int] | tuple[int, int, int, int]
Box = tuple[float, float, float, float]


class Canvas:
    """An RGB picture of ``width`` by ``height`` units with ``scale`` pixels a unit."""

    def __init__(self, width: float, height: float, fill: Colour, scale: float) -> None:
        self.scale = scale
        size = max(1, round(width * scale)), max(1, round(height * scale))
        self.image = Image.new("RGB", size, fill[:3])
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def _pixels(self, *values: float) -> list[float]:
        return [value * self.scale for value in values]

    def rectangle(
        self, box: Box, fill: Colour | None, outline: Colour | None = None, line: float = 0, radius: float = 0
    ) -> None:
        """A rectangle, with round corners where a radius is given."""
        left, top, right, bottom = (round(value) for value in self._pixels(*box))
        right, bottom = max(left, right - 1), max(top, bottom - 1)
        width = max(1, round(line * self.scale)) if outline else 0
        limit = min(right - left, bottom - top) / 2
        self._pen.rounded_rectangle((left, top, right, bottom), min(radius * self.scale, limit), fill, outline, width)

    def gradient(self, box: Box, left: Colour, right: Colour, radius: float = 0) -> None:
        """A rectangle that fades from one colour at its left into another at its right."""
        x, y, x_end, y_end = (round(value) for value in self._pixels(*box))
        size = max(1, x_end - x), max(1, y_end - y)
        ramp = Image.new("RGB", (4, 1))
        for place, colour in enumerate((left, left, right, right)):
            ramp.putpixel((place, 0), colour[:3])
        mask = Image.new("L", size, 0)
        limit = min(radius * self.scale, min(size) / 2)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), limit, 255)
        self.image.paste(ramp.resize(size, Image.Resampling.BILINEAR), (x, y), mask)

    def ellipse(self, box: Box, fill: Colour | None, outline: Colour | None = None, line: float = 0) -> None:
        """An ellipse inside a box."""
        left, top, right, bottom = self._pixels(*box)
        width = max(1, round(line * self.scale)) if outline else 0
        self._pen.ellipse((left, top, max(left, right), max(top, bottom)), fill, outline, width)

    def polygon(self, points: list[tuple[float, float]], fill: Colour) -> None:
        """A filled polygon."""
        self._pen.polygon([(x * self.scale, y * self.scale) for x, y in points], fill)

    def line(self, points: list[tuple[float, float]], fill: Colour, width: float) -> None:
        """A line through points."""
        pixels = [(x * self.scale, y * self.scale) for x, y in points]
        self._pen.line(pixels, fill, max(1, round(width * self.scale)), joint="curve")

    def text(
        self,
        at: tuple[float, float],
        text: str,
        face: Typeface,
        size: float,
        fill: Colour,
        anchor: str = "lm",
        stroke: float = 0,
        stroke_fill: Colour | None = None,
    ) -> None:
        """A line of text; ``anchor`` as Pillow spells it, ``lm`` being left and middle."""
        self._pen.text(
            (at[0] * self.scale, at[1] * self.scale),
            text,
            fill,
            self._font(face, size),
            anchor,
            stroke_width=stroke * self.scale,
            stroke_fill=stroke_fill,
        )

    def glow_text(
        self,
        at: tuple[float, float],
        text: str,
        face: Typeface,
        size: float,
        anchor: str,
        glow: float,
        strength: float = 1.0,
    ) -> None:
        """White text over a soft dark shadow, as badges on art have it."""
        x, y = self._pixels(*at)
        font = self._font(face, size)
        box = font.getbbox(text, anchor=anchor)
        pad = max(2, round(glow * self.scale * 3))
        area = (int(x + box[0]) - pad, int(y + box[1]) - pad, int(x + box[2]) + pad, int(y + box[3]) + pad)
        shadow = Image.new("L", (area[2] - area[0], area[3] - area[1]), 0)
        place = x - area[0], y - area[1]
        stroke = round(glow * self.scale * strength)
        ImageDraw.Draw(shadow).text(place, text, 255, font, anchor, stroke_width=stroke)
        shadow = shadow.filter(ImageFilter.GaussianBlur(glow * self.scale))
        strong = ImageChops.add(shadow, shadow, scale=2 - 0.75 * strength)
        self.image.paste((8, 8, 10), (area[0], area[1]), strong)
        self._pen.text((x, y), text, (255, 255, 255), font, anchor)

    def paste(self, picture: Image.Image, x: float, y: float) -> None:
        """Put a picture of this canvas's own pixels at a place; an alpha channel is honoured."""
        at = round(x * self.scale), round(y * self.scale)
        self.image.paste(picture, at, picture if picture.mode == "RGBA" else None)

    def width_of(self, text: str, face: Typeface, size: float) -> float:
        """How wide a line of text is, in units."""
        return self._font(face, size).getlength(text) / self.scale

    def fitting_size(self, text: str, face: Typeface, size: float, room: float, least: float) -> float:
        """The largest size up to ``size`` at which the text fits, never under ``least``."""
        return max(least, min(size, size * room / max(self.width_of(text, face, size), 1e-6)))

    def ellipsize(self, text: str, face: Typeface, size: float, room: float, dots: str = "...") -> tuple[str, bool]:
        """The text as it fits into ``room``, and whether it had to be cut."""
        if self.width_of(text, face, size) <= room:
            return text, False
        kept = text
        while kept and self.width_of(kept.rstrip(" ,") + dots, face, size) > room:
            kept = kept[:-1]
        return kept.rstrip(" ,") + dots, True

    def wrap(self, text: str, face: Typeface, size: float, room: float) -> list[str]:
        """The text in lines that fit."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if line and self.width_of(longer, face, size) > room:
                    lines.append(line)
                    line = word
                else:
                    line = longer
            lines.append(line)
        return lines

    def finish(self, width: int, height: int) -> Image.Image:
        """The picture at the size that is shown."""
        if self.image.size == (width, height):
            return self.image
        return self.image.resize((width, height), Image.Resampling.LANCZOS)

    def _font(self, face: Typeface, size: float) -> ImageFont.FreeTypeFont:
        return load_font(face, max(4.0, round(size * self.scale * 4) / 4))
