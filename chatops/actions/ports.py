"""Ports of this machine: who holds them, and how one is freed that a leftover of ours holds."""

from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet
from chatops.parameters import Integer
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.services.ports import PortOwner, end, is_taken, owners_of
from chatops.times import ago, counted
from config.ops import Role

GROUPS = {"service": "The services of this deployment and what runs them."}


class _Port(Integer):
    """One of the ports that this deployment declares."""

    async def complete(self, parts: Parts, typed: str) -> list[str]:
        return [str(port) for port in sorted(_declared(parts)) if str(port).startswith(typed)]


Port = Annotated[int, _Port(0, 65535), "a port of ops.yaml; that of HTTP where left out"]


@action("service port-owner", role=Role.RESPONDER)
async def owner(run: Run, port: Port = 0) -> Answer:
    """Tell which process holds a port of this deployment, and whether it is ours."""
    number = _known(run.parts, port)
    found = await owners_of(number, _fleet(run.parts), run.parts.settings.data_dir)
    if not found:
        taken = await is_taken(number)
        text = f"Something holds port {number} that this process may not see." if taken else f"Port {number} is free."
        return Answer(text, ok=not taken, data=[])
    rows = tuple((str(one.pid), one.name, _whose(one), ago(one.began, run.now)) for one in found)
    foreign = [one for one in found if not one.service]
    leftovers = [one for one in found if one.is_leftover]
    text = f"Port {number} is held by {counted(len(found), 'process', 'processes')}"
    text += f": {', '.join(f'{one.name} ({_whose(one)})' for one in found)}."
    return Answer(
        text,
        ok=not foreign,
        table=Table(("pid", "program", "whose", "since"), rows),
        suggestions=(suggestion("service free-port", port=number),) if leftovers else (),
        data=[{"pid": one.pid, "name": one.name, "service": one.service, "leftover": one.is_leftover} for one in found],
    )


@action(
    "service free-port",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    timeout=timedelta(seconds=60),
    check="service port-owner",
    lock="services",
)
async def free(run: Run, port: Port) -> Answer:
    """End a leftover of our own that holds a port; no other process is ever touched."""
    number = _known(run.parts, port)
    lines = [f"{one.name} ({one.pid}) {await end(one)}." for one in await _leftovers(run.parts, number)]
    is_free = not await is_taken(number)
    lines.append(f"Port {number} is {'free' if is_free else 'still held'}.")
    data = {"port": number, "free": is_free}
    return Answer(" ".join(lines), ok=is_free, suggestions=(suggestion("service start"),), data=data)


@free.plan
async def plan_free(run: Run, port: int) -> Plan:
    """Which process ends."""
    number = _known(run.parts, port)
    found = await _leftovers(run.parts, number)
    names = tuple(f"{one.name} {one.pid} since {one.began:%H:%M:%S}" for one in found)
    return Plan(
        f"Asks {', '.join(names)} to end, and kills it after 10 s: it is ours, and nothing manages it any more.",
        names,
        target=str(number),
    )


async def _leftovers(parts: Parts, port: int) -> list[PortOwner]:
    """Raises NotPossible where anything else holds the port."""
    found = await owners_of(port, _fleet(parts), parts.settings.data_dir)
    if not found:
        raise NotPossible(f"Nothing that this process may end holds port {port}.", suggestion("service port-owner"))
    for one in found:
        if one.service:
            raise NotPossible(
                f"Port {port} is held by the service {one.service}; restart or stop that.",
                suggestion("service status", service=one.service),
            )
        if not one.is_leftover:
            raise NotPossible(f"Port {port} is held by {one.name} ({one.pid}) of {one.user}, which is not ours.")
    return found


def _known(parts: Parts, port: int) -> int:
    """Raises BadArgument for a port that is none of this deployment's."""
    number = port or parts.settings.http_port
    declared = _declared(parts)
    if number not in declared:
        raise BadArgument(f"port: must be one of {', '.join(map(str, sorted(declared))) or 'none: HTTP_PORT is 0'}.")
    return number


def _declared(parts: Parts) -> set[int]:
    fleet = _fleet(parts)
    ports = set() if fleet is None else {port for one in fleet.entries for port in one.ports}
    return ports | ({parts.settings.http_port} if parts.settings.http_port else set())


def _fleet(parts: Parts) -> Fleet | None:
    return parts.get(ORCHESTRATOR) if parts.has(ORCHESTRATOR) else None


def _whose(one: PortOwner) -> str:
    if one.service:
        return f"service {one.service}"
    return "a leftover of ours" if one.is_leftover else f"not ours, of {one.user}"
