"""EasyOCR's recogniser, the second reader of ``auto`` and a part of the engine ``easyocr``.

The network is used without the steps that the library puts around it, which lose most of what it knows: its
probabilities become a lattice, as PP-OCR's do, so that card names are weighed by how likely they are spelled there.
"""

import math
import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.engines.batching import batches
from ocr_worker.reading.engines.ctc import columns, decode
from ocr_worker.reading.engines.easyocr_library import load_recogniser
from ocr_worker.reading.engines.threads import default_threads
from ocr_worker.reading.lines import Image, Lattice, Recognition

HEIGHT = 64
"""Pixels: the height of the lines that the recogniser was trained on."""

BATCH_COLUMNS = 2400
"""Pixels of width recognised at once: bounds the memory of a batch."""

TRIM = 0.06
"""Share of a crop's height left out above and below: the recogniser was trained on tight lines."""

SHARPEN = 0.6
"""Strength of the unsharp mask on enlarged lines; more makes serifs into letters."""

FLAT = 12
"""Grey levels between the darkest and the brightest parts below which a crop shows nothing."""

# What this recogniser makes of counts: "1x" is read as "Ix", the edge of a badge as a bracket.
_ONE_TIMES = re.compile(r"^[Il|](?=\s?[xX](?:\s|$))")
_BADGE_EDGE = re.compile(r"(?<=^[xX]\d)[\])|}]$")


class EasyRecogniser:
    """EasyOCR's English recogniser without the library and PyTorch; ``threads`` are those of onnxruntime."""

    def __init__(self, threads: int | None = None) -> None:
        self._network, characters = load_recogniser(threads or default_threads())
        cv2.setNumThreads(1)
        known = ["", *characters]
        self._columns = columns(known)
        self._symbols = tuple(known[i] for i in self._columns)

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """The text of each crop, as the port of engines has it."""
        results = [Recognition("", 0.0)] * len(crops)
        lines = {i: line for i, crop in enumerate(crops) if (line := _prepared(crop)) is not None}
        order = list(lines)
        for batch in batches([lines[i].shape[1] for i in order], BATCH_COLUMNS):
            chosen = [order[number] for number in batch]
            for i, lattice in zip(chosen, self._lattices([lines[i] for i in chosen]), strict=True):
                text, confidence = decode(lattice)
                results[i] = Recognition(_tidy(text), confidence, lattice)
        return results

    def _lattices(self, lines: Sequence[NDArray[np.uint8]]) -> Iterator[Lattice]:
        padded = max(16, math.ceil(max(line.shape[1] for line in lines) / 4) * 4)
        inputs = np.empty((len(lines), 1, HEIGHT, padded), np.float32)
        for row, line in zip(inputs, lines, strict=True):
            width = line.shape[1]
            row[0, :, :width] = line.astype(np.float32) / 127.5 - 1
            row[0, :, width:] = row[0, :, width - 1 : width]
        outputs = self._network.run(inputs)
        for output, line in zip(outputs, lines, strict=True):
            steps = max(1, math.ceil(outputs.shape[1] * line.shape[1] / padded))
            kept = output[:steps][:, self._columns]
            yield Lattice(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9), self._symbols)


def _prepared(crop: Image) -> NDArray[np.uint8] | None:
    """A crop as the recogniser wants it: grey, HEIGHT pixels high, with full contrast, sharp; None if it is flat."""
    trimmed = round(TRIM * crop.shape[0])
    grey = cv2.cvtColor(crop[trimmed : crop.shape[0] - trimmed], cv2.COLOR_RGB2GRAY)
    low, high = np.percentile(grey, (2, 98))
    if high - low < FLAT:
        return None
    width = max(8, round(grey.shape[1] * HEIGHT / grey.shape[0]))
    how = cv2.INTER_CUBIC if grey.shape[0] < HEIGHT else cv2.INTER_AREA
    large = cv2.resize(grey, (width, HEIGHT), interpolation=how).astype(np.float32)
    stretched = np.clip((large - low) * (255 / (high - low)), 0, 255)
    blurred = cv2.GaussianBlur(stretched, (0, 0), HEIGHT / 32)
    return np.asarray(np.clip(stretched + SHARPEN * (stretched - blurred), 0, 255), np.uint8)


def _tidy(text: str) -> str:
    """The text without what this recogniser adds: double spaces, edges of badges."""
    return _BADGE_EDGE.sub("", _ONE_TIMES.sub("1", " ".join(text.split())))
