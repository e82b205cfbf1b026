"""Workers: how many of them run."""

from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Table
from chatops.observing.machine import Machine
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.parameters import Integer
from chatops.registry import action
from chatops.run import Run
from chatops.services.lifecycle import until_ready
from chatops.times import counted, span
from config.ops import Role
from config.ops_services import BackEnd, Kind
from storage import holding
from storage.errors import StorageError

GROUPS = {"worker": "Workers, which read pictures."}

_ONE_WORKER = 1_000_000_000
"""Bytes that a worker is planned with before one has been seen at work (see docs/performance.md)."""
_ON_THIS_MACHINE = (BackEnd.LOCAL, BackEnd.DOCKER, BackEnd.SYSTEMD)

Count = Annotated[int, Integer(1, 8)]


@action(
    "worker scale",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=20),
    check="service status",
    lock="services",
)
async def scale(run: Run, n: Count) -> Answer:
    """Have so many workers; those that go finish their picture first."""
    service = _service(run)
    before = await service.status()
    await service.scale(n)
    after = await until_ready(run.parts, service, timedelta(minutes=2))
    if not after.is_ready or after.wanted != n:
        raise NotPossible(
            f"{after.ready} of {n} workers are ready after 2 min ({after.state}).",
            suggestion("service status"),
            suggestion("logs tail", component=service.name),
        )
    rows = (("before", str(before.wanted)), ("now", str(after.wanted)))
    text = f"{counted(n, 'worker')} ready. {await _clearing(run)}{_lasting(service)}"
    back = suggestion("worker scale", f"back to {before.wanted}", n=before.wanted)
    return Answer(
        text.strip(),
        table=Table(("workers", "count"), rows),
        suggestions=(suggestion("queue inspect"), *([back] if before.wanted not in (0, n) else [])),
        data={"before": before.wanted, "now": after.wanted},
    )


@scale.plan
async def plan_scale(run: Run, n: int) -> Plan:
    """How many come or go, and whether there is memory for them."""
    service = _service(run)
    service.check_offered("scale")
    before = await service.status()
    more = n - before.wanted
    if not more:
        raise NotPossible(f"{counted(n, 'worker')} shall run already.", suggestion("service status"))
    names = tuple(one.name for one in before.instances)
    if more < 0:
        gone = f"{counted(-more, 'worker')} {'goes' if more == -1 else 'go'}"
        return Plan(f"From {before.wanted} to {n} workers: {gone}, each after its picture.", (*names, f"to {n}"))
    memory = await _checked_memory(run, service, more)
    return Plan(f"From {before.wanted} to {n} workers. {memory}", (*names, f"to {n}"))


@scale.resume
async def scale_on(run: Run, n: int) -> Answer:
    """As many as were asked for, however many there are by now."""
    return await scale.function(run, n)


def _service(run: Run) -> Service:
    found = run.parts.get(ORCHESTRATOR).of_kind(Kind.WORKER)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise NotPossible(f"This deployment has several services of workers ({names}); scale them where they run.")
    return found[0]


async def _checked_memory(run: Run, service: Service, more: int) -> str:
    """What they need and what is free, in words; raises NotPossible where it is too little."""
    seen = [one.memory for one in await run.parts.queue.workers()]
    peak = max([*seen, 0]) or _ONE_WORKER
    needed = f"{more} × {peak / 1e9:.1f} GB"
    if service.entry.back_end not in _ON_THIS_MACHINE:
        return f"They need {needed}, which the cluster has to find."
    memory = Machine().memory()
    free = memory.limit - memory.used
    if free < more * peak:
        raise NotPossible(
            f"{counted(more, 'more worker')} would need {needed}, and {free / 1e9:.1f} GB of memory are free.",
            suggestion("host top"),
            suggestion("limits show"),
        )
    return f"They need {needed}; {free / 1e9:.1f} GB of memory are free."


async def _clearing(run: Run) -> str:
    """How long what waits will take."""
    try:
        waiting = await run.parts.queue.depth()
        expected = await holding.expected_wait(waiting, now=run.now) if waiting else None
    except StorageError:
        return ""
    if not waiting:
        return "The queue is empty. "
    told = "" if expected is None else f", at the pace of late in about {span(expected)}"
    return f"{counted(waiting, 'picture')} in the queue{told}. "


def _lasting(service: Service) -> str:
    if service.entry.back_end is BackEnd.LOCAL:
        return "It stays so until the next start; WORKERS sets it for good."
    if service.entry.back_end is BackEnd.SYSTEMD:
        return "It stays so until the machine restarts; systemctl enable keeps it."
    return ""
