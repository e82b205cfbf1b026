"""The supervisor of ``screen2deck up``, asked on its socket."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from chatops.orchestrators.port import Basic, Instance, NotOffered, OrchestratorError, State, Status
from config.ops_services import ServiceEntry

_ANSWER_S = 5.0
"""Beyond what a part may take to stop."""
_LONGEST_ANSWER = 32 * 1024 * 1024

_STATES = {
    "starting": State.STARTING,
    "ready": State.RUNNING,
    "restarting": State.RESTARTING,
    "stopping": State.STOPPING,
    "stopped": State.STOPPED,
    "failed": State.STOPPED,
}


class LocalSupervisor(Basic):
    """Parts of one machine. A service is the part of its unit's name, or all parts ``UNIT-NUMBER``."""

    title = "The local supervisor"

    def __init__(self, control: Path) -> None:
        self._control = control

    async def status(self, service: ServiceEntry) -> Status:
        """See Orchestrator."""
        parts = await self._parts(service)
        wanted = sum(bool(one["wanted"]) for one in parts)
        return Status(service.name, wanted, tuple(_instance(one) for one in parts))

    async def start(self, service: ServiceEntry) -> None:
        """See Orchestrator."""
        for part in await self._parts(service):
            await self._order({"do": "start", "part": part["name"]})

    async def stop(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator; a part has the time that the supervisor gives it."""
        parts = await self._parts(service)
        patience = max((float(part["stop_within"]) for part in parts), default=0.0)
        orders = ({"do": "stop", "part": part["name"]} for part in parts)
        await asyncio.gather(*(self._order(one, patience * len(parts)) for one in orders))

    async def restart(self, service: ServiceEntry, instance: Instance, grace: timedelta) -> None:
        """See Orchestrator; without ``grace`` it is killed at once."""
        parts = {part["name"]: part for part in await self._parts(service)}
        if instance.name not in parts:
            raise OrchestratorError(f"{service.name} has no instance {instance.name} any more.")
        order = {"do": "restart", "part": instance.name, "at_once": not grace}
        await self._order(order, float(parts[instance.name]["stop_within"]))

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """See Orchestrator."""
        parts = await self._parts(service)
        if [part["name"] for part in parts] == [service.unit]:
            raise NotOffered(f"{service.name} is one process and cannot be several.")
        patience = max((float(part["stop_within"]) for part in parts), default=0.0)
        await self._order({"do": "scale", "count": count}, patience)

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """See Orchestrator."""
        found: list[tuple[float, str]] = []
        parts = await self._parts(service)
        for part in parts:
            answer = await self._order({"do": "logs", "part": part["name"], "lines": lines})
            name = f"{part['name']} | " if len(parts) > 1 else ""
            found += [(at, name + line) for at, line in answer["lines"]]
        begin = 0.0 if since is None else since.timestamp()
        return [line for at, line in sorted(found, key=lambda one: one[0]) if at >= begin][-lines:]

    async def _parts(self, service: ServiceEntry) -> list[Mapping[str, Any]]:
        answer = await self._order({"do": "status"})
        parts = [one for one in answer["parts"] if _is_of(service, one["name"])]
        if not parts:
            raise OrchestratorError(f"The supervisor has no part for {service.name}.")
        return parts

    async def _order(self, order: Mapping[str, Any], patience_s: float = 0.0) -> Mapping[str, Any]:
        """Have one order followed; raises OrchestratorError."""
        try:
            async with asyncio.timeout(_ANSWER_S + patience_s):
                reader, writer = await asyncio.open_unix_connection(self._control, limit=_LONGEST_ANSWER)
                try:
                    writer.write(json.dumps(order).encode() + b"\n")
                    answer: Mapping[str, Any] = json.loads(await reader.readline())
                finally:
                    writer.close()
        except (OSError, ValueError) as error:
            raise OrchestratorError("The supervisor (screen2deck up) does not answer.") from error
        if not answer["ok"]:
            raise OrchestratorError(answer["error"])
        return answer


def _is_of(service: ServiceEntry, part: str) -> bool:
    stem, _, number = part.rpartition("-")
    return part == service.unit or (stem == service.unit and number.isdecimal())


def _instance(part: Mapping[str, Any]) -> Instance:
    pid = part["pid"]
    return Instance(
        name=part["name"],
        id=f"{part['name']}#{part['starts']}",
        state=_STATES.get(part["state"], State.UNKNOWN),
        since=datetime.fromtimestamp(part["since"], UTC),
        restarts=max(0, part["starts"] - 1),
        pid=pid,
        memory=_memory(pid),
        detail=part["detail"],
    )


def _memory(pid: int | None) -> int | None:
    """Of a process and its children."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        return sum(int(one.memory_info().rss) for one in [process, *process.children(recursive=True)])
    except psutil.Error:
        return None
