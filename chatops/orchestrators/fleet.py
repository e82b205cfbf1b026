"""The declared services of a deployment, each with the back end that runs it; nothing else can be touched."""

import asyncio
import importlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chatops.model import NotConfigured
from chatops.orchestrators.port import (
    REFUSALS,
    Basic,
    Instance,
    Limits,
    NotOffered,
    Orchestrator,
    OrchestratorError,
    Revision,
    Status,
)
from chatops.parameters import one_of
from chatops.parts import Need
from config.ops_services import BackEnd, Kind, OrchestratorsEntry, ServiceEntry
from config.settings import SettingsError

_LOOK_S, _SELDOM_S, _SLOWER = 0.2, 2.0, 1.2
"""How often a service is looked at that is waited for: less often the longer it takes."""


@dataclass(frozen=True, slots=True)
class Service:
    """One declared service. Methods raise as those of Orchestrator; see there what they do."""

    entry: ServiceEntry
    _by: Orchestrator

    @property
    def name(self) -> str:
        """As ``ops.yaml`` calls it."""
        return self.entry.name

    @property
    def grace(self) -> timedelta:
        """Time from SIGTERM to SIGKILL."""
        return timedelta(seconds=self.entry.stop_seconds)

    def check_offered(self, what: str) -> None:
        """Raise NotOffered where the back end has no method ``what`` of its own, such as ``recreate``."""
        if getattr(type(self._by), what) is getattr(Basic, what):
            raise NotOffered(REFUSALS[what].format(title=self._by.title, service=self.name))

    async def status(self) -> Status:
        """How it is."""
        return await self._by.status(self.entry)

    async def start(self) -> None:
        """Start what does not run."""
        await self._by.start(self.entry)

    async def stop(self, grace: timedelta | None = None) -> None:
        """Stop it."""
        await self._by.stop(self.entry, self.grace if grace is None else grace)

    async def restart(self, instance: Instance, grace: timedelta | None = None) -> None:
        """Restart one instance."""
        await self._by.restart(self.entry, instance, self.grace if grace is None else grace)

    async def restart_rolling(self, by: str) -> bool:
        """Restart all instances, if the back end does that by itself."""
        return await self._by.restart_rolling(self.entry, by)

    async def scale(self, count: int) -> None:
        """Have so many instances."""
        await self._by.scale(self.entry, count, self.grace)

    async def logs(self, lines: int, since: datetime | None = None) -> list[str]:
        """What it wrote last."""
        return await self._by.logs(self.entry, lines, since)

    async def recreate(self) -> None:
        """Make its instances anew."""
        await self._by.recreate(self.entry, self.grace)

    async def limits(self) -> Limits:
        """What an instance may use."""
        return await self._by.limits(self.entry)

    async def set_limits(self, limits: Limits) -> None:
        """Change that."""
        await self._by.set_limits(self.entry, limits)

    async def history(self) -> list[Revision]:
        """What was rolled out."""
        return await self._by.history(self.entry)

    async def roll_out(self, image: str, by: str) -> None:
        """Replace its instances by ones of this image."""
        await self._by.roll_out(self.entry, image, by)

    async def roll_back(self, revision: Revision, by: str) -> None:
        """Return to what was rolled out before."""
        await self._by.roll_back(self.entry, revision, by)

    async def traffic(self, route: str, label: str) -> str:
        """Where a route leads, of the back end that runs this service."""
        return await self._by.traffic(route, label)

    async def lead(self, route: str, label: str, value: str) -> None:
        """Have a route lead elsewhere."""
        await self._by.lead(route, label, value)

    async def reload(self) -> None:
        """Have it read its configuration again."""
        await self._by.reload(self.entry)

    async def until(self, holds: Callable[[Status], bool], within: timedelta) -> Status:
        """Look until something holds of it, or the time is over; the last that was seen.

        A back end that does not answer in between, such as a supervisor that is busy, is asked again.
        """
        end, pause = time.monotonic() + within.total_seconds(), _LOOK_S
        while True:
            try:
                status = await self.status()
            except OrchestratorError:
                if time.monotonic() >= end:
                    raise
            else:
                if holds(status) or time.monotonic() >= end:
                    return status
            await asyncio.sleep(pause)
            pause = min(_SELDOM_S, pause * _SLOWER)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All declared services, in the order in which they are started."""

    entries: Sequence[ServiceEntry]
    back_ends: Mapping[BackEnd, Orchestrator] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What may be asked for."""
        return [one.name for one in self.entries]

    def service(self, name: str) -> Service:
        """By its name; raises BadArgument with the nearest."""
        wanted = one_of(name, self.names)
        return next(self._service(one) for one in self.entries if one.name == wanted)

    def of_kind(self, kind: Kind) -> list[Service]:
        """Those that are it, or are it beside something else; raises NotConfigured where none is."""
        own = [one for one in self.entries if one.kind is kind]
        found = own or [one for one in self.entries if one.is_a(kind)]
        if not found:
            raise NotConfigured(f"No service of this deployment is a {kind.value}; ops.yaml declares {self._said()}.")
        return [self._service(one) for one in found]

    def has(self, kind: Kind) -> bool:
        """Whether a service is it."""
        return any(one.is_a(kind) for one in self.entries)

    def all(self) -> list[Service]:
        """In the order in which they are started; the reverse is that in which they are stopped."""
        return [self._service(one) for one in self.entries]

    async def statuses(self, names: Collection[str] | None = None) -> list[tuple[Service, Status | OrchestratorError]]:
        """How all are, asked at once; what cannot be told comes as its error."""
        services = [one for one in self.all() if names is None or one.name in names]
        return list(zip(services, await asyncio.gather(*map(_told, services)), strict=True))

    def _service(self, entry: ServiceEntry) -> Service:
        return Service(entry, self.back_ends[entry.back_end])

    def _said(self) -> str:
        return ", ".join(self.names) or "none"


async def _told(service: Service) -> Status | OrchestratorError:
    try:
        return await service.status()
    except OrchestratorError as error:
        return error


ORCHESTRATOR: Need[Fleet] = Need(
    "orchestrator",
    "No services are declared under services in ops.yaml, and no supervisor (screen2deck up) runs on this data folder.",
)
"""What starts and stops the services of this deployment."""

_MODULES = {
    BackEnd.LOCAL: ("local", "LocalSupervisor", ""),
    BackEnd.DOCKER: ("docker", "Docker", "docker"),
    BackEnd.KUBERNETES: ("kubernetes", "Kubernetes", "kubernetes"),
    BackEnd.SYSTEMD: ("systemd", "Systemd", ""),
}


def open_fleet(entries: Sequence[ServiceEntry], orchestrators: OrchestratorsEntry, control: Path) -> Fleet:
    """Make the back ends that services name, each of which is imported only then; raises SettingsError.

    ``control`` is the socket of the supervisor on this data folder. Connections live as long as what needs them.
    """
    return Fleet(entries, {one: _back_end(one, orchestrators, control) for one in {e.back_end for e in entries}})


def _back_end(name: BackEnd, orchestrators: OrchestratorsEntry, control: Path) -> Orchestrator:
    module, kind, extra = _MODULES[name]
    try:
        made = getattr(importlib.import_module(f"chatops.orchestrators.{module}"), kind)
        settings = control if name is BackEnd.LOCAL else getattr(orchestrators, name.value)
        back_end: Orchestrator = made(settings)
    except ImportError as error:
        raise SettingsError(
            f"Services of ops.yaml are run by {name.value}, which needs: pip install 'screen2deck[{extra}]' ({error})."
        ) from error
    return back_end
