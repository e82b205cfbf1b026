"""An OCR engine that reads the screens of ``tests.fakes.screen``, as well as the screen says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.lines import Image, Quad, Recognition, Rect
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.badges import whites
from tests.fakes.screen import Colour, Ink, Screen, Text

NOTHING = Recognition("", 0.0)


@dataclass(slots=True)
class FakeEngine:
    """Finds and reads the texts of one screen, in whatever part of it; ``searched`` and ``reads`` keep count.

    A crop is read if it shows a text upright and nearly whole, and has not twice its height.
    """

    screen: Screen
    name: str = "fake"
    searched: list[float] = field(default_factory=list)
    reads: int = 0

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; ``searched`` keeps the number of pixels."""
        self.searched.append(image.shape[0] * image.shape[1] * scale * scale)
        numbers = _numbers(image, self._inks())
        found = [(self.screen.texts[n], _extent(numbers == n)) for n in np.unique(numbers[numbers >= 0])]
        return [_quad_in(text, extent) for text, extent in found if scale >= text.found_from]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        self.reads += len(crops)
        return [self._read(crop) for crop in crops]

    def _read(self, crop: Image) -> Recognition:
        for inks in (self._inks(), self._shades()):
            numbers = _numbers(crop, inks)
            shown = numbers[numbers >= 0]
            if shown.size > 0.1 * numbers.size:
                number = int(np.bincount(shown).argmax())
                text = self.screen.texts[number]
                whole = _is_whole(text, _extent(numbers == number), crop.shape[0])
                return Recognition(text.text, text.confidence) if whole else NOTHING
        return NOTHING

    def _inks(self) -> dict[int, Colour]:
        """What can be read as it stands on the screen: colours by the text's number."""
        texts = self.screen.texts
        return {n: c for n, c in enumerate(self.screen.colours()) if texts[n].ink is not Ink.FAINT}

    def _shades(self) -> dict[int, Colour]:
        """What can be read where whites are brought out, with the shades of grey in which they then stand."""
        bright = {n: c for n, c in enumerate(self.screen.colours()) if self.screen.texts[n].ink is not Ink.COLOURED}
        shades = whites(np.array([list(bright.values())], np.uint8).reshape(1, -1, 3))[0, :, 0].tolist()
        return {number: (shade, shade, shade) for number, shade in zip(bright, shades, strict=True)}


def page_of(screen: Screen, names: NameReader) -> Page:
    """The screen under the reader's eyes."""
    return Page(screen.image(), FakeEngine(screen), names)


def _numbers(pixels: Image, colours: dict[int, Colour]) -> NDArray[np.int64]:
    """The number of the text that each pixel shows, -1 for none."""
    if not colours:
        return np.full(pixels.shape[:2], -1, np.int64)
    codes = np.array([(r << 16) + (g << 8) + b for r, g, b in colours.values()], np.int64)
    order = np.argsort(codes)
    numbers = np.array(list(colours), np.int64)[order]
    shown = pixels.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    places = np.minimum(np.searchsorted(codes[order], shown), len(codes) - 1)
    return np.where(codes[order][places] == shown, numbers[places], -1)


def _extent(mask: NDArray[np.bool_]) -> Rect:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Rect(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def _quad_in(text: Text, extent: Rect) -> Quad:
    """The text's corners in the picture that shows it at ``extent``."""
    if not text.tilt:
        return extent.quad()
    quad = text.quad()
    return np.asarray(quad - quad.min(axis=0) + np.array([extent.left, extent.top], np.float32), np.float32)


def _is_whole(text: Text, extent: Rect, crop_height: int) -> bool:
    """The crop shows the text upright, most of its length, and most of the crop's height is the text's."""
    return 0.7 < extent.width / extent.height / text.length < 2.2 and extent.height > 0.45 * crop_height
