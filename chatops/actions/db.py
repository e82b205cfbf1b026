"""The database: whether it answers, how it is, who is connected, what is slow."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from chatops.backups.postgres import POSTGRES, fresh_ms
from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotConfigured, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Integer, Word
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, sized, span
from config.ops import Role
from storage import postgres_stats, schema, sqlite_stats
from storage.database import sqlite_path
from storage.postgres_stats import IdleSession, StatisticsMissing

GROUPS = {"db": "The database: sessions, speed, size, migrations."}

_MANY = 0.8
"""Share of the connections from which on there are too many."""
_LATE_S = 60.0
_LONG_S = 30.0
_TURN_MS = 1000.0
OlderThan = Annotated[timedelta, Duration("5m", "7d")]
_TEN_MINUTES = timedelta(minutes=10)


@action("db ping", role=Role.VIEWER)
async def ping(run: Run) -> Answer:
    """Ask the database for a sign of life, through the pool and on a connection of its own."""
    began = time.perf_counter()
    await run.parts.database.ping()
    pool = (time.perf_counter() - began) * 1000
    fresh = await _fresh(run)
    text = f"The database answers in {pool:.1f} ms through the pool, in {fresh:.1f} ms on a new connection."
    return Answer(text, data={"pool_ms": round(pool, 3), "fresh_ms": round(fresh, 3)})


async def _fresh(run: Run) -> float:
    path = sqlite_path(run.parts.database_url)
    if path is None:
        return await fresh_ms(run.parts)
    began = time.perf_counter()
    await sqlite_stats.ask_anew(path)
    return (time.perf_counter() - began) * 1000


@action("db status", role=Role.RESPONDER, timeout=timedelta(minutes=2))
async def status(run: Run) -> Answer:
    """Tell version, size, schema, delay of replicas and the longest transaction."""
    version = await schema.status(run.parts.database_url)
    path = sqlite_path(run.parts.database_url)
    rows, warnings, data = await (_postgres(run) if path is None else _sqlite(path))
    rows.append(("schema", version.applied[-1] if version.applied else "none"))
    if version.missing:
        warnings.append(f"It lacks {counted(len(version.missing), 'migration')}: db migrate applies them.")
    if version.unknown:
        warnings.append(f"A newer release has changed it ({version.unknown[-1]}).")
    text = "\n".join(warnings) or "The database is well."
    data |= {"applied": list(version.applied), "missing": list(version.missing), "unknown": list(version.unknown)}
    return Answer(text, ok=not warnings, table=Table(("what", "is"), tuple(rows)), data=data)


_Found = tuple[list[tuple[str, str]], list[str], dict[str, object]]
"""Rows of the table, warnings, data."""


async def _sqlite(path: Path) -> _Found:
    found = await sqlite_stats.status(path)
    rows = [
        ("database", f"SQLite {found.version}"),
        ("size", f"{sized(found.size)}, {sized(found.free)} of it free"),
        ("write-ahead log", f"{sized(found.log)} ({found.journal})"),
        ("a writer waits", f"{found.turn_ms:.1f} ms"),
        ("integrity", found.problem or "good"),
    ]
    warnings = [f"The file is damaged: {found.problem}. Restore a backup."] if found.problem else []
    if found.turn_ms > _TURN_MS:
        warnings.append(f"Somebody has kept writers waiting for {found.turn_ms / 1000:.1f} s.")
    data: dict[str, object] = {"size": found.size, "log": found.log, "free": found.free, "problem": found.problem}
    return rows, warnings, data


@action("db integrity", role=Role.OPERATOR, timeout=timedelta(minutes=15))
async def integrity(run: Run) -> Answer:
    """Read all of an SQLite database, its indices too, for damage; db status looks only at its tables."""
    path = sqlite_path(run.parts.database_url)
    if path is None:
        raise NotPossible("Postgres checks its pages itself; db verify compares its tables.", suggestion("db verify"))
    began = time.perf_counter()
    problem = await sqlite_stats.damage(path)
    took = span(time.perf_counter() - began)
    text = f"The file is damaged: {problem}. Restore a backup." if problem else f"All of the file is whole ({took})."
    return Answer(text, ok=not problem, data={"problem": problem})


async def _postgres(run: Run) -> _Found:
    found = await postgres_stats.status(run.parts.database)
    rows = [
        ("database", f"Postgres {found.version}" + (", a replica" if found.is_replica else "")),
        ("up for", span(found.uptime_s)),
        ("size", sized(found.size)),
        ("connections", f"{found.connections} of {found.most_connections}"),
        ("longest transaction", span(found.longest_transaction_s)),
    ]
    rows += [(f"replica {name}", f"{span(lag)} behind") for name, lag in found.replicas]
    warnings = [f"Replica {name} is {span(lag)} behind." for name, lag in found.replicas if lag > _LATE_S]
    if found.is_replica:
        warnings.append("This is a replica: nothing can be written to it.")
    if found.longest_transaction_s > _LONG_S:
        warnings.append(f"A transaction has been open for {span(found.longest_transaction_s)}.")
    if found.connections >= _MANY * found.most_connections:
        warnings.append(f"{found.connections} of {found.most_connections} connections are in use.")
    data: dict[str, object] = {"size": found.size, "connections": found.connections, "most": found.most_connections}
    return rows, warnings, data


@action("db connections", role=Role.RESPONDER, needs=[POSTGRES])
async def connections(run: Run) -> Answer:
    """Count sessions of the database by application and state."""
    found, status_ = await postgres_stats.sessions(run.parts.database), await postgres_stats.status(run.parts.database)
    share = status_.connections / status_.most_connections
    text = f"{status_.connections} of {status_.most_connections} connections of the server are in use ({share:.0%})."
    if share >= _MANY:
        text += " That is many: end idle ones, or make pools smaller."
    rows = tuple((one.application, one.state, str(one.count), span(one.oldest_s)) for one in found)
    return Answer(
        text,
        ok=share < _MANY,
        table=Table(("application", "state", "count", "longest"), rows),
        suggestions=(suggestion("db idle"),),
        data={"connections": status_.connections, "most": status_.most_connections},
    )


@action("db idle", role=Role.RESPONDER, needs=[POSTGRES])
async def idle(run: Run, older_than: OlderThan = _TEN_MINUTES) -> Answer:
    """List sessions of the product's own role that have done nothing for a time."""
    found = await postgres_stats.idle(run.parts.database, older_than)
    if not found:
        return Answer(f"No session that may be ended has been idle for {span(older_than)}.", data=[])
    usable = sum(not one.is_in_use for one in found)
    rows = tuple((str(one.pid), one.application, _doing(one), span(one.idle_s), one.last) for one in found)
    data = [{"pid": one.pid, "idle_s": one.idle_s, "last": one.last, "in_use": one.is_in_use} for one in found]
    kill = (suggestion("db kill-idle", older_than=f"{older_than.total_seconds():.0f}s"),) if usable else ()
    text = f"{len(found)} sessions are idle, {usable} of them are of no living pool."
    return Answer(text, table=Table(("pid", "application", "state", "idle", "last"), rows), suggestions=kill, data=data)


