"""The database changed and compared: sizes of pools, tables of this release, migrations."""

from datetime import timedelta
from typing import Annotated

from chatops.backups import migrating
from chatops.backups.postgres import POSTGRES
from chatops.console import suggestion
from chatops.model import Answer, Confirmation, File, NotPossible, Plan, Risk, Table
from chatops.parameters import Flag, Integer, Name
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.security.processes import asked
from chatops.times import counted
from config.ops import Role
from storage import pool, postgres_stats, schema, schema_check, smoke, values
from storage.control import Control, ProcessRecord
from storage.pool import PoolSize

_ANSWERS_S = 5.0
_KEPT_FREE = 10
"""Connections of the server that pools leave to others: backups, operators, the server's own."""


@action("db settings", role=Role.RESPONDER, needs=[POSTGRES])
async def settings(run: Run) -> Answer:
    """Tell how large pools are, in all processes, and what the server allows."""
    status = await postgres_stats.status(run.parts.database)
    processes = await Control(run.parts.queue).processes()
    told = await asked(run.parts, processes, "pool", {}, _ANSWERS_S)
    rows = tuple((one.name, problem or _told(result)) for one, result, problem in told)
    size = await pool.wanted()
    room = status.most_connections - _KEPT_FREE - size.most * len(processes)
    text = (
        f"Each of {counted(len(processes), 'process', 'processes')} keeps {size.size} connections and opens up to "
        f"{size.overflow} more; the server allows {status.most_connections}, {status.connections} are in use. "
        f"Room for {room} more."
    )
    data = {"size": size.size, "overflow": size.overflow, "most": status.most_connections, "room": room}
    return Answer(text, ok=room >= 0, table=Table(("process", "pool"), rows) if rows else None, data=data)


def _told(result: "dict[str, int] | None") -> str:
    if result is None:
        return "none"
    return f"{result['open']} open, {result['idle']} idle, {result['size']} to {result['most']}"


@action(
    "db pool-set",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=[POSTGRES],
    check="db settings",
)
async def pool_set(
    run: Run, size: Annotated[int, Integer(1, 50)] = 20, overflow: Annotated[int, Integer(0, 100)] = 40
) -> Answer:
    """Set how many connections each process keeps and may open beyond; pools change while they are used."""
    processes = await _checked(run, PoolSize(size, overflow))
    before = await pool.wanted()
    await values.set_value(pool.KEY, {"size": size, "overflow": overflow}, by=run.human, now=run.now)
    told = await asked(run.parts, processes, "pool", {}, _ANSWERS_S)
    rows = tuple((one.name, problem or _told(result)) for one, result, problem in told)
    text = f"Pools keep {size} (before: {before.size}) and open up to {overflow} more (before: {before.overflow})."
    undo = suggestion("db pool-set", "undo", size=before.size, overflow=before.overflow)
    is_ok = not any(problem for _, _, problem in told)
    return Answer(text, ok=is_ok, table=Table(("process", "pool"), rows) if rows else None, suggestions=(undo,))


@pool_set.plan
async def plan_pool_set(run: Run, size: int = 20, overflow: int = 40) -> Plan:
    """Whether the server has so many."""
    processes = await _checked(run, PoolSize(size, overflow))
    before, status = await pool.wanted(), await postgres_stats.status(run.parts.database)
    most = (size + overflow) * max(1, len(processes))
    summary = (
        f"{counted(len(processes), 'process', 'processes')}: {before.size}+{before.overflow} becomes "
        f"{size}+{overflow}, {most} at most of the server's {status.most_connections}."
    )
    return Plan(summary, tuple(one.name for one in processes), "pools")


async def _checked(run: Run, size: PoolSize) -> list[ProcessRecord]:
    processes = await Control(run.parts.queue).processes()
    allowed = (await postgres_stats.status(run.parts.database)).most_connections
    count = max(1, len(processes))
    if size.most * count > allowed - _KEPT_FREE:
        needed = size.most * count + _KEPT_FREE
        raise NotPossible(
            f"{count} x ({size.size} + {size.overflow}) connections and {_KEPT_FREE} for others are {needed}, and the "
            f"server allows {allowed}. Take less, or set max_connections = {needed} in postgresql.conf and restart it."
        )
    return processes


