"""An OCR engine that reads the screens of ``tests.fakes.screen``, as well as the screen says."""

from collections.abc import Mapping, Sequence
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
    """Finds and reads the texts of one finished screen, in whatever part of it.

    A crop is read if it shows a text upright and nearly whole, and has not twice its height. ``searched`` keeps the
    number of pixels of each search, ``reads`` that of the crops.
    """

    screen: Screen
    name: str = "fake"
    searched: list[float] = field(default_factory=list)
    reads: int = 0
    inks: "_Palette" = field(init=False)
    shades: "_Palette" = field(init=False)

    def __post_init__(self) -> None:
        texts, colours = self.screen.texts, dict(enumerate(self.screen.colours()))
        self.inks = _Palette({n: c for n, c in colours.items() if texts[n].ink is not Ink.FAINT})
        bright = {n: c for n, c in colours.items() if texts[n].ink is not Ink.COLOURED}
        shades = whites(np.array([list(bright.values())], np.uint8).reshape(1, -1, 3))[0, :, 0].tolist()
        self.shades = _Palette({n: (shade, shade, shade) for n, shade in zip(bright, shades, strict=True)})

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port."""
        self.searched.append(image.shape[0] * image.shape[1] * scale * scale)
        found = [(self.screen.texts[n], extent) for n, extent in self.inks.extents(image)]
        return [_quad_in(text, extent) for text, extent in found if scale >= text.found_from]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        self.reads += len(crops)
        return [self._read(crop) for crop in crops]

    def _read(self, crop: Image) -> Recognition:
        for palette in (self.inks, self.shades):
            numbers = palette.numbers(crop)
            shown = numbers[numbers >= 0]
            if shown.size > 0.1 * numbers.size:
                number = int(np.bincount(shown).argmax())
                text = self.screen.texts[number]
                whole = _is_whole(text, _extent(*np.nonzero(numbers == number)), crop.shape[0])
                return Recognition(text.text, text.confidence) if whole else NOTHING
        return NOTHING


class _Palette:
    """Tells texts by their colours."""

    def __init__(self, colours: Mapping[int, Colour]) -> None:
        codes = {(r << 16) + (g << 8) + b: number for number, (r, g, b) in colours.items()}
        self._codes = np.array(sorted(codes), np.int32)
        self._numbers = np.array([codes[code] for code in sorted(codes)], np.int64)

    def numbers(self, pixels: Image) -> NDArray[np.int64]:
        """The number of the text that each pixel shows, -1 for none."""
        if not len(self._codes):
            return np.full(pixels.shape[:2], -1, np.int64)
        red, green, blue = (pixels[:, :, channel].astype(np.int32) for channel in range(3))
        shown = (red << 16) + (green << 8) + blue
        places = np.minimum(np.searchsorted(self._codes, shown), len(self._codes) - 1)
        return np.where(self._codes[places] == shown, self._numbers[places], -1)

    def extents(self, pixels: Image) -> list[tuple[int, Rect]]:
        """The texts that a picture shows, with their places."""
        numbers = self.numbers(pixels)
        ys, xs = np.nonzero(numbers >= 0)
        order = np.argsort(numbers[ys, xs], kind="stable")
        seen, starts = np.unique(numbers[ys, xs][order], return_index=True)
        groups = zip(np.split(ys[order], starts[1:]), np.split(xs[order], starts[1:]), strict=True)
        return [(int(number), _extent(*group)) for number, group in zip(seen, groups, strict=False)]


def page_of(screen: Screen, names: NameReader) -> Page:
    """The screen under the reader's eyes."""
    return Page(screen.image(), FakeEngine(screen), names)


def _extent(ys: NDArray[np.intp], xs: NDArray[np.intp]) -> Rect:
    return Rect(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))


def _quad_in(text: Text, extent: Rect) -> Quad:
    """The text's corners in the picture that shows it at ``extent``."""
    if not text.tilt:
        return extent.quad()
    quad = text.quad()
    return np.asarray(quad - quad.min(axis=0) + np.array([extent.left, extent.top], np.float32), np.float32)


def _is_whole(text: Text, extent: Rect, crop_height: int) -> bool:
    """The crop shows the text upright, most of its length, and most of the crop's height is the text's."""
    return 0.7 < extent.width / extent.height / text.length < 2.2 and extent.height > 0.45 * crop_height
