"""Fetches files from Telegram, bounded in size. Their addresses hold the bot's token: none reaches a log."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.fetching import CannotFetch
from bot.intake import MAX_BYTES
from bot.telegram.refusals import is_too_big, is_unreachable
from storage.records import Json

_CHUNK = 1 << 16


class DownloadFailed(Exception):
    """The file did not come, or not all of it: worth trying again."""


@dataclass(frozen=True, slots=True)
class Files:
    """Fetches for one bot."""

    bot: "ExtBot[Any]"

    async def fetch(self, source: Json) -> bytes:
        """As of ``bot.fetching.Source``."""
        try:
            file = await self.bot.get_file(str(source["file"]))
        except TelegramError as error:
            raise _refusal(error) or error from None
        if (file.file_size or 0) > MAX_BYTES:
            raise CannotFetch("too_large_file")
        path = file.file_path or ""
        if path.startswith("/"):  # a Bot API server in local mode says where on its disk the file is
            return await asyncio.to_thread(_read, Path(path))
        return await _download(path)


def _refusal(error: TelegramError) -> CannotFetch | None:
    """Why trying again is of no use, if it is not."""
    if is_too_big(error):
        return CannotFetch("too_large_file")
    if is_unreachable(error) or isinstance(error, BadRequest):
        return CannotFetch("picture_gone")
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        raise DownloadFailed("the Bot API server's file cannot be read here") from None


async def _download(url: str) -> bytes:
    data = bytearray()
    try:
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as response:
            if response.status != 200:
                raise DownloadFailed(f"Telegram answered {response.status} for a file")
            async for chunk in response.content.iter_chunked(_CHUNK):
                data += chunk
                if len(data) > MAX_BYTES:
                    break
    except (aiohttp.ClientError, OSError) as error:
        raise DownloadFailed(f"a download broke off ({type(error).__name__})") from None
    return bytes(data[: MAX_BYTES + 1])
