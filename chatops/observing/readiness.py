"""Whether the parts that the product needs are there: asked here, or of the bot process where this is another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from chatops.own_http import address_of
from chatops.parts import Need, Parts
from chatops.times import span
from storage import alerts, samples
from storage.database import Database
from storage.errors import StorageError
from storage.queue import Queue

Check = Callable[[], Awaitable[str]]
"""Returns a few words on a part that works; raises StorageError with a sentence where it does not."""

READINESS: Need[dict[str, Check]] = Need("readiness", "Only the bot process knows its connections to platforms.")
"""What the bot process needs, by name."""

_TIMEOUT_S = 3.0
_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``words`` say how it is, or what is wrong; ``is_ok`` is None where nobody can tell."""

    name: str
    is_ok: bool | None
    words: str
    milliseconds: float | None = None


async def readiness(parts: Parts) -> list[Part]:
    """All parts, asked at once, three seconds at most each."""
    if parts.has(READINESS):
        checks = parts.get(READINESS)
        found = await asyncio.gather(*(checked(name, check) for name, check in checks.items()))
        return [*found, await _figures(parts), *await _alerts(parts)]
    own = await asyncio.gather(
        *(checked(name, check) for name, check in basic_checks(parts.database, parts.queue).items())
    )
    told = await _told_by_bot(parts)
    names = {one.name for one in own}
    return [*own, *(one for one in told if one.name not in names), await _figures(parts), *await _alerts(parts)]


def basic_checks(database: Database, queue: Queue) -> dict[str, Check]:
    """Database, Redis and workers, which every process can ask."""

    async def ask_database() -> str:
        await database.ping()
        return "SQLite" if database.is_sqlite else "Postgres"

    async def ask_redis() -> str:
        await queue.ping()
        return ""

    async def ask_workers() -> str:
        alive = await queue.workers()
        if not alive:
            raise StorageError("no worker is running; start one with `screen2deck worker`.")
        return f"{len(alive)} alive, {sum(one.conversion is not None for one in alive)} reading"

    return {"database": ask_database, "redis": ask_redis, "workers": ask_workers}


async def checked(name: str, check: Check) -> Part:
    """How one part is."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            words = await check()
    except TimeoutError:
        return Part(name, False, f"no answer within {_TIMEOUT_S:g} s")
    except StorageError as error:
        return Part(name, False, str(error))
    return Part(name, True, words.strip("()"), 1000 * (time.monotonic() - began))


async def _figures(parts: Parts) -> Part:
    """Whether anybody measures."""
    try:
        at = await samples.newest()
    except StorageError as error:
        return Part("figures", False, str(error))
    if at is None:
        return Part("figures", None, "nothing was measured yet")
    age = (parts.clock() - at).total_seconds()
    return Part("figures", age <= _FRESH_S, f"measured {max(0.0, age):.0f} s ago")


async def _alerts(parts: Parts) -> list[Part]:
    """When Alertmanager was last heard of; nothing where none is expected and none was heard of."""
    watchdog = parts.policy.on_call.watchdog
    try:
        at = await alerts.last_delivery_at()
    except StorageError as error:
        return [Part("alerts", False, str(error))]
    if at is None:
        return [] if watchdog is None else [Part("alerts", None, "Alertmanager was not heard of yet")]
    age = parts.clock() - at
    is_ok = watchdog is None or age <= watchdog.within
    return [Part("alerts", is_ok, f"Alertmanager was heard of {span(age)} ago")]


async def _told_by_bot(parts: Parts) -> list[Part]:
    """What the bot process says of itself; that it does not answer is a finding."""
    began = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{address_of(parts.settings)}/health/ready") as response,
        ):
            lines = (await response.text()).splitlines()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return [Part("bot", False, f"the bot process does not answer over HTTP ({type(error).__name__})")]
    found = [Part("bot", True, "answers over HTTP", 1000 * (time.monotonic() - began))]
    for line in lines:
        name, _, words = line.partition(": ")
        is_ok = words.split(" ")[0] == "ok"
        found.append(Part(name, is_ok, words.removeprefix("ok").strip(" ()") if is_ok else words))
    return found
