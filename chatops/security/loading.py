"""Load on a staging copy: people who ask one thing after another, more of them every second, until it is enough."""

import asyncio
import contextlib
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp

from config.tasks import beside

ERRORS_ALLOWED = 0.05
_ENOUGH = 20
"""Requests before errors are counted as a share."""
PAUSE_S = (0.5, 1.5)
"""How long somebody thinks between two requests."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_TELL_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """One request, and the statuses that are right; ``weight`` is how often it comes."""

    name: str
    method: str
    path: str
    good: frozenset[int]
    weight: int = 1
    needs_token: bool = False


TASKS = (
    Task("health", "GET", "/health", frozenset({200}), 2),
    Task("readiness", "GET", "/health/ready", frozenset({200}), 1),
    Task("state of a picture", "GET", "/api/ocr/status/{id}", frozenset({404}), 4, needs_token=True),
)


@dataclass(slots=True)
class Measured:
    """What was measured, in milliseconds, by the name of the task."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    aborted: str = ""

    @property
    def count(self) -> int:
        """Requests that were answered, rightly or not."""
        return sum(len(one) for one in self.times.values())

    @property
    def error_share(self) -> float:
        """0 to 1."""
        return self.errors.total() / self.count if self.count else 0.0

    def add(self, name: str, milliseconds: float, problem: str) -> None:
        """One request."""
        self.times.setdefault(name, []).append(milliseconds)
        if problem:
            self.errors[f"{name}: {problem}"] += 1

    def percentiles(self, name: str | None = None) -> tuple[float, float, float]:
        """p50, p95 and p99 of one task, or of all."""
        found = self.times.get(name, []) if name else [one for times in self.times.values() for one in times]
        if len(found) < 2:
            only = found[0] if found else 0.0
            return only, only, only
        cuts = statistics.quantiles(found, n=100, method="inclusive")
        return cuts[49], cuts[94], cuts[98]


@dataclass(slots=True)
class Load:
    """``users`` ask ``target``, ``spawn`` more of them each second; ``key`` is an API key of the copy."""

    target: str
    users: int
    spawn: int
    seconds: float
    key: str = ""
    measured: Measured = field(default_factory=Measured)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, tell: Callable[[str], Awaitable[None]]) -> Measured:
        """Until the time is over or too much goes wrong; raises aiohttp.ClientError where signing in does not work."""
        began = time.monotonic()
        async with aiohttp.ClientSession(self.target, timeout=_TIMEOUT) as client:
            headers = await self._signed_in(client)
            tasks = [one for one in TASKS if headers or not one.needs_token]
            users = (self._be_user(client, tasks, headers, n) for n in range(self.users))
            async with beside(*users, self._tell(tell)):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.seconds):
                        await self._stop.wait()
        self.measured.seconds = time.monotonic() - began
        return self.measured

    async def _signed_in(self, client: aiohttp.ClientSession) -> dict[str, str]:
        if not self.key:
            return {}
        async with client.post("/api/auth/login", headers={"X-API-Key": self.key}) as response:
            response.raise_for_status()
            return {"Authorization": f"Bearer {(await response.json())['access_token']}"}

    async def _be_user(
        self, client: aiohttp.ClientSession, tasks: Sequence[Task], headers: dict[str, str], number: int
    ) -> None:
        await asyncio.sleep(number / self.spawn)
        while True:
            [task] = random.choices(tasks, [one.weight for one in tasks])  # noqa: S311  (no secret)
            await self._ask(client, task, headers)
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311  (no secret)

    async def _ask(self, client: aiohttp.ClientSession, task: Task, headers: dict[str, str]) -> None:
        began, problem = time.monotonic(), ""
        path = task.path.replace("{id}", str(uuid4()))
        try:
            async with client.request(task.method, path, headers=headers if task.needs_token else {}) as response:
                await response.read()
                problem = "" if response.status in task.good else f"status {response.status}"
        except TimeoutError:
            problem = "no answer"
        except aiohttp.ClientError as error:
            problem = type(error).__name__
        self.measured.add(task.name, (time.monotonic() - began) * 1000, problem)
        if self.measured.count >= _ENOUGH and self.measured.error_share > ERRORS_ALLOWED:
            self.measured.aborted = f"{self.measured.error_share:.0%} of requests failed"
            self._stop.set()

    async def _tell(self, tell: Callable[[str], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(_TELL_EVERY_S)
            p50, p95, _ = self.measured.percentiles()
            share = f"{self.measured.error_share:.1%}"
            await tell(f"{self.measured.count} requests, p50 {p50:.0f} ms, p95 {p95:.0f} ms, {share} failed.")
