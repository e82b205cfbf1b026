"""Scryfall's bulk data over HTTP: the listing, and the file of oracle cards.

https://scryfall.com/docs/api/bulk-data describes the listing; https://scryfall.com/docs/api asks each client
for a User-Agent of its own and for an Accept header.
"""

import importlib.metadata
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import aiohttp

from ocr_worker.errors import CatalogueError

API_URL = "https://api.scryfall.com"

_BULK_TYPE = "oracle_cards"
_MAX_LISTING_BYTES = 1_000_000
_CHUNK_BYTES = 1 << 16
_MAX_REDIRECTS = 5
_PAGES = ("text/", "image/", "application/xhtml")
"""Types of content that a portal or an error page has, and no card file."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes received so far and, where the listing tells, the bytes there will be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may cost: the file has some 170 MB, and 10 more each year."""

    max_bytes: int = 600_000_000
    total_s: float = 1_200.0
    silence_s: float = 30.0


@dataclass(frozen=True, slots=True)
class BulkFile:
    """The file of oracle cards as the listing describes it; ``size`` in bytes, uncompressed."""

    url: str
    date: date
    size: int | None


def scryfall_session(limits: Limits) -> aiohttp.ClientSession:
    """A client as Scryfall wants it, to be closed by the caller."""
    timeout = aiohttp.ClientTimeout(total=limits.total_s, sock_connect=limits.silence_s, sock_read=limits.silence_s)
    headers = {"User-Agent": _user_agent(), "Accept": "application/json;q=0.9,*/*;q=0.8"}
    return aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=True)


async def newest_file(session: aiohttp.ClientSession, base_url: str) -> BulkFile:
    """The newest file of oracle cards, by the listing."""
    body = bytearray()
    with _network_errors():
        async for chunk in _answer(session, f"{base_url.rstrip('/')}/bulk-data"):
            body += chunk
            if len(body) > _MAX_LISTING_BYTES:
                raise CatalogueError("Scryfall's list of files is implausibly long.")
    return _oracle_cards(bytes(body))


async def download(
    session: aiohttp.ClientSession, file: BulkFile, path: Path, limits: Limits, progress: Progress
) -> None:
    """Stream the file to ``path``; CatalogueError when it breaks off, is no card file, or has no end."""
    received = 0
    with _network_errors(), path.open("wb") as output:
        async for chunk in _answer(session, file.url):
            received += len(chunk)
            if received > limits.max_bytes:
                raise CatalogueError("Scryfall's card file is implausibly large.")
            output.write(chunk)
            progress(received, file.size)


async def _answer(session: aiohttp.ClientSession, url: str) -> AsyncIterator[bytes]:
    async with session.get(url, max_redirects=_MAX_REDIRECTS) as response:
        _check(response)
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            yield chunk


@contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise CatalogueError("Scryfall took too long to answer; the present catalogue stays.") from error
    except aiohttp.ClientError as error:
        raise CatalogueError("Scryfall cannot be reached, or the download broke off.") from error


def _user_agent() -> str:
    try:
        return f"Screen2Deck/{importlib.metadata.version('screen2deck')}"
    except importlib.metadata.PackageNotFoundError:
        return "Screen2Deck/source"


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise CatalogueError(f"Scryfall answered with status {response.status}.")
    if response.content_type.startswith(_PAGES):
        raise CatalogueError(f"Scryfall answered with {response.content_type} where data was expected.")


def _oracle_cards(listing: bytes) -> BulkFile:
    try:
        files = {entry["type"]: entry for entry in json.loads(listing)["data"]}
        entry = files[_BULK_TYPE]
        size = entry.get("size")
        return BulkFile(
            url=str(entry["download_uri"]),
            date=datetime.fromisoformat(entry["updated_at"]).date(),
            size=int(size) if size else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError("Scryfall's list of files could not be understood.") from error
