"""Units of systemd, by ``systemctl``; a unit that ends in ``@.service`` has numbered instances."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chatops.orchestrators.port import Basic, Instance, Limits, OrchestratorError, State, Status
from config.ops_services import ServiceEntry, SystemdEntry
from config.programs import ProgramError, result_of

_ANSWER_S = 10.0
_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,Result,MainPID,NRestarts,StateChangeTimestamp,MemoryCurrent,MemoryMax,"
    "CPUQuotaPerSecUSec"
)
_STATES = {
    "active": State.RUNNING,
    "reloading": State.RUNNING,
    "activating": State.STARTING,
    "deactivating": State.STOPPING,
    "inactive": State.STOPPED,
    "failed": State.STOPPED,
}
_UNLIMITED = "infinity"
_SPAN = re.compile(r"(?:(\d+)min)?\s*(?:([\d.]+)s)?\s*(?:([\d.]+)ms)?\s*(?:([\d.]+)us)?")


class Systemd(Basic):
    """A service's unit is a unit of systemd, or a template of ``count`` instances."""

    title = "systemd"

    def __init__(self, entry: SystemdEntry) -> None:
        self._scope = ("--user",) if entry.user else ("--system",)

    async def status(self, service: ServiceEntry) -> Status:
        """See Orchestrator. Units that all are inactive are not wanted."""
        instances = tuple(_instance(one) for one in await self._shown(service))
        is_up = any(one.state.is_up or one.detail for one in instances)
        return Status(service.name, len(instances) if is_up else 0, instances)

    async def start(self, service: ServiceEntry) -> None:
        """See Orchestrator."""
        await self._systemctl(_ANSWER_S, "start", "--no-block", *await self._units(service))

    async def stop(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator; the time to finish is the unit's TimeoutStopSec, which should be ``grace``."""
        await self._systemctl(grace.total_seconds() + _ANSWER_S, "stop", *await self._units(service))

    async def restart(self, service: ServiceEntry, instance: Instance, grace: timedelta) -> None:
        """See Orchestrator. The request is systemd's from then on: this process may be what is restarted."""
        if not grace:
            await self._systemctl(_ANSWER_S, "kill", "--signal=SIGKILL", instance.name)
        await self._systemctl(grace.total_seconds() + _ANSWER_S, "restart", instance.name)

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """See Orchestrator: instances of a template."""
        if not service.unit.endswith("@.service"):
            await super().scale(service, count, grace)
        stem = service.unit.removesuffix(".service")
        there = {one["Id"]: _instance(one).state.is_up for one in await self._shown(service)}
        wanted = [f"{stem}{number}.service" for number in range(1, count + 1)]
        if missing := [name for name in wanted if not there.get(name)]:
            await self._systemctl(_ANSWER_S, "start", "--no-block", *missing)
        if beyond := [name for name, is_up in there.items() if is_up and name not in wanted]:
            await self._systemctl(grace.total_seconds() + _ANSWER_S, "stop", *beyond)

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """See Orchestrator: of the journal."""
        units = await self._units(service)
        chosen = [f"--unit={unit}" for unit in units]
        asked = [] if since is None else [f"--since=@{since.timestamp():.0f}"]
        scope = ["--user"] if "--user" in self._scope else []
        form = "cat" if len(units) == 1 else "short-iso"
        told = await _output(
            ["journalctl", *scope, "--no-pager", "--quiet", f"--output={form}", f"--lines={lines}", *asked, *chosen],
            _ANSWER_S,
        )
        return told.splitlines()

    async def limits(self, service: ServiceEntry) -> Limits:
        """See Orchestrator."""
        shown = (await self._shown(service))[0]
        memory, cpus = shown.get("MemoryMax", _UNLIMITED), shown.get("CPUQuotaPerSecUSec", _UNLIMITED)
        return Limits(int(memory) if memory.isdecimal() else None, _seconds(cpus))

    async def set_limits(self, service: ServiceEntry, limits: Limits) -> None:
        """See Orchestrator; forgotten when the machine restarts."""
        changes = [] if limits.memory is None else [f"MemoryMax={limits.memory}"]
        changes += [] if limits.cpus is None else [f"CPUQuota={round(limits.cpus * 100)}%"]
        for unit in await self._units(service):
            await self._systemctl(_ANSWER_S, "set-property", "--runtime", unit, *changes)

    async def reload(self, service: ServiceEntry) -> None:
        """See Orchestrator: the unit's ExecReload."""
        await self._systemctl(_ANSWER_S + service.stop_seconds, "reload", *await self._units(service))

    async def _units(self, service: ServiceEntry) -> list[str]:
        return [one["Id"] for one in await self._shown(service)]

    async def _shown(self, service: ServiceEntry) -> list[Mapping[str, str]]:
        """Of all instances, those included that were added in chat; raises OrchestratorError."""
        units = [service.unit if "." in service.unit else f"{service.unit}.service"]
        if service.unit.endswith("@.service"):
            stem = service.unit.removesuffix(".service")
            units = [f"{stem}{number}.service" for number in range(1, service.count + 1)]
            listed = await self._systemctl(_ANSWER_S, "list-units", "--plain", "--no-legend", "--no-pager", f"{stem}*")
            units += sorted({line.split()[0] for line in listed.splitlines() if line.split()} - set(units))
        told = await self._systemctl(_ANSWER_S, "show", "--no-pager", f"--property={_PROPERTIES}", *units)
        found: list[Mapping[str, str]] = [
            dict(_pair(line) for line in block.splitlines()) for block in told.strip().split("\n\n")
        ]
        if missing := [one["Id"] for one in found if one.get("LoadState") == "not-found"]:
            raise OrchestratorError(f"systemd has no unit {missing[0]}.")
        return found

    async def _systemctl(self, within_s: float, *words: str) -> str:
        return await _output(["systemctl", *self._scope, "--no-ask-password", *words], within_s)


async def _output(command: Sequence[str], within_s: float) -> str:
    """What a command prints; raises OrchestratorError with its first words where it fails."""
    try:
        # What is restarted may be this process: the signal to its group does not reach a program of a group of its own.
        printed = await result_of(command, within_s, line=0, longest=200)
    except ProgramError as error:
        raise OrchestratorError(str(error)) from error
    return printed.decode("utf-8", "replace")


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


def _instance(shown: Mapping[str, str]) -> Instance:
    state = _STATES.get(shown.get("ActiveState", ""), State.UNKNOWN)
    if shown.get("SubState") == "auto-restart":
        state = State.RESTARTING
    result = shown.get("Result", "success")
    pid, memory = int(shown.get("MainPID", "0") or 0), shown.get("MemoryCurrent", "")
    return Instance(
        name=shown["Id"],
        id=f"{shown['Id']}#{pid}",
        state=state,
        since=_moment(shown.get("StateChangeTimestamp", "")),
        restarts=int(shown.get("NRestarts", "0") or 0),
        pid=pid or None,
        memory=int(memory) if memory.isdecimal() else None,
        detail="" if result == "success" else result,
    )


def _moment(text: str) -> datetime | None:
    """``Mon 2026-11-30 16:40:00 UTC``; None where the machine tells its own zone, whose name says nothing."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    return None


def _seconds(span: str) -> float | None:
    """``1.500000s`` or ``500ms`` as seconds; None for no limit."""
    found = _SPAN.fullmatch(span.strip())
    if span in ("", _UNLIMITED) or found is None:
        return None
    minutes, seconds, thousandths, millionths = (float(one or 0) for one in found.groups())
    return minutes * 60 + seconds + thousandths / 1000 + millionths / 1_000_000
