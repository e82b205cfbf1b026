"""What a Redis or Valkey server tells of itself: where and how it persists, what it holds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from arq.connections import ArqRedis
from redis.exceptions import RedisError, ResponseError

from storage.errors import QueueUnreachable

FAMILIES = (
    ("ocr:queue", "queue"),
    ("arq:job:", "jobs"),
    ("arq:in-progress:", "jobs in progress"),
    ("arq:", "other keys of jobs"),
    ("s2d:control:", "workers and signals"),
    ("s2d:progress:", "progress"),
    ("s2d:lock:", "locks"),
    ("s2d:cache:", "cache"),
    ("s2d:", "other keys of this product"),
)
"""Beginnings of keys, the first that fits counts."""
FOREIGN = "keys of others"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Persistence:
    """How the server keeps what it holds; ``saved_at`` is the last snapshot's time, ``saves`` how many there were."""

    is_append_only: bool
    append_ok: bool
    saved_at: datetime
    save_ok: bool
    is_saving: bool
    saves: int
    changes: int
    append_pending: int

    @property
    def state(self) -> str:
        """In a few words."""
        if self.is_append_only:
            return "append-only file" if self.append_ok else "append-only file, whose last write failed"
        return "snapshots only" if self.save_ok else "snapshots only, the last of which failed"


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; ``limit`` is 0 where there is none. ``policy`` is what the server does when it is full."""

    used: int
    peak: int
    limit: int
    policy: str
    evicted: int


@dataclass(frozen=True, slots=True)
class Held:
    """Keys by family; ``is_all`` is false where the budget ended before the keys."""

    keys: Mapping[str, int]
    is_all: bool


async def persistence(redis: ArqRedis) -> Persistence:
    """Raises QueueUnreachable."""
    found = await info(redis, "persistence")
    return Persistence(
        is_append_only=bool(found.get("aof_enabled")),
        append_ok=found.get("aof_last_write_status", "ok") == "ok",
        saved_at=datetime.fromtimestamp(int(found.get("rdb_last_save_time", 0)), UTC),
        save_ok=found.get("rdb_last_bgsave_status", "ok") == "ok",
        is_saving=bool(found.get("rdb_bgsave_in_progress")),
        saves=int(found.get("rdb_saves", -1)),
        changes=int(found.get("rdb_changes_since_last_save", 0)),
        append_pending=int(found.get("aof_pending_bio_fsync", 0)),
    )


async def memory(redis: ArqRedis) -> Memory:
    """Raises QueueUnreachable."""
    found, stats = await info(redis, "memory"), await info(redis, "stats")
    return Memory(
        used=int(found.get("used_memory", 0)),
        peak=int(found.get("used_memory_peak", 0)),
        limit=int(found.get("maxmemory", 0)),
        policy=str(found.get("maxmemory_policy", "unknown")),
        evicted=int(stats.get("evicted_keys", 0)),
    )


async def info(redis: ArqRedis, section: str) -> Mapping[str, Any]:
    """A section of INFO; raises QueueUnreachable."""
    try:
        found: Mapping[str, Any] = await redis.info(section)
    except (RedisError, OSError) as error:
        raise QueueUnreachable(f"The Redis server does not answer ({type(error).__name__}).") from error
    return found


async def held(redis: ArqRedis, *, budget_s: float = 2.0) -> Held:
    """Count keys by family, for so many seconds at most; raises QueueUnreachable."""
    found: dict[str, int] = {}
    end, cursor = time.monotonic() + budget_s, 0
    try:
        while True:
            cursor, keys = await redis.scan(cursor, count=_AT_ONCE)
            for key in keys:
                name = family(key)
                found[name] = found.get(name, 0) + 1
            if cursor == 0 or time.monotonic() > end:
                return Held(dict(sorted(found.items())), cursor == 0)
    except (RedisError, OSError) as error:
        raise QueueUnreachable(f"The Redis server does not answer ({type(error).__name__}).") from error


def family(key: bytes) -> str:
    """What a key belongs to."""
    text = key.decode("utf-8", "replace")
    return next((name for beginning, name in FAMILIES if text.startswith(beginning)), FOREIGN)


async def configured(redis: ArqRedis, name: str) -> str | None:
    """A value of CONFIG, None where the server does not tell."""
    try:
        found: Mapping[str, str] = await redis.config_get(name)
    except ResponseError:
        return None
    return found.get(name)