@action("db verify", role=Role.OPERATOR, timeout=timedelta(minutes=1))
async def verify(run: Run) -> Answer:
    """Compare tables, columns, indices and migrations with this release, and ask what the product asks."""
    status = await schema.status(run.parts.database_url)
    problems = [f"migration {name} is pending" for name in status.missing]
    problems += [f"migration {name} is of a newer release" for name in status.unknown]
    problems += await schema_check.problems(run.parts.database)
    asked_ = await smoke.ask()
    problems += [f"{one.what}: {one.problem}" for one in asked_ if one.problem]
    rows = tuple((one.what, one.problem or f"{one.ms:.1f} ms") for one in asked_)
    count = len(schema_check.expected().columns)
    text = f"All {count} tables are those of this release ({status.applied[-1] if status.applied else 'none'})."
    if problems:
        text = f"{counted(len(problems), 'difference')} from this release."
    return Answer(
        text,
        ok=not problems,
        table=Table(("question", "answer"), rows),
        log=tuple(problems[:50]),
        suggestions=(suggestion("db migrate"),) if status.missing else (),
        data={"problems": problems, "revision": status.applied[-1] if status.applied else None},
    )


async def _pending_names(parts: Parts, typed: str) -> list[str]:
    return list((await schema.status(parts.database_url)).missing)


Target = Annotated[str, Name("the last migration to apply", _pending_names), "without it, all"]


@action("db pending", role=Role.RESPONDER)
async def pending(run: Run) -> Answer:
    """Show migrations that are pending, with their statements as a file."""
    if not (await schema.status(run.parts.database_url)).missing:
        return Answer("No migration is pending.", data=[])
    found = await migrating.pending(run, "")
    file = File("pending.sql", _script(found).encode(), "text/plain")
    names = [name for name, _ in found]
    return Answer(f"Pending: {', '.join(names)}.", files=(file,), suggestions=(suggestion("db migrate"),), data=names)


def _script(found: list[tuple[str, list[str]]]) -> str:
    return "\n\n".join(f"-- {name}\n" + "\n".join(statements) for name, statements in found) + "\n"


@action(
    "db migrate",
    role=Role.ADMIN,
    risk=Risk.DESTRUCTIVE,
    confirm=Confirmation.TWO_PERSONS,
    timeout=timedelta(hours=1),
    check="db verify",
    lock="backup",
)
async def migrate(
    run: Run, target: Target = "", backup: Annotated[bool, Flag(), "back up and verify first"] = True
) -> Answer:
    """Bring the tables to this release: backup, maintenance, change, check, maintenance off."""
    done = await migrating.migrate(run, target, backup=backup)
    text = f"{done.before} became {done.after}."
    undo = f" The backup is {done.backup}." if done.backup else " There is no backup."
    data = {"applied": list(done.applied), "before": done.before, "after": done.after, "backup": done.backup}
    return Answer(text + undo, suggestions=(suggestion("db verify"),), data=data)


@migrate.plan
async def plan_migrate(run: Run, target: str = "", backup: bool = True) -> Plan:
    """Which migrations, and their statements."""
    found = await migrating.pending(run, target)
    rows = tuple((name, " ".join(one.split())[:200]) for name, statements in found for one in statements)
    first = "Backs up and verifies, then" if backup else "Without a backup:"
    count = sum(len(statements) for _, statements in found)
    summary = (
        f"{first} maintenance, {counted(len(found), 'migration')} with {counted(count, 'statement')}, a check, "
        "maintenance off. A failure leaves maintenance on and calls the on-call."
    )
    return Plan(
        summary, tuple(name for name, _ in found), "database", table=Table(("migration", "statement"), rows[:40])
    )
