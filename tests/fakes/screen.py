"""A screen whose texts are known: each is a block of its own colour, which the fake engine finds and reads."""

import math
from dataclasses import dataclass, field
from enum import Enum

import cv2
import numpy as np

from ocr_worker.reading.lines import Image, Quad, Rect

BACKGROUND = (10, 10, 10)

Colour = tuple[int, int, int]


class Ink(Enum):
    """How a text stands out: ``FAINT`` can only be read where whites are brought out, ``WHITE`` there too."""

    COLOURED = "coloured"
    WHITE = "white"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text on a screen.

    The detector finds it from ``found_from`` times its size on (never, if that is infinite); who looks at its place
    can read it all the same. ``tilt`` turns it around its centre, in radians. The letters of ``upward`` text stand
    on their side.
    """

    text: str
    rect: Rect
    confidence: float = 0.98
    found_from: float = 0.0
    tilt: float = 0.0
    ink: Ink = Ink.COLOURED
    upward: bool = False

    @property
    def length(self) -> float:
        """Its extent in the direction of reading, in heights of its letters."""
        rect = self.rect
        return rect.height / rect.width if self.upward else rect.width / rect.height

    def quad(self) -> Quad:
        """Its corners, clockwise from the top left."""
        centre = np.array([self.rect.x, self.rect.y])
        turn = np.array([[math.cos(self.tilt), math.sin(self.tilt)], [-math.sin(self.tilt), math.cos(self.tilt)]])
        return np.asarray((self.rect.quad() - centre) @ turn + centre, np.float32)


@dataclass(slots=True)
class Screen:
    """A picture that is written line by line."""

    width: int = 1000
    height: int = 800
    texts: list[Text] = field(default_factory=list)

    def write(
        self,
        text: str,
        left: float,
        top: float,
        height: float = 20,
        width: float | None = None,
        *,
        hidden: bool = False,
        found_from: float = 0.0,
        confidence: float = 0.98,
        tilt: float = 0.0,
        ink: Ink = Ink.COLOURED,
    ) -> Rect:
        """Put a line of text there; ``hidden`` is one that no detector finds. The place is returned."""
        across = width if width is not None else 0.5 * height * len(text)
        rect = Rect(left, top, left + across, top + height)
        self.texts.append(Text(text, rect, confidence, math.inf if hidden else found_from, tilt, ink))
        return rect

    def write_up(self, text: str, left: float, top: float, height: float = 20) -> Rect:
        """Put a line there whose text runs upwards; the place is returned."""
        rect = Rect(left, top, left + height, top + 0.5 * height * len(text))
        self.texts.append(Text(text, rect, upward=True))
        return rect

    def erase(self, text: str) -> None:
        """Take away every line with this text; it must be there."""
        kept = [each for each in self.texts if each.text != text]
        assert len(kept) < len(self.texts), text
        self.texts = kept

    def colours(self) -> list[Colour]:
        """The colour of each text. Whites differ in red, of which there is enough for fifty."""
        whites = iter(range(196, 246))
        return [
            (40 + number % 100, 40 + number // 100, 60)
            if text.ink is Ink.COLOURED
            else (next(whites), 255, 254 if text.ink is Ink.WHITE else 255)
            for number, text in enumerate(self.texts)
        ]

    def image(self) -> Image:
        """The pixels."""
        pixels = np.full((self.height, self.width, 3), BACKGROUND, np.uint8)
        for text, colour in zip(self.texts, self.colours(), strict=True):
            corners = np.rint(text.quad()).astype(np.int32)
            corners[:, 0] -= corners[:, 0] > text.rect.x  # right and lower edges are not part of a rectangle
            corners[:, 1] -= corners[:, 1] > text.rect.y
            cv2.fillPoly(pixels, [corners], colour)
        return pixels
