"""Fetches what was posted from where its platform keeps it: pictures go to the queue, lists to the parser."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from bot.converting.inputs import deck_of_text
from bot.intake import MAX_BYTES, Intake
from bot.library import Library
from config.clock import Clock
from config.tasks import Tasks
from ocr_worker.decks import deck_to_json
from ocr_worker.errors import PictureError
from ocr_worker.sniffing import TEXT, WEB_PAGE, sniff
from storage import conversions
from storage import intake as stored_intake
from storage.errors import DatabaseUnreachable, PictureStoreFull, QueueUnreachable
from storage.queue import Queue, Signal
from storage.records import ConversionRecord, Json, ReadingRecord, State

log = logging.getLogger(__name__)

_TRIES = 3
_ONE_FETCH_S = 30.0
_LATE = timedelta(seconds=10)


class CannotFetch(Exception):
    """The platform will not give this file; ``code`` names a sentence for its sender."""

    def __init__(self, code: str = "fetch_failed") -> None:
        super().__init__(code)
        self.code = code


class Source(Protocol):
    """A platform that files are fetched from."""

    async def fetch(self, source: Json) -> bytes:
        """A file, at most ``MAX_BYTES`` and one more; raises CannotFetch where trying again is of no use."""
        ...


@dataclass(slots=True)
class Fetching:
    """Fetches for the platforms of one process."""

    sources: Mapping[str, Source]
    intake: Intake
    queue: Queue
    library: Library
    clock: Clock
    _fetched: set[UUID] = field(default_factory=set)
    _tasks: Tasks = field(default_factory=Tasks)

    def start(self, conversion: ConversionRecord) -> None:
        """Fetch in the background, once."""
        if conversion.state is State.ACCEPTED and conversion.id not in self._fetched:
            self._fetched.add(conversion.id)
            task = self._tasks.start(self._fetch(conversion))
            task.add_done_callback(lambda _: self._fetched.discard(conversion.id))

    async def close(self) -> None:
        """Fetch no more; what is not handed on is recovered by the next process."""
        await self._tasks.close()

    async def recover(self) -> None:
        """Start what another process accepted and did not live to fetch."""
        for conversion in await conversions.open_conversions([State.ACCEPTED], limit=500):
            if self.clock() - conversion.accepted_at > _LATE:
                self.start(conversion)

    async def _fetch(self, conversion: ConversionRecord) -> None:
        try:
            data = await self._data(conversion)
            await self._hand_on(conversion, data)
        except CannotFetch as problem:
            await self._end(conversion, problem.code)
        except PictureStoreFull as error:
            log.error("%s", error)
            await self._end(conversion, "store_full")
        except DatabaseUnreachable as error:
            log.warning("conversion %s will be fetched again: %s", conversion.id, error)
        except Exception:
            log.exception("conversion %s could not be fetched", conversion.id)
            await self._end(conversion, "fetch_failed")

    async def _data(self, conversion: ConversionRecord) -> bytes:
        source = conversion.source or {}
        if "text" in source:
            return str(source["text"]).encode()
        platform = self.sources.get(str(source.get("platform")))
        if platform is None:
            raise CannotFetch
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(_TRIES),
            wait=wait_exponential_jitter(multiplier=0.5, max=5, jitter=0.5),
            reraise=True,
        ):
            with attempt:
                async with asyncio.timeout(_ONE_FETCH_S):
                    data = await platform.fetch(source)
        if not data or len(data) > MAX_BYTES:
            raise CannotFetch("too_large_file" if data else "fetch_failed")
        return data

    async def _hand_on(self, conversion: ConversionRecord, data: bytes) -> None:
        kind = sniff(data)
        if kind in (TEXT, WEB_PAGE):
            await self._read_list(conversion, data)
            return
        queued = await self.intake.take_picture(conversion, data)
        await self._wake(conversion)
        if queued is not None and queued.state is State.QUEUED:
            with contextlib.suppress(QueueUnreachable):
                await self.queue.enqueue(queued.id, since=queued.accepted_at, ahead=queued.priority)
                await self.queue.signal(Signal("progress", str(queued.post)))

    async def _read_list(self, conversion: ConversionRecord, data: bytes) -> None:
        index = await self.library.index()
        try:
            deck = deck_of_text(data, index)
        except PictureError as error:
            reading = ReadingRecord(None, "bad_list", str(error))
        else:
            reading = ReadingRecord(deck_to_json(deck, image=conversion.picture_name, engine="list", seconds=0.0))
        keeping = timedelta(days=self.intake.settings.deck_days)
        now = self.clock()
        await stored_intake.answer_without_reading(conversion.id, reading, deck_until=now + keeping, now=now)
        await self._wake(conversion)

    async def _end(self, conversion: ConversionRecord, code: str) -> None:
        with contextlib.suppress(DatabaseUnreachable):
            await conversions.fail(
                conversion.id, code, "", detail="not fetched", now=self.clock(), is_dead_letter=False
            )
            await self._wake(conversion)

    async def _wake(self, conversion: ConversionRecord) -> None:
        with contextlib.suppress(QueueUnreachable):
            await self.queue.signal(Signal("outbox", str(conversion.post)))


def _may_pass(error: BaseException) -> bool:
    """Whether trying again is of use; a fetch that is cancelled ends."""
    return isinstance(error, Exception) and not isinstance(error, CannotFetch)
