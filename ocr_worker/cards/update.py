"""Bringing the cached catalogue up to date. A bad download never replaces a good one."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import Header, pack
from ocr_worker.cards.scryfall import API_URL, Limits, Progress, download, newest_file, scryfall_session
from ocr_worker.cards.scryfall_cards import read_scryfall
from ocr_worker.cards.sources import cached_source, card_sources
from ocr_worker.errors import CatalogueError

_LEAST_SHARE = 0.9
"""A catalogue with fewer cards than this share of the present one is taken for a mistake of its source."""
_PART = ".part"
_ABANDONED_AFTER_S = 86_400


@dataclass(frozen=True, slots=True)
class Update:
    """What the cache holds now, and whether it was fetched just now (otherwise it was the newest already)."""

    header: Header
    fetched: bool


def unwatched(received: int, expected: int | None) -> None:
    """A progress callback for those who do not watch."""


async def update_catalogue(
    data_dir: Path,
    *,
    base_url: str = API_URL,
    progress: Progress = unwatched,
    limits: Limits | None = None,
    fewest_cards: int | None = None,
) -> Update:
    """Fetch Scryfall's newest cards into ``data_dir``; CatalogueError, and nothing changed, when that fails.

    ``fewest_cards`` is how many a good file has at least; by default nine tenths of those in use.
    """
    limits = limits or Limits()
    if fewest_cards is None:
        fewest_cards = ceil(_present_size(data_dir) * _LEAST_SHARE)
    async with scryfall_session(limits) as session:
        newest = await newest_file(session, base_url)
        cached = _cached_header(data_dir)
        if cached is not None and cached.date >= newest.date:
            return Update(cached, fetched=False)
        with _new_file(data_dir) as path:
            await download(session, newest, path, limits, progress)
            catalogue = await asyncio.to_thread(read_scryfall, path, newest.date)
    _check_size(catalogue, fewest_cards)
    store(catalogue, data_dir)
    return Update(cached_source(data_dir).header(), fetched=True)


def store(catalogue: Catalogue, data_dir: Path) -> None:
    """Make ``catalogue`` the cached one; the file before stays until the new one is whole and on disk."""
    with _new_file(data_dir) as path:
        with path.open("wb") as file:
            file.write(pack(catalogue))
            file.flush()
            os.fsync(file.fileno())
        path.replace(cached_source(data_dir).path)


def _check_size(catalogue: Catalogue, fewest: int) -> None:
    if len(catalogue) < max(fewest, 1):
        raise CatalogueError(
            f"Scryfall's file has {len(catalogue):,} cards where at least {fewest:,} were expected; "
            "the present catalogue stays."
        )


def _present_size(data_dir: Path) -> int:
    """Cards in the largest catalogue of this machine, 0 where there is none."""
    sizes = [0]
    for source in card_sources(data_dir):
        with suppress(CatalogueError):
            sizes.append(source.header().cards)
    return max(sizes)


def _cached_header(data_dir: Path) -> Header | None:
    """The header of a cache that is whole: a damaged one must be fetched again, however new it says it is.

    So must one that an earlier version made, which kept no printings.
    """
    try:
        source = cached_source(data_dir)
        return source.header() if source.load().knows_printings else None
    except CatalogueError:
        return None


@contextmanager
def _new_file(data_dir: Path) -> Iterator[Path]:
    """A file in ``data_dir``, gone afterwards unless moved; CatalogueError for trouble with the disk."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(data_dir)
        handle, name = tempfile.mkstemp(suffix=_PART, prefix="catalogue-", dir=data_dir)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise CatalogueError(f"The card catalogue cannot be stored: {error.strerror or error}.") from error


def _remove_abandoned(data_dir: Path) -> None:
    """Delete what processes left behind that were killed in the middle of a download."""
    for path in data_dir.glob(f"catalogue-*{_PART}"):
        if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
            path.unlink(missing_ok=True)
