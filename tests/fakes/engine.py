"""An OCR engine that reads the screens of ``tests.fakes.screen``, as well as the screen says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ocr_worker.reading.lines import Image, Quad, Recognition, Rect
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.badges import whites
from tests.fakes.screen import Screen, Text, colour, numbers_in

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
        numbers = numbers_in(image)
        found = [(self.screen.texts[n], numbers == n) for n in np.unique(numbers[numbers >= 0])]
        return [_quad_in(text, _extent(mask)) for text, mask in found if scale >= text.found_from]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        self.reads += len(crops)
        return [self._read(crop) for crop in crops]

    def _read(self, crop: Image) -> Recognition:
        faint = self._faint_in(crop)
        if faint is not None:
            return Recognition(faint.text, faint.confidence)
        numbers = numbers_in(crop)
        shown = numbers[(numbers >= 0) & (numbers < len(self.screen.texts))]
        if not shown.size:
            return NOTHING
        number = int(np.bincount(shown).argmax())
        text = self.screen.texts[number]
        whole = _is_whole(text, _extent(numbers == number), crop.shape[0])
        return Recognition(text.text, text.confidence) if whole else NOTHING

    def _faint_in(self, crop: Image) -> Text | None:
        """The faint text that a crop shows in shades of grey, as ``whites`` draws it."""
        for number, text in enumerate(self.screen.texts):
            if text.faint:
                grey = whites(np.full((1, 1, 3), colour(number, True), np.uint8))[0, 0]
                if (crop == grey).all(axis=2).mean() > 0.2:
                    return text
        return None


def page_of(screen: Screen, names: NameReader) -> Page:
    """The screen under the reader's eyes."""
    return Page(screen.image(), FakeEngine(screen), names)


def _extent(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Rect:
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
