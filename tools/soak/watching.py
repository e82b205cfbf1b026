"""What the product holds while it works: memory, handles and threads of its processes, queue, files."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tools.soak.product import Product

EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Held:
    """By all processes of one role: bytes (shared pages by halves, PSS), and the most handles and threads of one.

    Connections of programs that ask over HTTP are no handles here.
    """

    memory: int
    handles: int
    threads: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One look; the queue counts what is read too."""

    at: float
    roles: dict[str, Held]
    jobs: int
    oldest_s: float
    outbox: int
    dead: int
    database: int
    redis: int
    pids: frozenset[tuple[str, int]]

    @property
    def memory(self) -> int:
        """Of all processes."""
        return sum(one.memory for one in self.roles.values())


@dataclass(slots=True)
class Watch:
    """Looks every few seconds; ``ask`` gives what `GET /health/detailed` says."""

    product: Product
    ask: Callable[[], Awaitable[dict[str, Any]]]
    samples: list[Sample] = field(default_factory=list)
    blind: int = 0
    """Looks that got no answer."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                self.samples.append(await self.look())
            except (aiohttp.ClientError, OSError):
                self.blind += 1
            await asyncio.sleep(EVERY_S)

    def begin(self) -> None:
        """Forget what was seen."""
        self.samples.clear()
        self.blind = 0

    async def look(self) -> Sample:
        """All of it now."""
        told = await self.ask()
        roles, pids = await asyncio.to_thread(_held, self.product)
        data = self.product.data_dir
        return Sample(
            at=time.monotonic(),
            roles=roles,
            jobs=told["queue"]["jobs"],
            oldest_s=told["queue"]["oldest_seconds"] or 0.0,
            outbox=told["outbox"]["pending"],
            dead=told["queue"]["dead_letters"],
            database=_size(data, "*.db*"),
            redis=_size(data / "redis", "**/*.aof"),
            pids=pids,
        )


def _held(product: Product) -> tuple[dict[str, Held], frozenset[tuple[str, int]]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    pids = set()
    for process, role in product.processes().items():
        try:
            with process.oneshot():
                memory = process.memory_full_info().pss
                handles = process.num_fds() - _callers(process, product.port if role == "bot" else 0)
                threads = process.num_threads()
        except psutil.Error:
            continue
        one = sums[role]
        one[:] = one[0] + memory, max(one[1], handles), max(one[2], threads)
        pids.add((role, process.pid))
    return {role: Held(*numbers) for role, numbers in sorted(sums.items())}, frozenset(pids)


def _callers(process: psutil.Process, port: int) -> int:
    """Connections of those who ask over HTTP: how many there are is theirs."""
    if not port:
        return 0
    connections = process.net_connections("tcp")
    return sum(bool(one.raddr) and one.laddr.port == port for one in connections)


def _size(folder: Path, pattern: str) -> int:
    total = 0
    for path in folder.glob(pattern):
        try:
            total += path.stat().st_size
        except OSError:  # a journal that has just gone
            continue
    return total
