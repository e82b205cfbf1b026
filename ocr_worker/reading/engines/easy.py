"""EasyOCR, an engine of its own: the detector CRAFT on PyTorch, and its recogniser.

CRAFT is used without the steps that the library puts around it: its maps become lines with thresholds that fit titles
and single digits (``craft.py``). The recogniser is that of ``easy_recogniser.py``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.engines.craft import PIXELS, Scores, find_lines
from ocr_worker.reading.engines.easy_recogniser import EasyRecogniser
from ocr_worker.reading.engines.easyocr_library import load_reader
from ocr_worker.reading.engines.glyphs import find_counts
from ocr_worker.reading.engines.threads import default_threads
from ocr_worker.reading.lines import Image, Quad, Recognition

TILE = 960
"""Pixels: the detector works on squares of this size and their surroundings, which bounds its memory."""

SURROUNDINGS = 64
"""Pixels around a tile that the detector sees too: letters at the edge of what it sees score low."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32) * 255


class EasyEngine:
    """EasyOCR with its English weights; ``threads`` are PyTorch's and onnxruntime's, which take turns."""

    name = "easyocr"

    def __init__(self, threads: int | None = None) -> None:
        threads = threads or default_threads()
        reader = load_reader(threads, quantize=False, recogniser=False)
        import torch

        cv2.setNumThreads(1)
        self._torch = torch
        self._detector: Any = reader.detector.eval().to(memory_format=torch.channels_last)
        self._recogniser = EasyRecogniser(threads)

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; CRAFT finds lines from about 10 pixels of height."""
        if scale != 1.0:
            how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        lines = find_lines(*self._maps(image))
        return [np.asarray(quad / scale, np.float32) for quad in [*lines, *find_counts(image, lines)]]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        return self._recogniser.recognise(crops)

    def _maps(self, image: Image) -> tuple[Scores, Scores]:
        """CRAFT's scores of letters and links for the whole image, tile by tile."""
        shape = (math.ceil(image.shape[0] / PIXELS), math.ceil(image.shape[1] / PIXELS))
        letters, links = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for tile in _tiles(image.shape[0], image.shape[1]):
            found = self._scores(image[tile.seen])
            letters[tile.cells] = found[tile.own][..., 0]
            links[tile.cells] = found[tile.own][..., 1]
        return letters, links

    def _scores(self, image: Image) -> NDArray[np.float32]:
        height, width = (math.ceil(side / 32) * 32 for side in image.shape[:2])
        below, right = height - image.shape[0], width - image.shape[1]
        whole = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE)
        values = ((whole.astype(np.float32) - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
        torch = self._torch
        with torch.inference_mode():
            inputs = torch.from_numpy(np.ascontiguousarray(values)).to(memory_format=torch.channels_last)
            found: NDArray[np.float32] = self._detector(inputs)[0][0].numpy()
        return found


@dataclass(frozen=True, slots=True)
class _Tile:
    """A part of the picture: the pixels that are ``seen``, the map's ``cells`` that it fills, from its ``own`` ones."""

    seen: tuple[slice, slice]
    cells: tuple[slice, slice]
    own: tuple[slice, slice]


def _tiles(height: int, width: int) -> Iterator[_Tile]:
    for seen_y, cells_y, own_y in _cuts(height):
        for seen_x, cells_x, own_x in _cuts(width):
            yield _Tile((seen_y, seen_x), (cells_y, cells_x), (own_y, own_x))


def _cuts(length: int) -> Iterator[tuple[slice, slice, slice]]:
    """One side cut into equal parts of at most TILE pixels: pixels seen, cells filled, cells of those seen."""
    parts = (
        math.ceil(length / (TILE + 2 * SURROUNDINGS)) if length <= TILE + 2 * SURROUNDINGS else math.ceil(length / TILE)
    )
    step = math.ceil(length / parts / PIXELS) * PIXELS
    for start in range(0, length, step):
        end = min(start + step, length)
        first = max(0, start - SURROUNDINGS)
        cells = slice(start // PIXELS, math.ceil(end / PIXELS))
        before = (start - first) // PIXELS
        yield slice(first, min(length, end + SURROUNDINGS)), cells, slice(before, before + cells.stop - cells.start)
