"""Where a catalogue can come from, and the choice among them: the freshest good one wins."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import Header, read_header, unpack
from ocr_worker.cards.index import CardIndex
from ocr_worker.errors import CatalogueError

SNAPSHOT_NAME = "snapshot"
CACHE_NAME = "download"

_REFRESH_AFTER = timedelta(days=7)
"""Scryfall: data for play changes with new sets; once a week is enough."""


class CardSource(Protocol):
    """One place that may hold a catalogue; its methods raise CatalogueError when it holds no good one."""

    @property
    def name(self) -> str:
        """What people call the source."""

    def header(self) -> Header:
        """Origin, date and size, at next to no cost."""

    def load(self) -> Catalogue:
        """The whole catalogue, checked."""


@dataclass(frozen=True, slots=True)
class CompactFile:
    """A catalogue in compact form in a file: the snapshot in the package, or a download in a data folder."""

    name: str
    path: Path

    def header(self) -> Header:
        """What the file says of itself."""
        return read_header(self.path)

    def load(self) -> Catalogue:
        """The catalogue, checked against its header."""
        try:
            return unpack(self.path.read_bytes())
        except OSError as error:
            raise CatalogueError(f"The card catalogue {self.path.name} cannot be read.") from error


@dataclass(frozen=True, slots=True)
class Choice:
    """The catalogue in use, the source it came from, and why fresher sources were passed over."""

    catalogue: Catalogue
    source: str
    problems: tuple[str, ...] = ()


def snapshot_source() -> CompactFile:
    """The snapshot that ships with the product."""
    return CompactFile(SNAPSHOT_NAME, Path(__file__).parent / "data" / "snapshot.cards")


def cached_source(data_dir: Path) -> CompactFile:
    """The last good download under ``data_dir``."""
    return CompactFile(CACHE_NAME, data_dir / "catalogue.cards")


def card_sources(data_dir: Path | None) -> list[CardSource]:
    """All sources of this machine that exist, without a network."""
    sources: list[CardSource] = [snapshot_source()]
    if data_dir is not None and cached_source(data_dir).path.exists():
        sources.insert(0, cached_source(data_dir))
    return sources


def best_catalogue(data_dir: Path | None = None) -> Choice:
    """The freshest good catalogue of this machine; CatalogueError when there is none."""
    return choose(card_sources(data_dir))


def choose(sources: Sequence[CardSource]) -> Choice:
    """The catalogue of the freshest source that is good; the earlier of equally fresh ones."""
    problems: list[str] = []
    for source in _freshest_first(sources, problems):
        try:
            return Choice(source.load(), source.name, tuple(problems))
        except CatalogueError as error:
            problems.append(f"{source.name}: {error}")
    raise CatalogueError("No usable card catalogue: " + " ".join(problems))


def _freshest_first(sources: Sequence[CardSource], problems: list[str]) -> list[CardSource]:
    """The sources by date; those that cannot tell theirs are left out and said in ``problems``."""
    dated: list[tuple[date, CardSource]] = []
    for source in sources:
        try:
            dated.append((source.header().date, source))
        except CatalogueError as error:
            problems.append(f"{source.name}: {error}")
    return [source for _, source in sorted(dated, key=lambda pair: pair[0], reverse=True)]


def is_stale(as_of: date, now: datetime) -> bool:
    """Whether a catalogue of that date should be fetched anew at ``now`` (aware, UTC)."""
    return now.date() - as_of >= _REFRESH_AFTER


def load_index(data_dir: Path | None = None) -> CardIndex:
    """The index of the best catalogue: that of the package, or a fresher download under ``data_dir``."""
    with _no_collection():
        return CardIndex(best_catalogue(data_dir).catalogue)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector: with 100,000 new objects that all stay it runs in vain, for long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