def _doing(one: IdleSession) -> str:
    return "pool" if one.is_in_use else one.state


@action(
    "db kill-idle",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    needs=[POSTGRES],
    check="db connections",
)
async def kill_idle(
    run: Run, older_than: OlderThan = _TEN_MINUTES, limit: Annotated[int, Integer(1, 100)] = 20
) -> Answer:
    """End idle sessions of the product's own role, never those of living pools, backups or replicas."""
    found = await _endable(run, older_than, limit)
    ended = await postgres_stats.end(run.parts.database, [one.pid for one in found], older_than)
    text = f"{counted(len(ended), 'session')} ended: {', '.join(map(str, ended)) or 'all had work again'}."
    return Answer(text, suggestions=(suggestion("db connections"),), data={"ended": ended})


@kill_idle.plan
async def plan_kill_idle(run: Run, older_than: timedelta = _TEN_MINUTES, limit: int = 20) -> Plan:
    """Which sessions."""
    found = await _endable(run, older_than, limit)
    rows = tuple((str(one.pid), one.application, one.state, span(one.idle_s), one.last) for one in found)
    table = Table(("pid", "application", "state", "idle", "last"), rows)
    return Plan(f"Ends {counted(len(found), 'idle session')}.", tuple(str(one.pid) for one in found), table=table)


async def _endable(run: Run, older_than: timedelta, limit: int) -> list[IdleSession]:
    found = [one for one in await postgres_stats.idle(run.parts.database, older_than) if not one.is_in_use][:limit]
    if not found:
        raise NotPossible(f"No session that may be ended has been idle for {span(older_than)}.")
    return found


@action("db slow", role=Role.RESPONDER, needs=[POSTGRES])
async def slow(
    run: Run,
    n: Annotated[int, Integer(1, 50)] = 10,
    sort: Annotated[str, Word(("total", "mean"))] = "total",
) -> Answer:
    """List the queries that took longest, without the values in them."""
    try:
        found = await postgres_stats.slow(run.parts.database, n, sort)
    except StatisticsMissing as error:
        raise NotConfigured(str(error)) from error
    rows = tuple((f"{one.total_ms:.0f}", f"{one.mean_ms:.1f}", str(one.calls), one.text[:120]) for one in found)
    data = [{"query": one.text, "calls": one.calls, "total_ms": one.total_ms, "mean_ms": one.mean_ms} for one in found]
    return Answer(f"{len(found)} queries.", table=Table(("ms", "mean ms", "calls", "query"), rows), data=data)
