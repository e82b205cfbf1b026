"""Where text stands on a picture, and what an engine read there."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height by width by three, RGB, 8 bit."""

Quad = NDArray[np.float32]
"""Four corners in pixels, clockwise from the top left of the text: shape (4, 2)."""


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle in pixels of the oriented picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def x(self) -> float:
        """Horizontal centre."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Vertical centre."""
        return (self.top + self.bottom) / 2

    def shared(self, other: "Rect") -> float:
        """Area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0

    def overlap(self, other: "Rect") -> float:
        """Shared area as a share of the smaller rectangle, 0 to 1."""
        return self.shared(other) / max(1e-6, min(self.width * self.height, other.width * other.height))

    def alike(self, other: "Rect") -> float:
        """Shared area as a share of what either covers, 0 to 1."""
        shared = self.shared(other)
        return shared / max(1e-6, self.width * self.height + other.width * other.height - shared)

    def holds(self, other: "Rect") -> bool:
        """The other's centre lies inside."""
        return self.left <= other.x <= self.right and self.top <= other.y <= self.bottom

    def same_row(self, other: "Rect") -> bool:
        """Both stand on one line of text: each centre lies within the other's height."""
        return abs(self.y - other.y) < 0.5 * min(self.height, other.height) + 1

    def quad(self) -> Quad:
        """The four corners, clockwise from the top left."""
        return np.array(
            [
                [self.left, self.top],
                [self.right, self.top],
                [self.right, self.bottom],
                [self.left, self.bottom],
            ],
            np.float32,
        )

    def box(self) -> tuple[int, int, int, int]:
        """Whole pixels: left, top, right, bottom."""
        return round(self.left), round(self.top), round(self.right), round(self.bottom)


def bounds(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around all of them; raises ValueError for none."""
    items = list(rects)
    return Rect(
        min(r.left for r in items),
        min(r.top for r in items),
        max(r.right for r in items),
        max(r.bottom for r in items),
    )


def quad_rect(quad: Quad) -> Rect:
    """The upright rectangle around a quad."""
    return Rect(float(quad[:, 0].min()), float(quad[:, 1].min()), float(quad[:, 0].max()), float(quad[:, 1].max()))


@dataclass(frozen=True, slots=True)
class Lattice:
    """What a CTC recogniser thinks of each time step: probabilities (steps, symbols) and the symbols, 0 = blank."""

    probabilities: NDArray[np.float32]
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Text of one crop; ``confidence`` 0 to 1; ``lattice`` where the engine is a CTC recogniser."""

    text: str
    confidence: float
    lattice: Lattice | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text as every engine reports it; ``confidence`` is 0 to 1.

    ``turned`` says that the text runs vertically (quarter turns clockwise by which the crop was turned back).
    """

    text: str
    rect: Rect
    confidence: float
    quad: Quad | None = None
    lattice: Lattice | None = None
    turned: int = 0
