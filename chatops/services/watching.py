"""Watching a release: error rate, delay and restarts, for as long as it is asked for."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chatops import figures
from chatops.figures import Measured
from chatops.model import OpsError
from chatops.orchestrators.fleet import Service
from chatops.orchestrators.port import Status
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import span
from storage.errors import StorageError

LOOK_S = 5.0
NAMES = ("error_rate", "api_latency_p95")
_UNREADY_LOOKS = 3
"""So often in a row a service may be seen that is not ready."""
_RESTARTS = 2
"""So many restarts since the beginning are one too many."""


@dataclass(slots=True)
class Watch:
    """What is watched, with what was found when it began."""

    services: Sequence[Service]
    restarts: dict[str, int]
    before: dict[str, Measured]
    unready: int = 0

    @classmethod
    async def begin(cls, parts: Parts, services: Sequence[Service]) -> "Watch":
        """As it is now; raises OrchestratorError."""
        restarts = {one.name: _restarts(await one.status()) for one in services}
        return cls(services, restarts, await _measured(parts))

    async def look(self, parts: Parts) -> tuple[str, str]:
        """How it is in one line, and why it should be undone, empty where it should not."""
        now = await _measured(parts)
        limits = await figures.thresholds(parts)
        reasons = [
            f"{_words(now[name])} is beyond its alert of {limits[name].alert:g}"
            for name in NAMES
            if figures.condition(now[name], limits.get(name)) == "alert" and self._is_worse(now[name])
        ]
        states: list[str] = []
        for one in self.services:
            states.append(await self._looked_at(one, reasons))
        line = ", ".join([_words(now[name]) for name in NAMES] + states)
        return line, "; ".join(reasons)

    def _is_worse(self, now: Measured) -> bool:
        """What was so before is not the release's doing."""
        before = self.before[now.name].value
        return before is None or (now.value or 0.0) > before

    async def _looked_at(self, service: Service, reasons: list[str]) -> str:
        try:
            status = await service.status()
        except OpsError as error:
            return str(error)
        restarted = _restarts(status) - self.restarts[service.name]
        if restarted >= _RESTARTS:
            reasons.append(f"{service.name} has restarted {restarted} times")
        self.unready = 0 if status.is_ready else self.unready + 1
        if self.unready >= _UNREADY_LOOKS:
            reasons.append(f"{service.name} is {status.state}")
        return f"{service.name} {status.ready} of {status.wanted} ready, {max(0, restarted)} restarts"


async def watch(run: Run, watched: Watch, length: timedelta) -> tuple[str, str]:
    """Look until the time is over or it should be undone; the last line, and why."""
    end = time.monotonic() + length.total_seconds()
    while True:
        line, reason = await watched.look(run.parts)
        left = end - time.monotonic()
        await run.step(f"{line}; {span(max(0.0, left))} left.")
        if reason or left <= 0:
            return line, reason
        await asyncio.sleep(min(LOOK_S, max(0.0, left)))


async def _measured(parts: Parts) -> dict[str, Measured]:
    try:
        return await figures.currents(parts, NAMES)
    except StorageError:
        return {name: Measured(name, None, "not measured") for name in NAMES}


def _words(one: Measured) -> str:
    if one.value is None:
        return f"{_TITLES[one.name]} unknown"
    value = f"{one.value:.1%}" if one.name == "error_rate" else f"{one.value * 1000:.0f} ms"
    return f"{_TITLES[one.name]} {value}"


_TITLES = {"error_rate": "errors", "api_latency_p95": "p95"}


def _restarts(status: Status) -> int:
    return sum(one.restarts for one in status.instances)
