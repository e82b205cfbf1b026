"""EasyOCR: the detector CRAFT and a CRNN on PyTorch, an engine of its own and the second reader of ``auto``.

The library's networks are used without the steps around them, which lose most of what the networks know: CRAFT's maps
become lines with thresholds that fit titles and single digits (``craft.py``), and the recogniser's probabilities
become a lattice, as PP-OCR's do, so that card names are weighed by how likely they are spelled there.
"""

import math
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.engines.batching import batches
from ocr_worker.reading.engines.craft import PIXELS, Scores, find_lines
from ocr_worker.reading.engines.ctc import ALPHABET, decode
from ocr_worker.reading.engines.easyocr_library import load_reader
from ocr_worker.reading.engines.glyphs import find_counts
from ocr_worker.reading.engines.threads import default_threads
from ocr_worker.reading.lines import Image, Lattice, Quad, Recognition

HEIGHT = 64
"""Pixels: the height of the lines that the recogniser was trained on."""

BATCH_COLUMNS = 2400
"""Pixels of width recognised at once: bounds the memory of a batch."""

TILE = 960
"""Pixels: the detector works on squares of this size and their surroundings, which bounds its memory."""

SURROUNDINGS = 64
"""Pixels around a tile that the detector sees too: letters at the edge of what it sees score low."""

TRIM = 0.06
"""Share of a crop's height left out above and below: the recogniser was trained on tight lines."""

SHARPEN = 0.6
"""Strength of the unsharp mask on enlarged lines; more makes serifs into letters."""

FLAT = 12
"""Grey levels between the darkest and the brightest parts below which a crop shows nothing."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32) * 255

# What this recogniser makes of counts: "1x" is read as "Ix", the edge of a badge as a bracket.
_ONE_TIMES = re.compile(r"^[Il|](?=\s?[xX](?:\s|$))")
_BADGE_EDGE = re.compile(r"(?<=^[xX]\d)[\])|}]$")


@dataclass(frozen=True, slots=True)
class _Recogniser:
    """The recognition network with the symbols of its outputs that stand on Magic cards."""

    network: Any
    columns: NDArray[np.int64]
    symbols: tuple[str, ...]


class EasyEngine:
    """EasyOCR with its English weights; ``threads`` are PyTorch's. Without ``detector`` it only recognises."""

    name = "easyocr"

    def __init__(self, threads: int | None = None, detector: bool = True) -> None:
        reader = load_reader(threads or default_threads(), quantize=False, detector=detector)
        import torch

        cv2.setNumThreads(1)
        self._torch = torch
        self._detector: Any = reader.detector.eval().to(memory_format=torch.channels_last) if detector else None
        characters: list[str] = reader.converter.character
        columns = np.array([0, *(i for i, c in enumerate(characters) if i and c in ALPHABET)])
        symbols = ("", *(characters[i] for i in columns[1:]))
        self._recogniser = _Recogniser(reader.recognizer.eval(), columns, symbols)

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; CRAFT finds lines from about 10 pixels of height."""
        if self._detector is None:
            return []
        if scale != 1.0:
            how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        lines = find_lines(*self._maps(image))
        return [np.asarray(quad / scale, np.float32) for quad in [*lines, *find_counts(image, lines)]]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        results = [Recognition("", 0.0)] * len(crops)
        lines = {i: line for i, crop in enumerate(crops) if (line := _prepared(crop)) is not None}
        order = list(lines)
        for batch in batches([lines[i].shape[1] for i in order], BATCH_COLUMNS):
            chosen = [order[number] for number in batch]
            for i, lattice in zip(chosen, self._lattices([lines[i] for i in chosen]), strict=True):
                text, confidence = decode(lattice)
                results[i] = Recognition(_tidy(text), confidence, lattice)
        return results

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

    def _lattices(self, lines: Sequence[NDArray[np.uint8]]) -> Iterator[Lattice]:
        padded = max(16, math.ceil(max(line.shape[1] for line in lines) / 4) * 4)
        inputs = np.empty((len(lines), 1, HEIGHT, padded), np.float32)
        for row, line in zip(inputs, lines, strict=True):
            width = line.shape[1]
            row[0, :, :width] = line.astype(np.float32) / 127.5 - 1
            row[0, :, width:] = row[0, :, width - 1 : width]
        outputs = self._probabilities(inputs)
        for output, line in zip(outputs, lines, strict=True):
            steps = max(1, math.ceil(outputs.shape[1] * line.shape[1] / padded))
            kept = output[:steps][:, self._recogniser.columns]
            yield Lattice(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9), self._recogniser.symbols)

    def _probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        torch = self._torch
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scores = self._recogniser.network(torch.from_numpy(inputs), None)
            found: NDArray[np.float32] = torch.softmax(scores, 2).numpy()
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
