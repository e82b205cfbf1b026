"""Health: whether what there is answers, whether the product can work, and how it does in detail."""

import asyncio
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

import psutil

from chatops import figures
from chatops.figures import FIGURES
from chatops.model import Answer, BadArgument, Suggestion, Table
from chatops.observing.machine import Machine
from chatops.observing.probing import Probe, probe_all, targets
from chatops.observing.readiness import Part, basic_checks, checked, readiness
from chatops.parameters import Name, one_of
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import span
from config.ops import Role
from storage import conversions, outbox
from storage.dead_letters import dead_letter_count
from storage.errors import StorageError
from storage.queue import WorkerRecord

GROUPS = {"health": "Whether the product works."}

_ALL = "all"
_PROBE_S = 3.0
_CORE = ("database", "redis", "workers")


async def _services(parts: Parts, typed: str) -> Sequence[str]:
    return [_ALL, *_CORE, *targets(parts)]


@action("health check", role=Role.VIEWER)
async def check(run: Run, service: Annotated[str, Name("a service, or all", _services)] = _ALL) -> Answer:
    """Ask every service whether it answers, three seconds each."""
    addresses = {name: address for name, address in targets(run.parts).items() if name not in _CORE}
    try:
        name = one_of(service, [_ALL, *_CORE, *addresses])
    except BadArgument as error:
        raise BadArgument(f"service: {error}") from None
    wanted = addresses if name == _ALL else {one: address for one, address in addresses.items() if one == name}
    core = [one for one in _CORE if name in (_ALL, one)]
    known, probes = await asyncio.gather(_core(run.parts, core), probe_all(wanted, _PROBE_S))
    found = [*known, *map(_probed, probes)]
    bad = [one for one in found if not one.is_ok]
    text = f"{len(found) - len(bad)} of {len(found)} answer."
    return Answer(
        text if not bad else f"{text} Not: {', '.join(one.name for one in bad)}.",
        ok=not bad,
        table=_table(found),
        suggestions=(Suggestion("diagnose site", "diagnose site"),) if bad else (),
        data=_data(found),
    )


@action("health ready", role=Role.VIEWER)
async def ready(run: Run) -> Answer:
    """Tell of each part that the product needs whether it is there."""
    found = await readiness(run.parts)
    bad = [one for one in found if one.is_ok is False]
    text = "Ready." if not bad else f"Not ready: {', '.join(one.name for one in bad)}."
    suggestions = (Suggestion("diagnose site", "diagnose site"), Suggestion("health detailed", "health detailed"))
    return Answer(text, ok=not bad, table=_table(found), suggestions=suggestions if bad else (), data=_data(found))


@action("health detailed", role=Role.RESPONDER)
async def detailed(run: Run) -> Answer:
    """Tell versions, uptime, queue, workers, memory and figures that are not normal."""
    process = psutil.Process()
    memory = Machine().memory()
    began = datetime.fromtimestamp(process.create_time(), UTC)
    rows = [
        ("version", f"{version('screen2deck')}, Python {platform.python_version()}"),
        ("this process", f"up {span(datetime.now(UTC) - began)}, {_mb(process.memory_info().rss)}"),
        ("memory", f"{memory.share:.0%} of {_mb(memory.limit)}{' (container)' if memory.is_limited else ''}"),
    ]
    data: dict[str, object] = {
        "version": version("screen2deck"),
        "python": platform.python_version(),
        "uptime_seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "memory_bytes": process.memory_info().rss,
        "memory_share": round(memory.share, 4),
    }
    missing = []
    for part in (_queue_details, _worker_details, _figure_details):
        try:
            more, told = await part(run.parts)
        except StorageError as error:
            missing.append(str(error))
        else:
            rows += more
            data |= told
    kind = "SQLite" if run.parts.database.is_sqlite else "Postgres"
    text = " ".join(missing) or f"{run.parts.policy.environment}, on {kind}."
    return Answer(text, ok=not missing, table=Table(("part", "how it is"), tuple(rows)), data=data)


async def _queue_details(parts: Parts) -> tuple[list[tuple[str, str]], dict[str, object]]:
    counts = {str(state): count for state, count in (await conversions.counts()).items()}
    oldest = await conversions.oldest_waiting()
    age = None if oldest is None else max(0.0, (parts.clock() - oldest).total_seconds())
    letters, pending = await dead_letter_count(), await outbox.pending_count()
    said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()) if count) or "empty"
    waits = "" if age is None else f", the longest waits {span(age)}"
    rows = [("queue", said + waits), ("given up", str(letters)), ("messages to send", str(pending))]
    told = {"states": counts, "oldest_seconds": age, "dead_letters": letters, "outbox": pending}
    return rows, {"queue": told}


async def _worker_details(parts: Parts) -> tuple[list[tuple[str, str]], dict[str, object]]:
    alive = await parts.queue.workers()
    rows = [(f"worker {one.name}", _worker(one)) for one in alive] or [("workers", "none is alive")]
    data = [
        {
            "name": one.name,
            "state": one.state,
            "release": one.release,
            "engine": one.engine,
            "pipeline": one.pipeline,
            "done": one.done,
            "failed": one.failed,
            "memory_bytes": one.memory,
        }
        for one in alive
    ]
    return rows, {"workers": data, "jobs": await parts.queue.depth()}


async def _figure_details(parts: Parts) -> tuple[list[tuple[str, str]], dict[str, object]]:
    limits = await figures.thresholds(parts)
    now = await figures.currents(parts)
    odd = {
        name: FIGURES[name].shown(one.value)
        for name, one in now.items()
        if one.value is not None and figures.condition(one, limits.get(name)) in ("elevated", "alert")
    }
    return [("not normal", ", ".join(f"{name} {value}" for name, value in odd.items()) or "nothing")], {"odd": odd}


def _worker(one: WorkerRecord) -> str:
    return f"{one.state}, {one.engine} {one.release}, {one.done} done, {one.failed} given up, {_mb(one.memory)}"


async def _core(parts: Parts, names: Sequence[str]) -> list[Part]:
    checks = basic_checks(parts.database, parts.queue)
    return list(await asyncio.gather(*(checked(name, checks[name]) for name in names)))


def _probed(one: Probe) -> Part:
    words = one.problem or ("answered" if one.status is None else f"answered {one.status}")
    return Part(one.target, one.is_ok, words, one.total_ms)


def _table(found: Sequence[Part]) -> Table:
    return Table(("part", "state", "how it is"), tuple((one.name, _state(one), _words(one)) for one in found))


def _state(one: Part) -> str:
    return "?" if one.is_ok is None else "ok" if one.is_ok else "FAIL"


def _words(one: Part) -> str:
    took = "" if one.milliseconds is None else f"{one.milliseconds:.0f} ms"
    return ", ".join(filter(None, (one.words, took)))


def _data(found: Sequence[Part]) -> list[dict[str, object]]:
    return [
        {
            "part": one.name,
            "ok": one.is_ok,
            "words": one.words,
            "ms": None if one.milliseconds is None else round(one.milliseconds, 1),
        }
        for one in found
    ]


def _mb(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
