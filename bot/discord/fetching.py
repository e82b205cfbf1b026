"""Fetches attachments from Discord's own hosts, and from nowhere else."""

from dataclasses import dataclass
from typing import Protocol

import aiohttp

from bot.discord.addresses import may_fetch
from bot.fetching import CannotFetch
from bot.intake import MAX_BYTES
from storage.records import Json

_ALL_S, _SILENCE_S = 25.0, 10.0
_GONE = (403, 404, 410)
_CHUNK = 65_536


class Refresh(Protocol):
    """Looks a posted file's present address up."""

    async def __call__(self, channel: int, message: int, attachment: str) -> str | None:
        """None where the message no longer shows it."""
        ...


@dataclass(frozen=True, slots=True)
class Attachments:
    """``refresh`` gives the fresh address of a file whose link has expired."""

    api_url: str
    refresh: Refresh

    async def fetch(self, source: Json) -> bytes:
        """As ``bot.fetching.Source``."""
        data = await self._download(str(source.get("url", "")))
        if data is None and source.get("message"):
            url = await self.refresh(int(source["channel"]), int(source["message"]), str(source["key"]))
            data = None if url is None else await self._download(url)
        if data is None:
            raise CannotFetch("picture_gone")
        return data

    async def _download(self, url: str) -> bytes | None:
        """The file, cut off behind what is too much; None where the link has expired. Raises CannotFetch."""
        if not may_fetch(url, self.api_url):
            raise CannotFetch
        timeout = aiohttp.ClientTimeout(total=_ALL_S, sock_read=_SILENCE_S)
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status in _GONE:
                return None
            if 300 <= answer.status < 500 and answer.status != 429:
                raise CannotFetch
            answer.raise_for_status()
            return await _read(answer.content)


async def _read(content: aiohttp.StreamReader) -> bytes:
    data = bytearray()
    async for chunk in content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > MAX_BYTES:
            break
    return bytes(data[: MAX_BYTES + 1])
