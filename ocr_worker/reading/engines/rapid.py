"""RapidOCR: PP-OCR's detector and recogniser on onnxruntime, the default engine.

The library's own stages are used one by one, so that only what matters is read: its detector at a scale of our
choice, its recogniser on crops of even width (padding every crop to the widest doubles the time) and with the
alphabet cut down to what stands on Magic cards.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.batching import batches
from ocr_worker.reading.engines.ctc import ALPHABET, decode
from ocr_worker.reading.engines.threads import default_threads
from ocr_worker.reading.lines import Image, Lattice, Quad, Recognition

HEIGHT = 48
"""Pixels: the height of the lines that the recogniser was trained on."""

BATCH_COLUMNS = 1920
"""Pixels of width recognised at once: bounds the memory of a batch."""


class RapidEngine:
    """PP-OCR through RapidOCR; ``threads`` are those of onnxruntime."""

    name = "rapidocr"

    def __init__(self, threads: int | None = None) -> None:
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise EngineUnavailable("The RapidOCR engine is not installed: install the package rapidocr.") from error
        cv2.setNumThreads(1)
        library: Any = RapidOCR(params=_parameters(threads or default_threads()))
        # The library loads its models with the first picture that needs them.
        blank = np.full((HEIGHT, 4 * HEIGHT, 3), 255, np.uint8)
        library(blank, use_det=True, use_cls=False, use_rec=False)
        library(blank, use_det=False, use_cls=False, use_rec=True)
        self._detector: Any = library.text_det
        self._recogniser: Any = library.text_rec
        characters: list[str] = self._recogniser.postprocess_op.character
        self._columns = np.array([0, *(i for i, c in enumerate(characters) if i and c in ALPHABET)])
        self._symbols = tuple(characters[i] for i in self._columns)

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; PP-OCR's detector finds lines from about 8 pixels of height."""
        if scale != 1.0:
            how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        found = self._detector(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        if found.boxes is None:
            return []
        return [np.asarray(box, np.float32) / scale for box in found.boxes]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        results: list[Recognition | None] = [None] * len(crops)
        widths = [crop.shape[1] * HEIGHT / crop.shape[0] for crop in crops]
        for batch in batches(widths, BATCH_COLUMNS):
            lattices = self._lattices([crops[i] for i in batch], [widths[i] for i in batch])
            for i, lattice in zip(batch, lattices, strict=True):
                text, confidence = decode(lattice)
                results[i] = Recognition(text.strip(), confidence, lattice)
        return [result for result in results if result is not None]

    def _lattices(self, crops: Sequence[Image], widths: Sequence[float]) -> Iterator[Lattice]:
        padded = max(16, math.ceil(max(widths) / 8) * 8)
        inputs = np.zeros((len(crops), 3, HEIGHT, padded), np.float32)
        for row, crop, width in zip(inputs, crops, widths, strict=True):
            columns = min(padded, max(1, math.ceil(width)))
            row[:, :, :columns] = _normalised(crop, columns)
        outputs: NDArray[np.float32] = self._recogniser.session(inputs)
        for output, width in zip(outputs, widths, strict=True):
            steps = max(1, math.ceil(outputs.shape[1] * width / padded))
            kept = output[:steps][:, self._columns]
            yield Lattice(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9), self._symbols)


def _parameters(threads: int) -> dict[str, Any]:
    return {
        "Global.log_level": "critical",
        "Det.limit_side_len": 32,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
    }


def _normalised(crop: Image, columns: int) -> NDArray[np.float32]:
    how = cv2.INTER_CUBIC if crop.shape[0] < HEIGHT else cv2.INTER_AREA
    resized = cv2.resize(crop, (columns, HEIGHT), interpolation=how)
    values = resized[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)
    return values / np.float32(127.5) - np.float32(1)
