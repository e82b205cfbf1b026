"""Processes of a deployment as they tell of themselves, and orders to one of them that it answers.

Both go through Redis: an order waits in a list of its process, its answer in a list of its own. What nobody fetches
is gone after a minute.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from storage.errors import StorageError
from storage.queue import Queue, answered, reaching

_PROCESS = "s2d:control:process:"
_NAMES = "s2d:control:processes"
_ORDERS = "s2d:control:orders:"
_ANSWER = "s2d:control:answer:"
BEAT_S = 4.0
LIFE_S = 13.0
"""A process that was not heard of for three beats is gone."""
_KEPT_S = 60
_FETCH_S = 5.0


class NoAnswer(StorageError):
    """A process does not do what it was asked, or not in time."""


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What a process tells of itself. ``kind`` is bot or worker, ``fingerprints`` are of its settings by name."""

    name: str
    kind: str
    process: int
    host: str
    release: str
    started: float
    seen: float
    level: str
    fingerprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProcessOrder:
    """Something that a process is asked to do, by the name of a deed that it knows."""

    id: str
    deed: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Control:
    """Methods raise QueueUnreachable while Redis does not answer."""

    queue: Queue

    async def say_alive(self, record: ProcessRecord) -> None:
        """A process' heartbeat."""
        with reaching():
            async with self.queue.redis.pipeline(transaction=True) as pipe:
                pipe.set(_PROCESS + record.name, json.dumps(asdict(record)), px=int(LIFE_S * 1000))
                pipe.sadd(_NAMES, record.name)
                await pipe.execute()

    async def say_gone(self, name: str) -> None:
        """A process ends in order."""
        with reaching():
            await self.queue.redis.delete(_PROCESS + name, _ORDERS + name)

    async def processes(self) -> list[ProcessRecord]:
        """Those that live, by name."""
        redis = self.queue.redis
        with reaching():
            names = sorted(_text(name) for name in await answered(redis.smembers(_NAMES)))
            values = await redis.mget([_PROCESS + name for name in names]) if names else []
            if gone := [name for name, value in zip(names, values, strict=True) if not value]:
                await answered(redis.srem(_NAMES, *gone))
        return [ProcessRecord(**json.loads(value)) for value in values if value]

    async def ask(self, name: str, deed: str, arguments: Mapping[str, Any], within_s: float) -> Any:
        """Have a process do something; what it answers. Raises NoAnswer."""
        order = ProcessOrder(uuid4().hex, deed, arguments)
        redis = self.queue.redis
        with reaching():
            async with redis.pipeline(transaction=True) as pipe:
                pipe.rpush(_ORDERS + name, json.dumps(asdict(order)))
                pipe.expire(_ORDERS + name, _KEPT_S)
                await pipe.execute()
            found = await self._first(_ANSWER + order.id, within_s)
        if found is None:
            raise NoAnswer(f"{name} did not answer within {within_s:.0f} s.")
        answer = json.loads(found[1])
        if "problem" in answer:
            raise NoAnswer(f"{name}: {answer['problem']}")
        return answer["result"]

    async def orders(self, name: str) -> AsyncIterator[ProcessOrder]:
        """Orders for a process, as they come."""
        while True:
            with reaching():
                found = await self._first(_ORDERS + name, _FETCH_S)
            if found is not None:
                yield ProcessOrder(**json.loads(found[1]))

    async def _first(self, key: str, within_s: float) -> Sequence[bytes] | None:
        # Redis takes parts of a second, whatever redis-py says.
        return await answered(self.queue.redis.blpop([key], timeout=within_s))  # type: ignore[arg-type]

    async def answer(self, order: ProcessOrder, result: Any = None, problem: str = "") -> None:
        """Answer an order."""
        body = {"problem": problem} if problem else {"result": result}
        with reaching():
            async with self.queue.redis.pipeline(transaction=True) as pipe:
                pipe.rpush(_ANSWER + order.id, json.dumps(body))
                pipe.expire(_ANSWER + order.id, _KEPT_S)
                await pipe.execute()


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
