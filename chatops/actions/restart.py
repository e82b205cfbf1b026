"""Restarts: workers finish their picture first, several go one by one, and the bot tells when it is back."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import Instance
from chatops.parameters import Duration, Flag, Name, Word
from chatops.parts import Parts
from chatops.registry import Action, Function, action
from chatops.run import Run
from chatops.services.lifecycle import (
    READY,
    Turned,
    chosen,
    holds_us,
    is_own,
    own_last,
    service_names,
    start_in_order,
    stop_in_order,
    turn,
    until_ready,
)
from chatops.services.restarting import before_postgres, before_redis
from chatops.times import counted, span
from config.ops import Role
from config.ops_services import Kind
from storage import requests

GROUPS = {"restart": "Services that start anew, without losing what they do."}

_LOCK = "services"
_LONGEST = timedelta(minutes=20)
_ALL_LONGEST = timedelta(minutes=60)


async def _instances(parts: Parts, typed: str) -> list[str]:
    if not parts.has(ORCHESTRATOR):
        return []
    found = await parts.get(ORCHESTRATOR).statuses()
    return [one.name for _, status in found for one in getattr(status, "instances", ())]


InstanceName = Annotated[str, Name("one instance; service status lists them", _instances)]
Drained = Annotated[bool, Flag(), "finish what it does first"]


def _restarting(
    what: str, role: Role, confirm: Confirmation, *, timeout: timedelta = _LONGEST
) -> Callable[[Function], Action]:
    """Declares a restart: dangerous, one at a time."""
    return action(
        f"restart {what}",
        role=role,
        risk=Risk.DANGEROUS,
        confirm=confirm,
        needs=(ORCHESTRATOR,),
        timeout=timeout,
        check="service status",
        lock=_LOCK,
    )


def _of_kind(kind: Kind) -> Action:
    """The action that restarts services of a kind."""

    async def restart(run: Run, instance: InstanceName = "", drain: Drained = True) -> Answer:
        return await _restart(run, kind, instance, drain)

    restart.__doc__ = _HELP[kind]
    declared = _restarting(kind.value, Role.OPERATOR, Confirmation.BUTTON)(restart)

    @declared.plan
    async def plan(run: Run, instance: str = "", drain: bool = True) -> Plan:
        found = await _targets(run.parts, kind, instance)
        return await _plan(found, drain)

    declared.resume(_going_on(restart))
    return declared


_HELP = {
    Kind.WORKER: "Restart workers one by one; each finishes its picture first.",
    Kind.BACKEND: "Restart what answers HTTP.",
    Kind.BOT: "Restart the bot; it tells when it is back.",
    Kind.WEB: "Restart the web front end.",
    Kind.NGINX: "Restart nginx; nginx reload reads its configuration without.",
}

Targets = list[tuple[Service, list[Instance]]]


async def _targets(parts: Parts, kind: Kind, instance: str = "") -> Targets:
    """What is to be restarted; raises BadArgument, NotConfigured."""
    found: Targets = []
    names: list[str] = []
    for service in parts.get(ORCHESTRATOR).of_kind(kind):
        instances = list((await service.status()).instances)
        names += [one.name for one in instances]
        picked = [one for one in instances if instance in ("", one.name, one.id)]
        if picked:
            found.append((service, picked))
    if not found and not instance:
        raise NotPossible(f"Nothing of {kind.value} is there to be restarted.", suggestion("service start"))
    if not found:
        raise BadArgument(f"instance: {kind.value} has no {instance[:60]!r}; it has {', '.join(names) or 'none'}.")
    return found


async def _plan(targets: Targets, drain: bool) -> Plan:
    instances = [one for _, some in targets for one in some]
    items = tuple(_item(one) for one in instances)
    names = ", ".join(one.name for one in instances)
    order = ", one by one: each must be ready before the next, and the first that is not ends it" if items[1:] else ""
    lines = [f"Restarts {counted(len(items), 'instance')} ({names}){order}."]
    lines.append("What they do is finished first." if drain else "What they do is broken off, and done again.")
    if any(is_own(one) for one in instances):
        lines.append("I am one of them: I do not answer until I am back, and then tell how long that took.")
    return Plan(" ".join(lines), items)


def _item(instance: Instance) -> str:
    return f"{instance.name} {instance.id}"


async def _restart(run: Run, kind: Kind, instance: str, drain: bool) -> Answer:
    done: list[Turned] = []
    for service, instances in await _targets(run.parts, kind, instance):
        done += await turn(run, service, instances, drain=drain)
    return _told(done)


def _told(done: Sequence[Turned]) -> Answer:
    longest = max((one.seconds for one in done), default=0.0)
    data = [
        {"service": one.service, "instance": one.after.name, "before": one.before.id, "after": one.after.id}
        for one in done
    ]
    table = Table(("service", "instance", "process", "took"), tuple(one.row for one in done)) if done else None
    text = f"{counted(len(done), 'instance')} restarted and ready, the slowest after {span(longest)}."
    return Answer(text, table=table, suggestions=(suggestion("health check"),), data=data)


def _going_on(function: Function) -> Function:
    """Resumes a restart: the instances that are still what they were are restarted, then all is told."""

    async def go_on(run: Run, *values: object, **named: object) -> Answer:
        planned = set(run.plan.items if run.plan else ())
        record = await requests.request(run.request)
        began = record.started_at or record.created_at
        left: Targets = []
        back: list[str] = []
        for service in run.parts.get(ORCHESTRATOR).all():
            status = await service.status()
            names = {item.split(" ")[0] for item in planned}
            rest = [one for one in status.instances if _item(one) in planned and not is_own(one)]
            if rest:
                left.append((service, rest))
            if holds_us(status):
                ready = await until_ready(run.parts, service, READY)
                own = next(one for one in ready.instances if is_own(one))
                if own.name in names or not rest:
                    back.append(f"{service.name} is back after {span(_since(own, began, run.now))}")
        done: list[Turned] = []
        for service, rest in left:
            done += await turn(run, service, rest, drain=bool(named.get("drain", True)))
        answer = _told(done) if done else Answer("", suggestions=(suggestion("health check"),))
        head = "; ".join(back) or "The restart went on after its process had gone"
        text = f"{head}, asked by {run.human}. {answer.text}".strip()
        return Answer(text, table=answer.table, suggestions=answer.suggestions, data=answer.data)

    return go_on


def _since(own: Instance, began: datetime, now: datetime) -> float:
    """Seconds from the order until it could be used again."""
    return max(0.0, ((own.since or now) - began).total_seconds())


worker = _of_kind(Kind.WORKER)
backend = _of_kind(Kind.BACKEND)
bot = _of_kind(Kind.BOT)
web = _of_kind(Kind.WEB)
nginx = _of_kind(Kind.NGINX)


@_restarting("redis", Role.ADMIN, Confirmation.PHRASE)
async def redis(run: Run) -> Answer:
    """Restart Redis, after a backup and only when all that it holds is on disk."""
    await before_redis(run)
    return await _restart(run, Kind.REDIS, "", True)


@redis.plan
async def plan_redis(run: Run) -> Plan:
    """What waits meanwhile."""
    plan = await _plan(await _targets(run.parts, Kind.REDIS), True)
    depth = await run.parts.queue.depth()
    summary = (
        f"Backs Redis up and checks that it is on disk, then restarts it. {counted(depth, 'job')} in the queue stay; "
        "workers and players' pictures wait for some seconds. "
    )
    return Plan(summary + plan.summary, plan.items, target="redis")


@_restarting("postgres", Role.ADMIN, Confirmation.PHRASE)
async def postgres(run: Run) -> Answer:
    """Restart Postgres, unless somebody works in a long transaction."""
    await before_postgres(run.parts)
    return await _restart(run, Kind.POSTGRES, "", True)


@postgres.plan
async def plan_postgres(run: Run) -> Plan:
    """What is broken off."""
    plan = await _plan(await _targets(run.parts, Kind.POSTGRES), True)
    open_ = await before_postgres(run.parts)
    summary = f"Restarts Postgres: {counted(open_, 'open transaction')} are broken off and done again. "
    return Plan(summary + plan.summary, plan.items, target="postgres")


@_restarting("all", Role.ADMIN, Confirmation.PHRASE, timeout=_ALL_LONGEST)
async def all_(
    run: Run, strategy: Annotated[str, Word(("rolling", "full")), "full stops workers before Redis"] = "rolling"
) -> Answer:
    """Restart all services, one at a time; the first that does not become ready ends it."""
    services = run.parts.get(ORCHESTRATOR).all()
    if strategy == "full":
        return await _all_at_once(run, services)
    done: list[Turned] = []
    for service in await own_last(services):
        await _check_store(run, service)
        done += await turn(run, service, (await service.status()).instances, drain=True)
    return _told(done)


async def _all_at_once(run: Run, services: Sequence[Service]) -> Answer:
    """All others stopped, then started, in order; what answers you is restarted at the end."""
    own = [one for one in services if holds_us(await one.status())]
    others = [one for one in services if one not in own]
    for service in others:
        await _check_store(run, service)
    survivors = await stop_in_order(run, others)
    if survivors:
        raise NotPossible(
            f"Still there, so that nothing was started: {', '.join(survivors)}.", suggestion("service status")
        )
    await start_in_order(run, others)
    done: list[Turned] = []
    for service in own:
        done += await turn(run, service, (await service.status()).instances, drain=True)
    return Answer(f"All {len(services)} services restarted and ready.", suggestions=(suggestion("health check"),))


async def _check_store(run: Run, service: Service) -> None:
    if service.entry.kind is Kind.REDIS:
        await before_redis(run)
    elif service.entry.kind is Kind.POSTGRES:
        await before_postgres(run.parts)


@all_.plan
async def plan_all(run: Run, strategy: str = "rolling") -> Plan:
    """All, in their order."""
    services = await own_last(run.parts.get(ORCHESTRATOR).all())
    targets = [(one, list((await one.status()).instances)) for one in services]
    plan = await _plan(targets, True)
    names = [service.name for service, _ in targets]
    if strategy == "full":
        stops, starts = ", ".join(reversed(names)), ", ".join(names)
        return Plan(f"Stops {stops}, then starts {starts}: players wait meanwhile. {plan.summary}", plan.items, "all")
    return Plan(f"In this order: {', then '.join(names)}. {plan.summary}", plan.items, "all")


all_.resume(_going_on(all_.function))


@_restarting("rolling", Role.OPERATOR, Confirmation.BUTTON, timeout=timedelta(minutes=31))
async def rolling(
    run: Run,
    service: Annotated[str, Name("a service", service_names)] = "backend",
    timeout: Annotated[timedelta, Duration("10s", "30m")] = timedelta(minutes=5),
) -> Answer:
    """Replace all instances of a service while others do their work."""
    done: list[Turned] = []
    for one in _rolled(run.parts, service):
        if await one.restart_rolling(run.human):
            await run.step(f"{one.name} is being replaced.")
            status = await one.until(lambda seen: seen.is_ready, timeout)
            if not status.is_ready:
                raise NotPossible(
                    f"{one.name} is not replaced after {span(timeout)} ({status.progress or status.state}); "
                    "its old instances go on.",
                    suggestion("service status"),
                    suggestion("deploy rollback"),
                )
            await run.step(f"{one.name}: {counted(status.ready, 'instance')} ready.")
        else:
            done += await turn(run, one, (await one.status()).instances, drain=True, within=timeout)
    return _told(done) if done else Answer("All instances are replaced and ready.")


@rolling.plan
async def plan_rolling(run: Run, service: str = "backend", timeout: timedelta = timedelta(minutes=5)) -> Plan:
    """How many, and how."""
    targets = [(one, list((await one.status()).instances)) for one in _rolled(run.parts, service)]
    plan = await _plan(targets, True)
    return Plan(f"{plan.summary} Each has {span(timeout)} to become ready.", plan.items)


rolling.resume(_going_on(rolling.function))


def _rolled(parts: Parts, name: str) -> list[Service]:
    """By its name, or by what it is."""
    fleet = parts.get(ORCHESTRATOR)
    if name in set(Kind) and name not in fleet.names:
        return fleet.of_kind(Kind(name))
    return chosen(fleet, name)
