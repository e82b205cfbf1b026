"""What a layout hands over: a finished picture, its truth, and how small its smallest title is."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from .pool import Pool
from .truth import Truth

#: No title may end up smaller than this, in pixels of the font's size, so that a person can read it.
LEAST_TITLE_PX = 8.0


class UnfitError(Exception):
    """The random deck has no room in the random shape of the picture; another one will."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as the screen showed it; ``title_px`` is the font size of its smallest title."""

    image: Image.Image
    truth: Truth
    title_px: float
    is_screen: bool = True


Layout = Callable[[Random, Pool], Drawn]
