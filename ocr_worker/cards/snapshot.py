"""The snapshot of the catalogue that ships inside this package."""

from pathlib import Path

from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import Header, read_header, unpack
from ocr_worker.errors import CatalogueError


def snapshot_path() -> Path:
    """Where the snapshot lies; ``make_snapshot`` writes it."""
    return Path(__file__).parent / "data" / "snapshot.cards"


def read_compact(path: Path) -> Catalogue:
    """The catalogue in a compact file; CatalogueError when it is missing or damaged."""
    try:
        return unpack(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"The card catalogue {path.name} cannot be read.") from error


def snapshot_header() -> Header:
    """Source, date and size of the snapshot."""
    return read_header(snapshot_path())
