"""Services started, stopped and restarted in their order: what ends may finish, what begins must become ready."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from chatops.console import suggestion
from chatops.model import BadArgument, NotPossible
from chatops.orchestrators.containers import own_container
from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet, Service
from chatops.orchestrators.port import Instance, Status
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import counted, span
from config.ops_services import Kind
from storage.errors import QueueUnreachable

ALL = "all"
READY = timedelta(seconds=30)
"""What a service may take to become ready, before what comes after it is left as it is."""
_PROBE_S = 3
_CLOCKS_DIFFER_S = 2.0


async def service_names(parts: Parts, typed: str) -> list[str]:
    """Declared services, for completion."""
    return [ALL, *parts.get(ORCHESTRATOR).names] if parts.has(ORCHESTRATOR) else []


def chosen(fleet: Fleet, name: str) -> list[Service]:
    """The service of that name, or all in their order; raises BadArgument."""
    try:
        return fleet.all() if name.strip().casefold() == ALL else [fleet.service(name)]
    except BadArgument as error:
        raise BadArgument(f"service: {error}") from None


def is_own(instance: Instance) -> bool:
    """Whether this process runs in it."""
    names = {platform.node(), own_container()} - {""}
    return instance.pid == os.getpid() or bool(names & {instance.name, instance.id})


def holds_us(status: Status) -> bool:
    """Whether this process is one of its instances."""
    return any(is_own(one) for one in status.instances)


@dataclass(frozen=True, slots=True)
class Turned:
    """An instance that was restarted: as it was, as it is, and how long it took."""

    service: str
    before: Instance
    after: Instance
    seconds: float

    @property
    def row(self) -> tuple[str, str, str, str]:
        """For a table of service, instance, process and time."""
        return self.service, self.after.name, f"{_process(self.before)} → {_process(self.after)}", span(self.seconds)


def _process(instance: Instance) -> str:
    return str(instance.pid or instance.id)


async def turn(
    run: Run, service: Service, instances: Sequence[Instance], *, drain: bool, within: timedelta = READY
) -> list[Turned]:
    """Restart instances one by one, our own last; each must be ready before the next. Raises NotPossible at the first
    that is not, and leaves the others as they are."""
    done: list[Turned] = []
    for instance in sorted(instances, key=is_own):
        how = "finishes what it does and restarts" if drain else "is restarted at once"
        await run.step(f"{instance.name} {how}.")
        began = time.time()
        known = {one.id for one in (await service.status()).instances}
        await service.restart(instance, None if drain else timedelta(0))
        status = await until_ready(run.parts, service, within, since=began)
        after = _successor(status, instance, known)
        if after is None or not status.is_ready:
            left = len(instances) - len(done) - 1
            raise NotPossible(
                f"{instance.name} is not ready {span(within)} after its restart ({_why(status)}); "
                f"{counted(left, 'other')} left as before.",
                suggestion("service status"),
                suggestion("logs tail", component=service.name),
            )
        done.append(Turned(service.name, instance, after, time.time() - began))
        await run.step(f"{after.name} is ready after {span(done[-1].seconds)}.")
    return done


def _successor(status: Status, before: Instance, known: set[str]) -> Instance | None:
    named = status.instance(before.name)
    if named is not None and named.id != before.id:
        return named
    fresh = [one for one in status.instances if one.id not in known]
    # One that is restarted in place, such as a container, keeps its id.
    return fresh[0] if fresh else named


def _why(status: Status) -> str:
    details = [f"{one.name} {one.state}{f', {one.detail}' if one.detail else ''}" for one in status.instances]
    return "; ".join([status.progress, *details][:4] if status.progress else details[:4]) or "nothing runs"


async def until_ready(parts: Parts, service: Service, within: timedelta, *, since: float | None = None) -> Status:
    """Wait until all instances can be used, and a worker has said so itself after ``since`` (seconds since 1970)."""
    end = time.monotonic() + within.total_seconds()
    status = await service.until(lambda seen: seen.is_ready, within)
    if not status.is_ready or since is None or service.entry.kind is not Kind.WORKER:
        return status
    while time.monotonic() < end:
        if await _is_working(parts, since - _CLOCKS_DIFFER_S):
            return status
        status = await service.until(lambda _: False, timedelta(seconds=0.2))
    raise NotPossible(
        f"{service.name} runs, but no worker of it has taken up work within {span(within)}.",
        suggestion("queue inspect"),
        suggestion("logs tail", component=service.name),
    )


async def _is_working(parts: Parts, since: float) -> bool:
    try:
        workers = await parts.queue.workers()
    except QueueUnreachable:
        return False
    return any(one.started >= since and one.state != "starting" for one in workers)


async def own_last(services: Sequence[Service]) -> list[Service]:
    """In their order, but for what this process runs in; raises OrchestratorError."""
    own = [one for one in services if holds_us(await one.status())]
    return [*(one for one in services if one not in own), *own]


async def start_in_order(run: Run, services: Sequence[Service], within: timedelta = READY) -> list[tuple[str, str]]:
    """Start services, each when the one before it is ready; what was done. Raises NotPossible at the first failure."""
    done: list[tuple[str, str]] = []
    for service in services:
        began = time.monotonic()
        before = await service.status()
        if before.is_ready:
            done.append((service.name, "was running"))
            continue
        await run.step(f"{service.name} is started.")
        await service.start()
        status = await service.until(lambda seen: seen.is_ready, within)
        trouble = "" if status.is_ready else _why(status)
        trouble = trouble or await unwell(service)
        if trouble:
            rest = ", ".join(one.name for one in services[len(done) + 1 :])
            raise NotPossible(
                f"{service.name} is not ready after {span(within)} ({trouble})"
                f"{f'; not started: {rest}' if rest else ''}.",
                suggestion("service status"),
                suggestion("logs tail", component=service.name),
            )
        took = span(time.monotonic() - began)
        done.append((service.name, f"ready after {took}"))
    return done


async def unwell(service: Service) -> str:
    """What its health address says, empty where all is well or there is none."""
    if service.entry.health is None:
        return ""
    try:
        timeout = aiohttp.ClientTimeout(total=_PROBE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(service.entry.health) as response:
            return "" if response.status < 400 else f"its health address answers {response.status}"
    except (aiohttp.ClientError, TimeoutError):
        return "its health address does not answer"


async def stop_in_order(run: Run, services: Sequence[Service]) -> list[str]:
    """Stop services, those first that need others, our own last; what is still there of each, in words."""
    statuses = {one.name: await one.status() for one in services}
    own = [one for one in services if holds_us(statuses[one.name])]
    ordered = [*(one for one in reversed(services) if one not in own), *own]
    survivors: list[str] = []
    for service in ordered:
        if statuses[service.name].is_stopped:
            continue
        await run.step(f"{service.name} finishes what it does and stops.")
        await service.stop()
        left = (await service.status()).survivors
        survivors += [f"{one.name} ({one.state}, process {_process(one)})" for one in left]
        await run.step(f"{service.name} {'has stopped' if not left else f'has left {len(left)} behind'}.")
    return survivors


async def workers_up(parts: Parts, fleet: Fleet) -> list[str]:
    """Workers that would lose their Redis or database; raises OrchestratorError where that cannot be told."""
    up: list[str] = []
    for service in fleet.all():
        if service.entry.kind is Kind.WORKER:
            up += [one.name for one in (await service.status()).survivors]
    if not up:
        try:
            up = [one.name for one in await parts.queue.workers()]
        except QueueUnreachable:
            return []
    return up
