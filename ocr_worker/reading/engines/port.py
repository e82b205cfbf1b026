"""The port behind which every OCR engine stands."""

from collections.abc import Sequence
from typing import Protocol

from ocr_worker.reading.lines import Image, Quad, Recognition


class Engine(Protocol):
    """Finds text on a picture and reads it.

    Detection and recognition are separate, since a layout often knows where text must stand, and since reading
    is what takes the time.
    """

    name: str

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        """Where lines of text stand, in pixels of ``image``; it is resized by ``scale`` for the search."""
        ...

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """The text of each crop, which holds one upright line; in the order given."""
        ...
