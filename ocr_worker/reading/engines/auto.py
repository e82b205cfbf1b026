"""``auto``: RapidOCR, with EasyOCR as second reader of the lines of which it is unsure, where that is installed."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.easy_recogniser import EasyRecogniser
from ocr_worker.reading.engines.port import Engine
from ocr_worker.reading.engines.rapid import RapidEngine
from ocr_worker.reading.lines import Image, Quad, Recognition

UNSURE = 0.6
"""Confidence below which a line is read a second time."""

SURER = 0.2
"""By how much the second reading must be more confident to stand instead of the first."""


class SecondReader(Protocol):
    """Reads crops as an engine does; lines are found by the first one alone."""

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port of engines."""
        ...


class AutoEngine:
    """The first engine's reading of everything, the second one's of what the first hardly read.

    The second reader is loaded with the first line that needs it, so that nothing is paid where all is clear.
    """

    name = "auto"

    def __init__(
        self,
        threads: int | None = None,
        first: Engine | None = None,
        load_second: Callable[[], SecondReader] | None = None,
    ) -> None:
        self._first = first or RapidEngine(threads)
        self._load_second: Callable[[], SecondReader] | None = load_second or (lambda: EasyRecogniser(threads))
        self._second: SecondReader | None = None

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """See the port; the first engine's."""
        return self._first.detect(image, scale)

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See the port."""
        read = self._first.recognise(crops)
        unsure = [i for i, r in enumerate(read) if r.confidence < UNSURE and sum(c.isalpha() for c in r.text) >= 3]
        second = self._second_reader() if unsure else None
        if second is None:
            return read
        for i, again in zip(unsure, second.recognise([crops[i] for i in unsure]), strict=True):
            if again.confidence >= read[i].confidence + SURER:
                read[i] = again
        return read

    def _second_reader(self) -> SecondReader | None:
        """The second reader, None where it is not installed."""
        if self._load_second is not None:
            try:
                self._second = self._load_second()
            except EngineUnavailable:
                self._second = None
            self._load_second = None
        return self._second
