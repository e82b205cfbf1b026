"""The machine that a process of the console runs on: processor, memory, disks, connections. Reading only."""

import asyncio
import platform
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import psutil

from chatops import figures
from chatops.figures.levels import paths_of
from chatops.model import Answer, Suggestion, Table
from chatops.observing.growth import Growth, growth_of, new_kills
from chatops.observing.machine import Disk, Machine, Memory
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import NotOffered, OrchestratorError
from chatops.parameters import Duration, Integer
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, moment, span
from config.ops import Role
from storage import samples

GROUPS = {"host": "The machine that the product runs on."}

_LOOK_S = 0.3
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_LARGE = 1_000_000_000
"""A service with more is named: one of the runbook's symptoms."""
_SWAP_STEPS = (
    "sudo fallocate -l 2G /swapfile",
    "sudo chmod 600 /swapfile",
    "sudo mkswap /swapfile",
    "sudo swapon /swapfile",
    "echo '/swapfile none swap sw 0 0' | sudo tee -a /etc/fstab",
)


@action("host stats", role=Role.RESPONDER)
async def stats(run: Run) -> Answer:
    """Tell how busy processor and memory are, of the machine or container and of each service."""
    machine = Machine()
    before = machine.processor()
    await asyncio.sleep(_LOOK_S)
    after, memory = machine.processor(), machine.memory()
    share, load = after.share_since(before), psutil.getloadavg()
    rows = [
        ("processor", f"{share:.0%} of {after.cores:g} cores"),
        ("load", ", ".join(f"{one:.2f}" for one in load) + " (1, 5, 15 min)"),
        ("memory", _memory(memory)),
        ("swap", _swap()),
    ]
    services, why_not = await _services(run)
    rows += [(f"service {name}", said) for name, said, _ in services]
    large = [name for name, _, size in services if size is not None and size > _LARGE]
    limits = await figures.thresholds(run.parts)
    states = {
        name: limits[name].state(value) for name, value in (("cpu", share), ("memory", memory.share)) if name in limits
    }
    odd = [f"{name}: {state}" for name, state in states.items() if state != "normal"]
    odd += [f"{name} uses more than 1 GB" for name in large]
    text = f"{platform.node()}: " + (", ".join(odd) if odd else "all is normal") + "."
    data = {
        "cpu": round(share, 4),
        "cores": after.cores,
        "load": list(load),
        "memory": {"used": memory.used, "limit": memory.limit, "container": memory.is_limited},
        "services": {name: size for name, _, size in services},
    }
    suggestions = (Suggestion("host top", "host top"), Suggestion("diagnose memory", "diagnose memory")) if odd else ()
    return Answer(
        f"{text} {why_not}".strip(), table=Table(("what", "how much"), tuple(rows)), suggestions=suggestions, data=data
    )


@action("host top", role=Role.RESPONDER)
async def top(run: Run, n: Annotated[int, Integer(1, 30), "how many"] = 5) -> Answer:
    """List the processes with most memory, by name: arguments, which may hold secrets, stay unread."""
    found = await asyncio.to_thread(_processes)
    cores = psutil.cpu_count() or 1
    largest = found[:n]
    rows = tuple((name, str(pid), _size(rss), f"{100 * busy / cores:.0f} %") for rss, name, pid, busy in largest)
    data = [
        {"name": name, "pid": pid, "memory": rss, "cpu": round(busy / cores, 3)} for rss, name, pid, busy in largest
    ]
    text = f"{len(found)} processes; the {len(rows)} with most memory, and their share of all cores since they began."
    return Answer(text, table=Table(("process", "pid", "memory", "cpu"), rows), data=data)


@action("host disk", role=Role.VIEWER)
async def disk(run: Run) -> Answer:
    """Tell how full disks are, how fast they fill and when they will be full."""
    disks = await asyncio.to_thread(Machine().disks, paths_of(run.parts))
    kept = await samples.between(run.now - _WEEK, run.now)
    limit = (await figures.thresholds(run.parts))["disk"]
    rows, data, odd = [], [], []
    for one in disks:
        growth, state = growth_of(one, kept), limit.state(one.share)
        rows.append((one.mount, f"{one.share:.0%} of {_size(one.size)}", state, _grows(growth)))
        data.append(_disk_data(one, growth, state))
        soon = growth is not None and growth.days_left is not None and growth.days_left < 1
        if state != "normal" or soon:
            odd.append(f"{one.mount}: {'full within a day' if soon else state}")
    text = f"{', '.join(odd)}." if odd else "All disks have room."
    table = Table(("mount", "used", "state", "growth"), tuple(rows))
    return Answer(text, ok=not odd, table=table, suggestions=_cleaning() if odd else (), data=data)


@action("host oom", role=Role.RESPONDER)
async def oom(run: Run, since: Annotated[timedelta, Duration("5m", "30d")] = _HOUR) -> Answer:
    """Tell how often memory ran out and a process was killed for it, as the kernel counts."""
    now = Machine().oom_kills()
    if not now:
        return Answer("The kernel of this machine does not tell how often memory ran out.", ok=False)
    found = new_kills(now, await samples.between(run.now - since, run.now))
    rows = []
    for who, count in now.items():
        new, at = found.get(who, (None, None))
        when = "" if at is None else f", last about {moment(at)}"
        rows.append((who, "not measured" if new is None else f"{new}{when}", str(count)))
    killed = await _killed_instances(run)
    rows += [(name, detail, "") for name, detail in killed]
    total = max((new for new, _ in found.values()), default=0)
    is_bad = total > 0 or bool(killed)
    text = f"Memory ran out {counted(total, 'time')} in the last {span(since)}." if found else _UNMEASURED
    suggestions = (Suggestion("diagnose memory", "diagnose memory"),) if is_bad else ()
    table = Table(("counted by", f"in {span(since)}", "since it began"), tuple(rows))
    data = {who: {"new": found.get(who, (None,))[0], "total": count} for who, count in now.items()}
    return Answer(text, ok=not is_bad, table=table, suggestions=suggestions, data=data)


