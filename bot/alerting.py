"""Follows what Alertmanager delivers in this process: folded into what is known, then posted."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chatops.alerting.folding import Folding
from chatops.alerting.posting import Posting
from chatops.alerting.settling import Settling
from chatops.parts import Parts
from config.tasks import beside
from storage.database import is_passing
from storage.errors import QueueUnreachable, StorageError
from storage.queue import Signal

log = logging.getLogger(__name__)

_ROUND_S = 1.0
_AT_A_TIME = 20
_SETTLE_S = 15.0


@dataclass(slots=True)
class Alerting:
    """One round after the other, at once when something was stored."""

    parts: Parts
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def round(self) -> None:
        """Fold what waits and post what it shows, a few at a time: what is bad is not to wait for all the rest."""
        folded = _AT_A_TIME
        while folded == _AT_A_TIME:
            folded = await Folding(self.parts).fold_waiting(_AT_A_TIME)
            posted = await Posting(self.parts).post()
            if folded or posted:
                with contextlib.suppress(QueueUnreachable):
                    await self.parts.queue.signal(Signal("outbox", "alerts"))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            await _forgiving(self.round())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ROUND_S):
                    await self._wake.wait()

    async def settle(self) -> None:
        """Now and then, until cancelled: what is uncertain."""
        while True:
            await asyncio.sleep(_SETTLE_S)
            await _forgiving(self._settle())

    async def _settle(self) -> None:
        if await Settling(self.parts).settle():
            self.wake()


@asynccontextmanager
async def alerting(parts: Parts) -> AsyncIterator[Alerting]:
    """Follow while the context lasts."""
    following = Alerting(parts)
    async with beside(following.run(), following.settle()):
        yield following


async def _forgiving(work: Awaitable[None]) -> None:
    """A part that is away is told; the next round tries again."""
    try:
        await work
    except StorageError as error:
        log.warning("%s", error)
    except Exception as error:
        if is_passing(error):
            log.warning("alerts wait: %s", error)
        else:
            log.exception("fault in following alerts")
