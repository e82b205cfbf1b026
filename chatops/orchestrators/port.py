"""What the console asks of whatever keeps the services running; a file beside this one for each back end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from chatops.model import NotPossible
from config.ops_services import ServiceEntry


class OrchestratorError(NotPossible):
    """The back end does not answer, or refuses; ``str(error)`` is a sentence that names it."""


class NotOffered(NotPossible):
    """The back end cannot do that at all; ``str(error)`` says what to do instead."""


class State(StrEnum):
    """How a service or an instance is, the same words for all back ends."""

    RUNNING = "running"
    STARTING = "starting"
    UNHEALTHY = "unhealthy"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    UNKNOWN = "unknown"

    @property
    def is_up(self) -> bool:
        """Whether a process is there, be it a sick one."""
        return self not in (State.STOPPED, State.UNKNOWN)


_WORST_FIRST = (State.UNHEALTHY, State.RESTARTING, State.STOPPING, State.STARTING, State.UNKNOWN, State.STOPPED)


@dataclass(frozen=True, slots=True)
class Instance:
    """One process, container or pod.

    ``id`` changes with each start, ``name`` stays where the back end has one that does. ``detail`` is why it is not
    running; memory is in bytes, None where it is not known.
    """

    name: str
    id: str
    state: State
    since: datetime | None = None
    restarts: int = 0
    image: str = ""
    pid: int | None = None
    memory: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A service: ``wanted`` instances shall run. ``progress`` tells how far a change is that is under way."""

    service: str
    wanted: int
    instances: tuple[Instance, ...] = ()
    progress: str = ""

    @property
    def ready(self) -> int:
        """Instances that can be used."""
        return sum(one.state is State.RUNNING for one in self.instances)

    @property
    def state(self) -> State:
        """The worst of its instances; stopped where nothing is to run."""
        if self.is_ready:
            return State.RUNNING
        found = {one.state for one in self.instances if one.state is not State.RUNNING}
        if self.wanted == 0 and found <= {State.STOPPED}:
            return State.STOPPED
        otherwise = State.STARTING if self.wanted else State.STOPPED
        return next((state for state in _WORST_FIRST if state in found), otherwise)

    @property
    def is_ready(self) -> bool:
        """Whether all that shall run can be used."""
        return self.wanted > 0 and self.ready >= self.wanted and not self.progress

    @property
    def is_stopped(self) -> bool:
        """Whether no process is left."""
        return not any(one.state.is_up for one in self.instances)

    @property
    def survivors(self) -> tuple[Instance, ...]:
        """Instances that are still there."""
        return tuple(one for one in self.instances if one.state.is_up)

    def instance(self, name: str) -> Instance | None:
        """By its name or id."""
        return next((one for one in self.instances if name in (one.name, one.id)), None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an instance may use: bytes of memory, processors; None is without limit."""

    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a service that was rolled out."""

    number: int
    image: str
    at: datetime | None = None
    by: str = ""
    is_current: bool = False


@runtime_checkable
class Orchestrator(Protocol):
    """Does what it is asked to one declared service. All methods raise OrchestratorError and NotOffered.

    A stop is SIGTERM, which lets a worker finish its picture, and SIGKILL when ``grace`` is over; methods return when
    the old process has ended, not when the new one is ready: see ``Service.until``. ``title`` is its name in sentences.
    """

    title: str

    async def status(self, service: ServiceEntry) -> Status:
        """How it is."""
        ...

    async def start(self, service: ServiceEntry) -> None:
        """Start what does not run."""
        ...

    async def stop(self, service: ServiceEntry, grace: timedelta) -> None:
        """Stop all instances, and have them stay so."""
        ...

    async def restart(self, service: ServiceEntry, instance: Instance, grace: timedelta) -> None:
        """Restart one instance."""
        ...

    async def restart_rolling(self, service: ServiceEntry, by: str) -> bool:
        """Begin to restart all instances, none of which is missed; False where only the caller can, one by one."""
        ...

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """Have so many instances."""
        ...

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """What it wrote last, oldest first; lines of several instances begin with their names."""
        ...

    async def recreate(self, service: ServiceEntry, grace: timedelta) -> None:
        """Make its instances anew of the same image; volumes stay."""
        ...

    async def limits(self, service: ServiceEntry) -> Limits:
        """What an instance may use."""
        ...

    async def set_limits(self, service: ServiceEntry, limits: Limits) -> None:
        """Change that while it runs; None leaves a limit as it is."""
        ...

    async def history(self, service: ServiceEntry) -> list[Revision]:
        """What was rolled out, newest first."""
        ...

    async def roll_out(self, service: ServiceEntry, image: str, by: str) -> None:
        """Replace its instances by ones of this image; returns when that has begun."""
        ...

    async def roll_back(self, service: ServiceEntry, revision: Revision, by: str) -> None:
        """Return to what was rolled out before; returns when that has begun."""
        ...

    async def traffic(self, route: str, label: str) -> str:
        """Where a route leads: the value of a label."""
        ...

    async def lead(self, route: str, label: str, value: str) -> None:
        """Have a route lead elsewhere."""
        ...

    async def reload(self, service: ServiceEntry) -> None:
        """Have it check and read its configuration again; raises OrchestratorError with what is wrong with it."""
        ...


REFUSALS = {
    "scale": "{title} cannot change how many instances of {service} run.",
    "logs": "{title} keeps no logs of {service}.",
    "recreate": "{title} has no containers to make anew; restart {service} instead.",
    "limits": "{title} sets no limits for {service}.",
    "set_limits": "{title} sets no limits for {service}.",
    "history": "{title} knows no images; {service} is updated with the packages of its machine.",
    "roll_out": "{title} knows no images; {service} is updated with the packages of its machine.",
    "reload": "{title} cannot have {service} read its configuration again; restart it.",
    "traffic": "{title} leads no traffic to {service}; blue and green need Kubernetes.",
    "lead": "{title} leads no traffic to {service}; blue and green need Kubernetes.",
}
"""What is said where a back end cannot do something."""


class Basic:
    """A back end that has nothing of what it does not define. ``title`` is its name in sentences."""

    title = "This back end"

    async def restart_rolling(self, service: ServiceEntry, by: str) -> bool:
        """See Orchestrator."""
        return False

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """See Orchestrator."""
        raise self._refusal("scale", service.name)

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """See Orchestrator."""
        raise self._refusal("logs", service.name)

    async def recreate(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator."""
        raise self._refusal("recreate", service.name)

    async def limits(self, service: ServiceEntry) -> Limits:
        """See Orchestrator."""
        raise self._refusal("limits", service.name)

    async def set_limits(self, service: ServiceEntry, limits: Limits) -> None:
        """See Orchestrator."""
        raise self._refusal("set_limits", service.name)

    async def history(self, service: ServiceEntry) -> list[Revision]:
        """See Orchestrator."""
        raise self._refusal("history", service.name)

    async def roll_out(self, service: ServiceEntry, image: str, by: str) -> None:
        """See Orchestrator."""
        raise self._refusal("roll_out", service.name)

    async def roll_back(self, service: ServiceEntry, revision: Revision, by: str) -> None:
        """See Orchestrator."""
        await self.roll_out(service, revision.image, by)

    async def traffic(self, route: str, label: str) -> str:
        """See Orchestrator."""
        raise self._refusal("traffic", route)

    async def lead(self, route: str, label: str, value: str) -> None:
        """See Orchestrator."""
        raise self._refusal("lead", route)

    async def reload(self, service: ServiceEntry) -> None:
        """See Orchestrator."""
        raise self._refusal("reload", service.name)

    def _refusal(self, what: str, service: str) -> NotOffered:
        return NotOffered(REFUSALS[what].format(title=self.title, service=service))