_UNMEASURED = "Nothing was measured in this time; what the kernel has counted since it began is in the last column."


@action("host connections", role=Role.RESPONDER)
async def connections(run: Run, port: Annotated[int | None, Integer(1, 65535), "local or remote"] = None) -> Answer:
    """Count network connections by state."""
    try:
        found = await asyncio.to_thread(psutil.net_connections, "inet")
    except psutil.AccessDenied:
        return Answer("This process may not see the machine's connections.", ok=False)
    if port is not None:
        found = [one for one in found if port in (getattr(one.laddr, "port", 0), getattr(one.raddr, "port", 0))]
    counts = Counter(one.status if one.status != psutil.CONN_NONE else "UDP" for one in found)
    where = "" if port is None else f" at port {port}"
    text = f"{counted(len(found), 'connection')}{where}, {counts.get('ESTABLISHED', 0)} established."
    rows = tuple((state, str(count)) for state, count in counts.most_common())
    return Answer(text, table=Table(("state", "connections"), rows), data=dict(counts))


@action("host swap", role=Role.RESPONDER)
async def swap(run: Run) -> Answer:
    """Tell how much swap there is; it cannot be made from here, and this says how it is made."""
    now = psutil.swap_memory()
    text = (
        f"Swap: {_swap()}. It is not made from a chat: that takes root, and a machine that swaps while pictures are "
        "read is slower than one with a worker less. If it must be, on the server:"
    )
    return Answer(text, log=_SWAP_STEPS, data={"used": now.used, "total": now.total})


async def _services(run: Run) -> tuple[list[tuple[str, str, int | None]], str]:
    """Name, words and bytes of each service, as far as whatever runs them tells."""
    if not run.parts.has(ORCHESTRATOR):
        return [], f"Services are not told apart: {ORCHESTRATOR.reason}"
    found: list[tuple[str, str, int | None]] = []
    for service, status in await run.parts.get(ORCHESTRATOR).statuses():
        if isinstance(status, OrchestratorError):
            found.append((service.name, str(status), None))
            continue
        sizes = [one.memory for one in status.instances if one.memory is not None]
        said = f"{status.state.value}, {_sizes(sizes, await _limit(service))}"
        found.append((service.name, said, max(sizes, default=None)))
    return found, ""


def _sizes(sizes: Sequence[int], limit: int | None) -> str:
    """``1.5 GB in 2 processes of 2.0 GB each, the largest 1.2 GB``"""
    if not sizes:
        return "memory not told"
    of = "" if limit is None else f" of {_size(limit)} each"
    most = "" if len(sizes) < 2 else f", the largest {_size(max(sizes))}"
    return f"{_size(sum(sizes))} in {counted(len(sizes), 'process', 'processes')}{of}{most}"


async def _limit(service: Service) -> int | None:
    """Bytes, None where there is no limit or nobody knows it."""
    try:
        return (await service.limits()).memory
    except (OrchestratorError, NotOffered):
        return None


async def _killed_instances(run: Run) -> list[tuple[str, str]]:
    """Containers and pods whose back end says that they were killed for want of memory."""
    if not run.parts.has(ORCHESTRATOR):
        return []
    found: list[tuple[str, str]] = []
    for service, status in await run.parts.get(ORCHESTRATOR).statuses():
        if not isinstance(status, OrchestratorError):
            killed = [one for one in status.instances if "want of memory" in one.detail or "OOMKilled" in one.detail]
            found += [(f"{service.name} {one.name}", one.detail) for one in killed]
    return found


def _processes() -> list[tuple[int, str, int, float]]:
    """Memory, name, id and cores in use of all processes, largest first."""
    found: list[tuple[int, str, int, float]] = []
    for process in psutil.process_iter(["name", "pid", "memory_info", "cpu_times", "create_time"]):
        told = process.info
        if told["memory_info"] is None or told["cpu_times"] is None:
            continue
        age = max(1.0, time.time() - (told["create_time"] or 0.0))
        busy = (told["cpu_times"].user + told["cpu_times"].system) / age
        found.append((told["memory_info"].rss, told["name"] or "?", told["pid"], busy))
    return sorted(found, reverse=True)


def _memory(memory: Memory) -> str:
    whose = "this container's limit" if memory.is_limited else "the machine's"
    return f"{memory.share:.0%} of {_size(memory.limit)} ({whose})"


def _swap() -> str:
    now = psutil.swap_memory()
    return f"{now.percent:.0f} % of {_size(now.total)}" if now.total else "none"


def _grows(growth: Growth | None) -> str:
    if growth is None:
        return "not measured for an hour yet"
    if growth.days_left is None:
        return "does not grow"
    full = "over a year" if growth.days_left > 365 else span(timedelta(days=growth.days_left))
    return f"{_size(growth.per_day)} a day, full in {full}"


def _disk_data(one: Disk, growth: Growth | None, state: str) -> dict[str, object]:
    return {
        "mount": one.mount,
        "used": one.used,
        "size": one.size,
        "state": state,
        "growth_per_day": None if growth is None else round(growth.per_day),
        "days_left": None if growth is None or growth.days_left is None else round(growth.days_left, 2),
    }


def _cleaning() -> tuple[Suggestion, ...]:
    return (Suggestion("host cleanup", "host cleanup"), Suggestion("backup list", "backup list"))


def _size(size: float) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if abs(size) >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"
