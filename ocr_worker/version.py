"""Which version of the pipeline reads a picture: a result may be used again only while this stays the same.

No OCR library is loaded here, so that a process that never reads a picture can look results up.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).parent
_SOURCES = ("cards", "decks", "reading")
_LIBRARIES = (
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "openvino",
    "pillow",
    "pillow-heif",
    "rapidfuzz",
    "rapidocr",
)
_OF_EASYOCR = ("easyocr", "onnx", "torch")
_ENGINES_WITH_EASYOCR = ("auto", "easyocr")
_LENGTH = 16


def pipeline_version(engine: str, catalogue_date: date) -> str:
    """A short text that changes with all on which the reading of a picture depends.

    That is the engine of this name and its libraries, the catalogue of this date, and the code. Processes agree
    on it when they run the same installation. It reads about a hundred files: compute it once, at start.
    """
    digest = hashlib.sha256()
    for name, content in _ingredients(engine, catalogue_date):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:_LENGTH]


def _ingredients(engine: str, catalogue_date: date) -> Iterator[tuple[str, bytes]]:
    yield "engine", engine.encode()
    yield "catalogue", catalogue_date.isoformat().encode()
    for library in _LIBRARIES + (_OF_EASYOCR if engine in _ENGINES_WITH_EASYOCR else ()):
        yield library, _installed(library).encode()
    for file in _source_files():
        yield file.relative_to(_PACKAGE).as_posix(), file.read_bytes()


def _source_files() -> list[Path]:
    folders = [path for name in _SOURCES for path in (_PACKAGE / name).rglob("*.py")]
    return sorted([_PACKAGE / "pipeline.py", *folders])


def _installed(library: str) -> str:
    """The version of a library; nothing where it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
