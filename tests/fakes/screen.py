"""A screen whose texts are known: each is a block of a colour of its own, which the fake engine finds and reads."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ocr_worker.reading.lines import Image, Quad, Rect

BACKGROUND = (10, 10, 10)
MARK = 60
"""The blue of every block, and of nothing else."""

FAINT_FROM = 196
"""The red of the first faint block: nearly white, so that only what brings out whites shows it."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text on a screen.

    The detector finds it from ``found_from`` times its size on (never, if that is infinite); who looks at its place
    can read it all the same. ``tilt`` turns it around its centre, in radians. ``faint`` can only be read where
    whites are brought out. The letters of ``upward`` text stand on their side.
    """

    text: str
    rect: Rect
    confidence: float = 0.98
    found_from: float = 0.0
    tilt: float = 0.0
    faint: bool = False
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
        faint: bool = False,
    ) -> Rect:
        """Put a line of text there; ``hidden`` is one that no detector finds. The place is returned."""
        across = width if width is not None else 0.5 * height * len(text)
        rect = Rect(left, top, left + across, top + height)
        from_scale = math.inf if hidden else found_from
        self.texts.append(Text(text, rect, confidence, from_scale, tilt, faint))
        return rect

    def write_up(self, text: str, left: float, top: float, height: float = 20) -> Rect:
        """Put a line there whose text runs upwards; the place is returned."""
        rect = Rect(left, top, left + height, top + 0.5 * height * len(text))
        self.texts.append(Text(text, rect, upward=True))
        return rect

    def image(self) -> Image:
        """The pixels."""
        pixels = np.full((self.height, self.width, 3), BACKGROUND, np.uint8)
        for number, text in enumerate(self.texts):
            corners = np.rint(text.quad()).astype(np.int32)
            corners[:, 0] -= corners[:, 0] > text.rect.x  # the right and lower edges are not part of a rectangle
            corners[:, 1] -= corners[:, 1] > text.rect.y
            cv2.fillPoly(pixels, [corners], colour(number, text.faint))
        return pixels


def colour(number: int, faint: bool) -> tuple[int, int, int]:
    """The colour of a screen's text of that number."""
    return (FAINT_FROM + number % 50, 255, 255) if faint else (40 + number % 100, 40 + number // 100, MARK)


def numbers_in(pixels: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The number of the text that each pixel shows, -1 for none."""
    red, green, blue = (pixels[:, :, channel].astype(np.int64) for channel in range(3))
    shown = (blue == MARK) & (red >= 40) & (red < 140) & (green >= 40)
    return np.where(shown, red - 40 + 100 * (green - 40), -1)
