"""RapidOCR: PP-OCR's detector and recogniser, the default engine.

Its networks are run one by one, so that only what matters is read: the detector at a scale of our choice, the
recogniser on crops of even width (padding every crop to the widest doubles the time) and with the alphabet cut down
to what stands on Magic cards.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.engines.batching import batches
from ocr_worker.reading.engines.binarisation import find_lines
from ocr_worker.reading.engines.ctc import columns, decode
from ocr_worker.reading.engines.memory import return_large_blocks
from ocr_worker.reading.engines.ppocr_models import load_detector, load_recogniser, symbols
from ocr_worker.reading.engines.threads import default_threads
from ocr_worker.reading.lines import Image, Lattice, Quad, Recognition

HEIGHT = 48
"""Pixels: the height of the lines that the recogniser was trained on."""

BATCH_COLUMNS = 1920
"""Pixels of width recognised at once: bounds the memory of a batch."""

STEP = 8
"""Widths of batches are multiples of this."""

COARSE_STEPS = ((256, 32), (512, 64))
"""Widths up to which steps of so many pixels are taken where each width is compiled; 128 for wider ones."""

STRIDE = 32
"""The detector takes pictures whose sides are multiples of this."""


class RapidEngine:
    """PP-OCR as RapidOCR ships it; ``threads`` are those of its networks."""

    name = "rapidocr"

    def __init__(self, threads: int | None = None) -> None:
        threads = threads or default_threads()
        cv2.setNumThreads(1)
        return_large_blocks()
        self._detector = load_detector(threads)
        self._recogniser = load_recogniser(threads)
        known = symbols(self._recogniser)
        self._columns = columns(known)
        self._symbols = tuple(known[i] for i in self._columns)

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; PP-OCR's detector finds lines from about 8 pixels of height."""
        if scale != 1.0:
            how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        height, width = image.shape[:2]
        probable = self._detector.run(_detector_input(image))[0, 0]
        return [quad / np.float32(scale) for quad in find_lines(probable, (height, width))]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        widths = [crop.shape[1] * HEIGHT / crop.shape[0] for crop in crops]
        # Where shapes are compiled, lines are read one by one: as fast as in batches, and of few shapes.
        alone = self._recogniser.is_compiled
        groups = list(batches(widths, 0 if alone else BATCH_COLUMNS))
        padded = [_padded(widths[group[-1]], alone) for group in groups]
        inputs = (_batch([crops[i] for i in group], width) for group, width in zip(groups, padded, strict=True))
        outputs = self._recogniser.run_each(inputs, self._of_alphabet)
        results = [Recognition("", 0.0)] * len(crops)
        for group, width, output in zip(groups, padded, outputs, strict=True):
            for i, line in zip(group, output, strict=True):
                results[i] = self._recognition(line, widths[i] / width)
        return results

    def _of_alphabet(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """A copy of an output without the symbols that do not matter, of which the network may have none."""
        return output.copy() if output.shape[2] == len(self._columns) else output[:, :, self._columns]

    def _recognition(self, output: NDArray[np.float32], share: float) -> Recognition:
        """What an output says, of which the first ``share`` belongs to the line and the rest to its padding."""
        kept = output[: max(1, math.ceil(len(output) * share))]
        lattice = Lattice(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9), self._symbols)
        text, confidence = decode(lattice)
        return Recognition(text.strip(), confidence, lattice)


def _batch(crops: Sequence[Image], columns: int) -> NDArray[np.float32]:
    """Lines as the recogniser wants them, shape (lines, 3, HEIGHT, columns), each padded at its end."""
    inputs = np.zeros((len(crops), 3, HEIGHT, columns), np.float32)
    for row, crop in zip(inputs, crops, strict=True):
        width = min(columns, max(1, math.ceil(crop.shape[1] * HEIGHT / crop.shape[0])))
        row[:, :, :width] = _recogniser_input(crop, width)
    return inputs


def _padded(width: float, coarsely: bool) -> int:
    """The pixels of a batch's width, not fewer than its widest line has."""
    step = STEP
    if coarsely:
        step = next((step for limit, step in COARSE_STEPS if width <= limit), 128)
    return max(2 * STEP, math.ceil(width / step) * step)


def _detector_input(image: Image) -> NDArray[np.float32]:
    """A picture as the detector wants it: blue first, -1 to 1, sides multiples of its stride; shape (1, 3, ...)."""
    height, width = image.shape[:2]
    enlarged = max(1.0, STRIDE / min(height, width))
    sides = [max(1, round(int(side * enlarged) / STRIDE)) * STRIDE for side in (width, height)]
    return _normalised(cv2.resize(image, sides))[None]


def _recogniser_input(crop: Image, columns: int) -> NDArray[np.float32]:
    how = cv2.INTER_CUBIC if crop.shape[0] < HEIGHT else cv2.INTER_AREA
    return _normalised(cv2.resize(crop, (columns, HEIGHT), interpolation=how))


def _normalised(image: NDArray[Any]) -> NDArray[np.float32]:
    """Blue first, -1 to 1, shape (3, rows, columns)."""
    values = image[:, :, ::-1].transpose(2, 0, 1).astype(np.float32)
    values /= np.float32(127.5)
    values -= np.float32(1)
    return values
