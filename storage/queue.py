"""The queue of conversions on Redis: the only place that knows arq's keys.

Redis is split by use, each with its prefix: the queue (arq's own keys), ``s2d:control:`` (workers, signals),
``s2d:progress:`` and ``s2d:lock:``. Whatever is lost here is rebuilt from the database.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import in_progress_key_prefix, job_key_prefix, result_key_prefix, retry_key_prefix
from arq.jobs import serialize_job
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.settings import SettingsError
from storage.errors import QueueUnreachable

T = TypeVar("T")

QUEUE = "ocr:queue"
JOB = "read_picture"

_WORKERS = "s2d:control:worker:"
_WORKER_NAMES = "s2d:control:workers"
_SIGNALS = "s2d:control:signals"
_CALLS = "s2d:control:calls"
_PAUSE = "s2d:control:pause"
_CANCELLED = "s2d:control:cancelled:"
_PROGRESS = "s2d:progress:"
_LOCK = "s2d:lock:"

_HEAD_START = timedelta(days=2)
"""Scores of waiting jobs lie in the past, since arq runs no job whose score lies in the future."""
_STEP_BACK = timedelta(minutes=1)
"""What each picture that a person has open costs their next one: the tenth waits nine minutes behind a first."""
_KEEPING = timedelta(days=30)
_AT_ONCE = 1000
"""Keys that one command looks at."""
WORKER_LIFE_S = 6.0
"""A worker that has not been heard of for so long is dead: three heartbeats."""
_PROGRESS_LIFE_S = 600
_CANCELLED_LIFE_S = 600
_ORDERS = b"orders"
_HEAD = 500
"""More workers than will ever be: what they have taken is among so many jobs at the head of the queue."""
_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end"
"""In one go: nobody else can have taken the lock between the look and the deletion."""
PASSING = (RedisConnectionError, RedisTimeoutError, OSError)
"""What Redis raises while it is away."""


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """What a worker process tells of itself every two seconds; times in seconds since 1970.

    ``stages`` are the times of its stages since it began, as ``storage.spans`` has them.
    """

    name: str
    process: int
    host: str
    release: str
    engine: str
    pipeline: str
    started: float
    seen: float
    conversion: str | None
    done: int
    failed: int
    memory: int
    state: str = "ready"
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Orders:
    """What workers are to do now: take no jobs; leave the conversion at hand, which nobody wants any more."""

    is_paused: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """Something to look at now rather than at the next round: ``kind`` is ``outbox`` or ``progress``."""

    kind: str
    id: str = ""


class Queue:
    """Jobs, workers and signals. Methods raise QueueUnreachable while Redis does not answer."""

    def __init__(self, redis: ArqRedis) -> None:
        self.redis = redis

    async def ping(self) -> None:
        """Return when Redis answers."""
        with reaching():
            await self.redis.ping()

    async def enqueue(self, conversion: UUID, *, since: datetime, ahead: int = 0, delay_s: float = 0.0) -> bool:
        """Queue a conversion accepted at ``since``, whose person had ``ahead`` others open; False if it is there."""
        if delay_s:
            since, ahead = datetime.now(since.tzinfo) + _HEAD_START + timedelta(seconds=delay_s), 0
        return bool(await self.enqueue_all([(conversion, since, ahead)]))

    async def enqueue_all(self, jobs: Iterable[tuple[UUID, datetime, int]]) -> int:
        """Queue conversions with their ``since`` and ``ahead``; return how many were not, or only half, there."""
        added, rest = 0, iter(jobs)
        while some := list(islice(rest, _AT_ONCE)):
            with reaching():
                async with self.redis.pipeline(transaction=True) as pipe:
                    for conversion, since, ahead in some:
                        score = since - _HEAD_START + ahead * _STEP_BACK
                        pipe.set(job_key_prefix + str(conversion), _job(str(conversion)), px=_KEEPING, nx=True)
                        pipe.zadd(QUEUE, {str(conversion): int(score.timestamp() * 1000)}, nx=True)
                    pipe.delete(*(_CANCELLED + str(conversion) for conversion, _, _ in some))
                    pipe.publish(_CALLS, b"")
                    *done, _, _ = await pipe.execute()
            added += sum(bool(job or place) for job, place in zip(done[::2], done[1::2], strict=True))
        return added

    async def remove(self, conversions: Collection[UUID | str]) -> None:
        """Forget jobs; one that runs goes on and finds that it has ended."""
        ids = [str(one) for one in conversions]
        if ids:
            with reaching():
                await self.redis.zrem(QUEUE, *ids)
                for prefix in (job_key_prefix, retry_key_prefix, result_key_prefix, _PROGRESS):
                    await self.redis.delete(*(prefix + one for one in ids))

    async def free(self, conversions: Collection[UUID | str]) -> None:
        """Let jobs run at once whose worker died: arq would wait until their time is over."""
        keys = [in_progress_key_prefix + str(one) for one in conversions]
        if keys:
            with reaching():
                await self.redis.delete(*keys)

    async def back_in_line(self, conversion: UUID, score: float) -> None:
        """Give a job its place back, which arq took when it was to be tried later; nothing if it is gone."""
        with reaching():
            await self.redis.zadd(QUEUE, {str(conversion): score}, xx=True)

    async def under_way(self) -> list[UUID]:
        """Jobs at the head of the queue that a worker has taken."""
        with reaching():
            ids = [_text(one) for one in await self.redis.zrange(QUEUE, 0, _HEAD - 1)]
            taken = await self.redis.mget([in_progress_key_prefix + one for one in ids]) if ids else []
        return [job for one, mark in zip(ids, taken, strict=True) if mark is not None and (job := _id(one))]

    async def depth(self) -> int:
        """Jobs that wait or run."""
        with reaching():
            return int(await self.redis.zcard(QUEUE))

    async def missing(self, conversions: Sequence[UUID]) -> list[UUID]:
        """Which of these have no job."""
        found: list[UUID] = []
        with reaching():
            for start in range(0, len(conversions), _AT_ONCE):
                some = conversions[start : start + _AT_ONCE]
                scores = await self.redis.zmscore(QUEUE, [str(one) for one in some])
                jobs = await self.redis.mget([job_key_prefix + str(one) for one in some])
                found += [one for one, score, job in zip(some, scores, jobs, strict=True) if None in (score, job)]
        return found

    async def all_ids(self) -> list[str]:
        """Ids of all jobs, first to run first."""
        with reaching():
            return [_text(one) for one in await self.redis.zrange(QUEUE, 0, -1)]

    async def places(self) -> dict[str, float]:
        """All jobs with their scores."""
        with reaching():
            return {_text(one): score for one, score in await self.redis.zrange(QUEUE, 0, -1, withscores=True)}

    async def put_back(self, jobs: Mapping[str, float]) -> None:
        """Have jobs in the queue with these scores; those that are there stay as they are."""
        rest = iter(jobs.items())
        while some := list(islice(rest, _AT_ONCE)):
            with reaching():
                async with self.redis.pipeline(transaction=True) as pipe:
                    for conversion, score in some:
                        pipe.set(job_key_prefix + conversion, _job(conversion), px=_KEEPING, nx=True)
                        pipe.zadd(QUEUE, {conversion: score}, nx=True)
                    pipe.publish(_CALLS, b"")
                    await pipe.execute()

    async def place(self, conversion: UUID) -> int | None:
        """How many jobs run or wait before this one; None without a job."""
        with reaching():
            rank = await self.redis.zrank(QUEUE, str(conversion))
        return None if rank is None else int(rank)

    async def say_alive(self, worker: WorkerRecord) -> None:
        """A worker's heartbeat."""
        with reaching():
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.set(_WORKERS + worker.name, json.dumps(asdict(worker)), px=int(WORKER_LIFE_S * 1000))
                pipe.sadd(_WORKER_NAMES, worker.name)
                await pipe.execute()

    async def say_gone(self, name: str) -> None:
        """A worker stops in order."""
        with reaching():
            await self.redis.delete(_WORKERS + name)

    async def workers(self) -> list[WorkerRecord]:
        """Workers that live, by name. They have a list, since looking through all keys takes long in a long queue."""
        with reaching():
            names = sorted(_text(name) for name in await answered(self.redis.smembers(_WORKER_NAMES)))
            values = await self.redis.mget([_WORKERS + name for name in names]) if names else []
            gone = [name for name, value in zip(names, values, strict=True) if not value]
            if gone:
                # One that comes back says so with its next heartbeat.
                await answered(self.redis.srem(_WORKER_NAMES, *gone))
        return [WorkerRecord(**json.loads(value)) for value in values if value]

    async def signal(self, signal: Signal) -> None:
        """Wake whoever listens; nothing is lost when nobody does."""
        with reaching():
            await self.redis.publish(_SIGNALS, json.dumps(asdict(signal)))

    async def signals(self) -> AsyncIterator[Signal]:
        """Signals from now on; raises QueueUnreachable when the connection breaks."""
        async with aclosing(self._heard(_SIGNALS)) as heard:
            async for data in heard:
                yield Signal(**json.loads(data))

    async def calls(self) -> AsyncIterator[bool]:
        """Each time that jobs are queued or orders change (true), from now on.

        Raises QueueUnreachable when the connection breaks. None tells of jobs whose time comes later, and some may be
        lost: who waits for jobs and orders looks by itself too.
        """
        async with aclosing(self._heard(_CALLS)) as heard:
            async for said in heard:
                yield said == _ORDERS

    async def pause(self, life_s: float) -> None:
        """Have workers take no jobs for so long; what they have they finish."""
        with reaching():
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.set(_PAUSE, b"1", px=max(1, int(life_s * 1000)))
                pipe.publish(_CALLS, _ORDERS)
                await pipe.execute()

    async def resume(self) -> None:
        """Let workers take jobs again."""
        with reaching():
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.delete(_PAUSE)
                pipe.publish(_CALLS, _ORDERS)
                await pipe.execute()

    async def cancel(self, conversion: UUID) -> None:
        """Forget a job, and have the worker that reads it stop; the database must know it cancelled before."""
        await self.remove([conversion])
        with reaching():
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.set(_CANCELLED + str(conversion), b"1", ex=_CANCELLED_LIFE_S)
                pipe.publish(_CALLS, _ORDERS)
                await pipe.execute()

    async def orders(self, conversion: UUID | None) -> Orders:
        """What a worker that reads ``conversion``, or nothing, is to do."""
        keys = [_PAUSE] + ([] if conversion is None else [_CANCELLED + str(conversion)])
        with reaching():
            found = await self.redis.mget(keys)
        return Orders(found[0] is not None, len(found) > 1 and found[1] is not None)

    async def _heard(self, channel_name: str) -> AsyncGenerator[bytes, None]:
        with reaching():
            async with self.redis.pubsub() as channel:
                await channel.subscribe(channel_name)
                async for message in channel.listen():
                    if message["type"] == "message":
                        yield message["data"]

    async def show_progress(self, conversion: UUID, post: UUID, stage: str) -> None:
        """Tell how far the reading of a picture is, and who shows its post."""
        with reaching():
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.set(_PROGRESS + str(conversion), stage, ex=_PROGRESS_LIFE_S)
                pipe.publish(_SIGNALS, json.dumps(asdict(Signal("progress", str(post)))))
                await pipe.execute()

    async def progress(self, conversion: UUID) -> str | None:
        """The stage that was told last."""
        with reaching():
            stage = await self.redis.get(_PROGRESS + str(conversion))
        return None if stage is None else _text(stage)

    async def lock(self, name: str, owner: str, life_s: float) -> bool:
        """Take a lock for a while; taking it again prolongs it. False where another owner has it."""
        with reaching():
            life_ms = int(life_s * 1000)
            if await self.redis.set(_LOCK + name, owner, nx=True, px=life_ms):
                return True
            if _text(await self.redis.get(_LOCK + name) or b"") != owner:
                return False
            return bool(await self.redis.pexpire(_LOCK + name, life_ms))

    async def unlock(self, name: str, owner: str) -> None:
        """Give a lock back, if it is still the owner's."""
        with reaching():
            await answered(self.redis.eval(_UNLOCK, 1, _LOCK + name, owner))

    async def break_locks(self, owner: str) -> None:
        """Free all that an owner had when it died."""
        with reaching():
            keys = [key async for key in self.redis.scan_iter(match=_LOCK + "*", count=1000)]
            owners = await self.redis.mget(keys) if keys else []
            held = [key for key, value in zip(keys, owners, strict=True) if value and _text(value) == owner]
            if held:
                await self.redis.delete(*held)


