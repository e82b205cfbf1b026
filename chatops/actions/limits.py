"""Limits of memory and processors, shown and changed while services run."""

from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import Limits, NotOffered
from chatops.parameters import Name, Number, Size
from chatops.registry import action
from chatops.run import Run
from chatops.services.lifecycle import ALL, chosen, service_names, until_ready
from config.ops import Role
from config.ops_services import BackEnd

GROUPS = {"limits": "What services may use of memory and processors."}

_FILES = {
    BackEnd.DOCKER: "mem_limit and cpus of the Compose file",
    BackEnd.KUBERNETES: "resources.limits of the manifest",
    BackEnd.SYSTEMD: "MemoryMax and CPUQuota of the unit",
}

Memory = Annotated[int | None, Size("256M", "4G")]
Cpus = Annotated[float | None, Number(0.25, 8)]


@action("limits show", role=Role.VIEWER, needs=(ORCHESTRATOR,))
async def show(run: Run, service: Annotated[str, Name("a service, or all", service_names)] = ALL) -> Answer:
    """Tell what services may use, and what they use."""
    rows: list[tuple[str, ...]] = []
    data: list[dict[str, object]] = []
    refused = ""
    for one in chosen(run.parts.get(ORCHESTRATOR), service):
        try:
            found = await one.limits()
        except NotOffered as error:
            refused = str(error)
            found = Limits()
        used = [each.memory for each in (await one.status()).instances if each.memory is not None]
        rows.append((one.name, _mega(max(used, default=None)), _mega(found.memory), _cpus(found.cpus)))
        data.append({"service": one.name, "memory": found.memory, "cpus": found.cpus, "used": used})
    text = refused or "What one instance uses at most, and what it may use."
    return Answer(text, table=Table(("service", "memory", "of at most", "cpus"), tuple(rows)), data=data)


@action(
    "limits set",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=15),
    check="limits show",
    lock="services",
)
async def set_(
    run: Run,
    service: Annotated[str, Name("a service", service_names)],
    memory: Memory = None,
    cpus: Cpus = None,
) -> Answer:
    """Change what a service may use while it runs; its file must be changed too for it to last."""
    one = _limited(run, service)
    before = await one.limits()
    await one.set_limits(Limits(memory, cpus))
    status = await until_ready(run.parts, one, timedelta(minutes=5))
    if not status.is_ready:
        raise NotPossible(
            f"{one.name} is not ready with its new limits ({status.state}).",
            suggestion("service status"),
            suggestion("limits show", service=one.name),
        )
    after = await one.limits()
    rows = (
        ("memory", _mega(before.memory), _mega(after.memory)),
        ("cpus", _cpus(before.cpus), _cpus(after.cpus)),
    )
    text = f"{one.name} has its new limits. They last until it is made anew: change {_FILES[one.entry.back_end]} too."
    return Answer(
        text,
        table=Table(("limit", "before", "now"), rows),
        data={"before": [before.memory, before.cpus], "now": [after.memory, after.cpus]},
    )


@set_.plan
async def plan_set(run: Run, service: str, memory: int | None = None, cpus: float | None = None) -> Plan:
    """From what to what."""
    if memory is None and cpus is None:
        raise BadArgument("limits set needs memory (256M to 4G) or cpus (0.25 to 8).")
    one = _limited(run, service)
    one.check_offered("set_limits")
    before, status = await one.limits(), await one.status()
    changes = [] if memory is None else [f"memory from {_mega(before.memory)} to {_mega(memory)}"]
    changes += [] if cpus is None else [f"cpus from {_cpus(before.cpus)} to {_cpus(cpus)}"]
    used = max([each.memory or 0 for each in status.instances], default=0)
    if memory is not None and used > memory:
        raise NotPossible(f"{one.name} uses {_mega(used)} now, and would be killed with {_mega(memory)}.")
    how = " Its pods are replaced for that." if one.entry.back_end is BackEnd.KUBERNETES else " It runs on."
    return Plan(f"{one.name}: {' and '.join(changes)}.{how}", tuple(changes), one.name)


def _limited(run: Run, name: str) -> Service:
    try:
        return run.parts.get(ORCHESTRATOR).service(name)
    except BadArgument as error:
        raise BadArgument(f"service: {error}") from None


def _mega(size: int | None) -> str:
    return "–" if size is None else f"{size / (1 << 20):.0f} MB"


def _cpus(cpus: float | None) -> str:
    return "–" if cpus is None else f"{cpus:g}"
