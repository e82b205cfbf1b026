"""The golden files: every awkward deck in every format.

    python -m tests.ocr_worker.exporters.golden

writes them anew; read the difference before you keep it.
"""

from pathlib import Path

from ocr_worker.exporters import Exporter, export, formats
from tests.ocr_worker.decks.lists import DECKS

FOLDER = Path(__file__).parents[2] / "golden" / "exports"


def golden_path(deck: str, exporter: Exporter) -> Path:
    return FOLDER / deck / f"{exporter.name}{exporter.suffix}"


def current(deck: str, exporter: Exporter) -> bytes:
    """The export as it is now; UTF-8 without a byte order mark."""
    return export(DECKS[deck], exporter.name).text.encode("utf-8")


def write_all() -> None:
    for deck in DECKS:
        for exporter in formats().values():
            path = golden_path(deck, exporter)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(current(deck, exporter))


if __name__ == "__main__":
    write_all()
