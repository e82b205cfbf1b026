"""The pool of connections to Postgres, resized while it is used."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg
from tortoise.connection import get_connections

from config.tasks import Tasks
from storage import values
from storage.errors import DatabaseUnreachable

KEY = "db.pool"
"""Under which ``storage.values`` keeps the size that an operator set."""
SIZE, OVERFLOW = 1, 9
"""Connections that a process keeps, and how many more it may open, where nobody has set any."""


@dataclass(frozen=True, slots=True)
class PoolSize:
    """Connections that a process keeps open, and how many more it may open when it needs them."""

    size: int = SIZE
    overflow: int = OVERFLOW

    @property
    def most(self) -> int:
        """Connections of one process at most."""
        return self.size + self.overflow


@dataclass(frozen=True, slots=True)
class PoolState:
    """The pool of this process: its bounds, connections that are open, and those of them that nobody uses."""

    size: int
    most: int
    open: int
    idle: int


async def wanted() -> PoolSize:
    """What was set, or what ships; raises DatabaseUnreachable."""
    stored = await values.value(KEY)
    return PoolSize() if stored is None else PoolSize(**stored)


async def follow() -> PoolState | None:
    """Have the pool of this process be as large as it was set to be; None on SQLite. Raises DatabaseUnreachable."""
    client: Any = get_connections().get("default")
    if not hasattr(client, "pool_maxsize"):
        return None
    size = await wanted()
    if (client.pool_minsize, client.pool_maxsize) != (size.size, size.most) and await values.value(KEY) is not None:
        await resize(client, size)
    return state(client)


def state(client: Any) -> PoolState:
    """As it is now."""
    pool = client._pool
    if pool is None:
        return PoolState(client.pool_minsize, client.pool_maxsize, 0, 0)
    return PoolState(pool.get_min_size(), pool.get_max_size(), pool.get_size(), pool.get_idle_size())


async def resize(client: Any, size: PoolSize) -> None:
    """Let another pool take over; what is in use goes back to the one that it came from.

    asyncpg's pools have the size that they were made with. Raises DatabaseUnreachable.
    """
    before = (client.pool_minsize, client.pool_maxsize)
    client.pool_minsize, client.pool_maxsize = size.size, size.most
    if client._pool is None:
        return
    template = {**client._template, "min_size": size.size, "max_size": size.most}
    try:
        new = await client.create_pool(password=client.password, **template)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        client.pool_minsize, client.pool_maxsize = before
        raise DatabaseUnreachable(f"No pool of {size.size} connections can be opened ({error}).") from error
    client._template = template
    pool = client._pool if isinstance(client._pool, ChangingPool) else ChangingPool(client._pool)
    client._pool = pool
    pool.change_to(new)


@dataclass(slots=True)
class ChangingPool:
    """As much of a pool as Tortoise uses; connections are taken from the newest and go back to their own."""

    newest: asyncpg.Pool
    _leaving: Tasks = field(default_factory=Tasks)

    def change_to(self, new: asyncpg.Pool) -> None:
        """Take connections from there from now on; the one before closes when its last one has come back."""
        old, self.newest = self.newest, new
        self._leaving.start(old.close(), "a pool that was replaced closes")

    async def acquire(self, **options: Any) -> Any:
        """A connection."""
        return await self.newest.acquire(**options)

    async def release(self, connection: Any, **options: Any) -> None:
        """Give it back to the pool that it is of."""
        holder = connection._holder
        pool = self.newest if holder is None else holder._pool
        await pool.release(connection, **options)

    async def close(self) -> None:
        """Close all."""
        await self.newest.close()
        await self._leaving.settle()

    def terminate(self) -> None:
        """Close all, whatever is in use."""
        self._leaving.cancel()
        self.newest.terminate()

    async def expire_connections(self) -> None:
        """Have all connections replaced when they are used next."""
        await self.newest.expire_connections()

    def __getattr__(self, name: str) -> Any:
        """Sizes, as the newest tells them."""
        return getattr(self.newest, name)
