"""Real worker processes on a test's parts, with a reader that does what a picture asks for."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from chatops.parts import Parts
from config.clock import utcnow
from config.parent import PARENT_VARIABLE
from config.settings import Settings
from storage import conversions
from storage.blobs import open_blobs
from storage.records import ConversionRecord, State
from tests.chaos.reader import Wish
from tests.making import accepted, somebody
from tests.processes import ENVIRONMENT, PATIENCE_S
from tests.shared import ROOT


@contextmanager
def worker_process(
    settings: Settings, name: str = "test/1", *, reads: bool = False
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker, killed when the test is over; with ``reads`` its reader is the real one."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    own = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir),
        "WORKER_NAME": name,
        "LOG_LEVEL": "error",
        PARENT_VARIABLE: str(os.getpid()),
        "CHAOS_READER": "real" if reads else "",
    }
    command = [sys.executable, "-m", "tests.chaos.product", "worker"]
    with subprocess.Popen(command, env={**ENVIRONMENT, **own}, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


async def comes(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds; raises AssertionError."""
    end = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def ready(parts: Parts, *names: str) -> None:
    """Wait until exactly these workers tell that they live."""

    async def are_there() -> bool:
        return {one.name for one in await parts.queue.workers() if one.state != "starting"} == set(names)

    await comes(are_there)


async def sent(parts: Parts, wish: Wish, user: str = "player") -> ConversionRecord:
    """A picture that is in the queue."""
    blobs = open_blobs(parts.settings.picture_store, parts.settings.data_dir)
    key = await blobs.put(wish.picture)
    one = await accepted(await somebody(user), picture_hash=key, at=utcnow(), chat=user, pipeline=None)
    await parts.queue.enqueue(one.id, since=one.accepted_at, ahead=one.priority)
    return one


async def reaches(one: ConversionRecord, *states: State) -> None:
    """Wait until a conversion is in one of these states."""

    async def is_there() -> bool:
        return (await conversions.conversion(one.id)).state in states

    await comes(is_there)