@asynccontextmanager
async def open_queue(url: str) -> AsyncIterator[Queue]:
    """Connect to Redis; raises SettingsError for a wrong address, QueueUnreachable where nobody answers."""
    redis = await connect(url)
    try:
        yield Queue(redis)
    finally:
        await redis.aclose()


async def connect(url: str, *, patience: int = 3) -> ArqRedis:
    """A pool of connections that tries ``patience`` times again, for at most two seconds each, when Redis is away."""
    with reaching():
        return await create_pool(
            redis_settings(url, patience=patience),
            job_serializer=serialise,
            job_deserializer=deserialise,
            default_queue_name=QUEUE,
        )


def redis_settings(url: str, *, patience: int) -> RedisSettings:
    """arq's settings for an address; raises SettingsError."""
    try:
        settings = RedisSettings.from_dsn(url)
        parts = urlsplit(url)
    except (RuntimeError, ValueError) as error:
        raise SettingsError("REDIS_URL must be redis://host:port/number, rediss://… or unix:///path.") from error
    settings.username, settings.password = (unquote(one) if one else None for one in (parts.username, parts.password))
    settings.conn_timeout, settings.conn_retries = 2, 0
    settings.retry = Retry(ExponentialBackoff(cap=2, base=0.05), patience)
    settings.retry_on_timeout = True
    settings.retry_on_error = [RedisConnectionError, RedisTimeoutError, OSError]
    return settings


def serialise(job: dict[str, Any]) -> bytes:
    """Jobs as JSON: who can write to Redis shall not run code in workers. Exceptions become their words."""
    return json.dumps(job, default=repr).encode()


def _job(conversion: str) -> bytes:
    """What arq finds of a job; as it writes it itself, but for half a job, which it would leave as it is."""
    job: bytes = serialize_job(JOB, (conversion,), {}, None, int(time.time() * 1000), serializer=serialise)
    return job


def deserialise(data: bytes) -> dict[str, Any]:
    """The job back."""
    job: dict[str, Any] = json.loads(data)
    return job


@contextmanager
def reaching() -> Iterator[None]:
    """Turn Redis' errors into ours."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise QueueUnreachable(f"The Redis server does not answer ({error or type(error).__name__}).") from error


def _id(job: str) -> UUID | None:
    """A job's conversion; None for a job that is none of ours."""
    try:
        return UUID(job)
    except ValueError:
        return None


def answered(found: Awaitable[T] | T) -> Awaitable[T]:
    """What a command of Redis gives when it is awaited; redis-py types it for its blocking client too."""
    return cast(Awaitable[T], found)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
