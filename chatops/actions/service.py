"""Services: how they are, started and stopped in their order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, OpsError, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import OrchestratorError, State, Status
from chatops.parameters import Duration, Flag, Name
from chatops.queueing import maintaining
from chatops.registry import action
from chatops.run import Run
from chatops.services import lifecycle
from chatops.services.draining import drained
from chatops.services.lifecycle import ALL, READY, chosen, holds_us, service_names
from chatops.times import counted, moment, span
from config.ops import Role
from config.ops_services import Kind
from storage import maintenance
from storage.maintenance import Mode

GROUPS = {"service": "The services of this deployment and what runs them."}

LOCK = "services"
_FIVE_MINUTES = timedelta(minutes=5)

ServiceName = Annotated[str, Name("a service of ops.yaml, or all", service_names)]


@action("service status", role=Role.VIEWER, needs=(ORCHESTRATOR,))
async def status(run: Run, service: ServiceName = ALL) -> Answer:
    """Tell how services are: running or not, since when, of which version."""
    names = {one.name for one in chosen(run.parts.get(ORCHESTRATOR), service)}
    found = await run.parts.get(ORCHESTRATOR).statuses(names)
    rows = [row for one, seen in found for row in _rows(run, one, seen)]
    bad = [one.name for one, seen in found if isinstance(seen, OrchestratorError) or seen.state is not State.RUNNING]
    text = f"{', '.join(bad)}: not as {'it' if len(bad) == 1 else 'they'} should be." if bad else "All services run."
    errors = {one.name: str(seen) for one, seen in found if isinstance(seen, OrchestratorError)}
    if errors:
        text += " " + " ".join(dict.fromkeys(errors.values()))
    offers = [suggestion("service start", f"start {name}", service=name) for name in bad if name not in errors]
    return Answer(
        text,
        ok=not bad,
        table=Table(("service", "state", "since", "restarts", "version"), tuple(rows)),
        suggestions=tuple(offers[:3]),
        data=[_described(one, seen) for one, seen in found],
    )


def _rows(run: Run, service: Service, seen: Status | OrchestratorError) -> list[tuple[str, ...]]:
    if isinstance(seen, OrchestratorError):
        return [(service.name, State.UNKNOWN.value, "", "", "")]
    if not seen.instances:
        return [(service.name, seen.state.value, "", "", "")]
    return [
        (
            one.name if len(seen.instances) > 1 else service.name,
            f"{one.state.value}{f' ({one.detail})' if one.detail else ''}",
            "" if one.since is None else span(max(0.0, (run.now - one.since).total_seconds())),
            str(one.restarts),
            one.image.rpartition(":")[2] if one.image else "",
        )
        for one in seen.instances
    ]


def _described(service: Service, seen: Status | OrchestratorError) -> dict[str, object]:
    if isinstance(seen, OrchestratorError):
        return {"service": service.name, "state": State.UNKNOWN.value, "error": str(seen)}
    instances = [
        {"name": one.name, "state": one.state.value, "pid": one.pid, "restarts": one.restarts, "image": one.image}
        for one in seen.instances
    ]
    return {"service": service.name, "state": seen.state.value, "wanted": seen.wanted, "instances": instances}


@action(
    "service start",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=10),
    check="service status",
    lock=LOCK,
)
async def start(run: Run, service: ServiceName = ALL) -> Answer:
    """Start services in the order in which they need each other, each when the one before is ready."""
    done = await lifecycle.start_in_order(run, _with_needs(run, service))
    troubles = await maintaining.troubles(run.parts)
    lines = [f"{counted(len(done), 'service')} ready.", *troubles]
    suggestions = [suggestion("health check")]
    if await maintenance.in_force(run.now):
        lines.append("Maintenance is still on.")
        suggestions.append(suggestion("maintenance off"))
    table = Table(("service", "what"), tuple(done))
    return Answer(" ".join(lines), ok=not troubles, table=table, suggestions=tuple(suggestions), data=dict(done))


@start.plan
async def plan_start(run: Run, service: str = ALL) -> Plan:
    """What is started, in which order."""
    services = _with_needs(run, service)
    down = [one.name for one in services if not (await one.status()).is_ready]
    if not down:
        raise NotPossible(f"{'All services run' if service == ALL else f'{service} runs'} already.")
    order = ", then ".join(down)
    return Plan(f"Starts {order}; each has {span(READY)} to become ready before the next.", tuple(down))


@start.resume
async def start_on(run: Run, service: str = ALL) -> Answer:
    """What runs by now is not started again."""
    return await start.function(run, service)


def _with_needs(run: Run, name: str) -> list[Service]:
    """What is asked for, after all that it needs."""
    fleet = run.parts.get(ORCHESTRATOR)
    wanted = {one.name for one in chosen(fleet, name)}
    for one in reversed(fleet.all()):
        if one.name in wanted:
            wanted |= set(one.entry.depends_on)
    return [one for one in fleet.all() if one.name in wanted]


@action(
    "service stop",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=30),
    check="service status",
    lock=LOCK,
)
async def stop(
    run: Run,
    service: ServiceName,
    drain: Annotated[bool, Flag(), "begin maintenance and wait for the queue first"] = True,
    drain_timeout: Annotated[timedelta, Duration("10s", "15m")] = _FIVE_MINUTES,
) -> Answer:
    """Stop services, those first that need others, when what waits has been read."""
    services = await _stoppable(run, service)
    lines: list[str] = []
    if drain and _is_noticed(services):
        wish = maintaining.Wish(Mode.SOFT, f"{service} is being stopped", maintaining.LONGEST, run.human)
        begun = await maintaining.begin(run.parts, wish)
        await run.step(f"Maintenance is on until {moment(begun.record.until)}.")
        left = await drained(run, drain_timeout)
        lines.append("The queue was empty." if not left else f"{counted(left, 'picture')} wait and are read later.")
    survivors = await lifecycle.stop_in_order(run, services)
    return _stopped(services, survivors, lines)


def _stopped(services: Sequence[Service], survivors: Sequence[str], lines: Sequence[str]) -> Answer:
    names = ", ".join(one.name for one in services)
    head = f"Still there: {', '.join(survivors)}." if survivors else f"Stopped: {names}."
    return Answer(
        " ".join((head, *lines)),
        ok=not survivors,
        suggestions=(suggestion("service status"), suggestion("service start", service=ALL)),
        data={"stopped": [one.name for one in services], "survivors": list(survivors)},
    )


@stop.plan
async def plan_stop(run: Run, service: str, drain: bool = True, drain_timeout: timedelta = _FIVE_MINUTES) -> Plan:
    """What stops, and who notices."""
    services = await _stoppable(run, service)
    statuses = [(one, await one.status()) for one in reversed(services)]
    up = [(one, seen) for one, seen in statuses if not seen.is_stopped]
    if not up:
        raise NotPossible(f"{'All services are' if service == ALL else f'{service} is'} stopped already.")
    lines = []
    if drain and _is_noticed(services):
        waiting = await _depth(run)
        waits = f"what waits ({counted(waiting, 'picture')}) has {span(drain_timeout)} to be read"
        lines.append(f"Maintenance begins; {waits if waiting else 'the queue is empty'}.")
    lines.append(f"Then stops {', then '.join(one.name for one, _ in up)}; what they do may be finished.")
    if any(holds_us(seen) for _, seen in up):
        own = next(one.name for one, seen in up if holds_us(seen))
        lines.append(
            "I am part of that and will not be able to answer; start it again on the server with "
            f"screen2deck ops service start --service {own}."
        )
    items = tuple(f"{one.name} {instance.name}" for one, seen in up for instance in seen.survivors)
    return Plan(" ".join(lines), items, target=service)


@stop.resume
async def stop_on(run: Run, service: str, drain: bool = True, drain_timeout: timedelta = _FIVE_MINUTES) -> Answer:
    """The process that stopped them was replaced: what is up is told, and nothing more is stopped."""
    services = chosen(run.parts.get(ORCHESTRATOR), service)
    up = [one.name for one in services if not (await one.status()).is_stopped]
    text = f"I was stopped in the middle and am back. Up now: {', '.join(up) or 'nothing of it'}."
    return Answer(text, ok=not up, suggestions=(suggestion("service status"),), data={"up": up})


async def _stoppable(run: Run, name: str) -> list[Service]:
    """Raises NotPossible where workers would lose what they need."""
    fleet = run.parts.get(ORCHESTRATOR)
    services = chosen(fleet, name)
    names = {one.name for one in services}
    if any(one.entry.kind.is_store for one in services) and not any(one.entry.kind is Kind.WORKER for one in services):
        up = await lifecycle.workers_up(run.parts, fleet)
        if up:
            raise NotPossible(
                f"{', '.join(sorted(names))} cannot be stopped while workers are up ({', '.join(up[:4])}): "
                "they would lose what they do. Stop the workers first.",
                *(suggestion("service stop", service=one.name) for one in _workers(fleet.all())),
            )
    return services


def _workers(services: Sequence[Service]) -> list[Service]:
    return [one for one in services if one.entry.kind is Kind.WORKER]


def _is_noticed(services: Sequence[Service]) -> bool:
    """Whether pictures wait without them."""
    kinds = (Kind.WORKER, Kind.BOT, Kind.BACKEND)
    return any(one.entry.kind.is_store or any(one.entry.is_a(kind) for kind in kinds) for one in services)


async def _depth(run: Run) -> int:
    try:
        return await run.parts.queue.depth()
    except OpsError:
        return 0


@action(
    "service recreate",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=20),
    check="service status",
    lock=LOCK,
)
async def recreate(run: Run, service: ServiceName) -> Answer:
    """Make a service's containers anew, of the same image and with the same volumes."""
    [one] = _only(run, service)
    before = await one.status()
    await one.recreate()
    after = await lifecycle.until_ready(run.parts, one, READY * 4)
    if not after.is_ready:
        raise NotPossible(f"{one.name} was made anew and is not ready ({after.state}).", suggestion("service status"))
    rows = tuple(zip(_ids(before), _ids(after), strict=False))
    return Answer(
        f"{one.name} is made anew and ready.",
        table=Table(("before", "after"), rows),
        suggestions=(suggestion("health check"),),
        data={"before": _ids(before), "after": _ids(after)},
    )


@recreate.plan
async def plan_recreate(run: Run, service: str) -> Plan:
    """Which containers."""
    [one] = _only(run, service)
    one.check_offered("recreate")
    seen = await one.status()
    names = tuple(f"{each.name} {each.id}" for each in seen.instances)
    text = f"Makes {counted(len(names), 'instance')} of {one.name} anew, one by one, of the same image; volumes stay."
    return Plan(text, names, target=one.name)


def _only(run: Run, name: str) -> list[Service]:
    return [run.parts.get(ORCHESTRATOR).service(name)]


def _ids(status: Status) -> list[str]:
    return [f"{one.name} {one.id}" for one in status.instances]
