"""Looking at running processes: how much they log, what they do, where memory goes. None is restarted for it."""

from datetime import timedelta
from typing import Annotated, Any

from chatops.model import Answer, BadArgument, Confirmation, File, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Integer, Name, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.security.processes import Service, asked, meant, one_of_them
from chatops.times import moment, span
from config.inspection.levels import LIBRARIES, OWN, may_be_set
from config.inspection.sampling import dump
from config.ops import Role
from storage import values
from storage.attending import DEBUG

GROUPS = {"debug": "Log levels and a look at running processes, without restarting them."}

_ANSWERS_S = 5.0
_SLACK_S = 25.0


async def _loggers(parts: Parts, typed: str) -> list[str]:
    return [*OWN, *LIBRARIES]


Logger = Annotated[str, Name("a logger such as ocr_worker.jobs", _loggers, longest=60)]
Level = Annotated[str, Word(("debug", "info", "warning"))]


@action("debug on", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="debug inspect")
async def on(
    run: Run,
    service: Service = "all",
    logger: Logger = "",
    for_: Annotated[timedelta, Duration("1m", "2h")] = timedelta(minutes=15),
    level: Level = "debug",
) -> Answer:
    """Have processes log more for a while; they go back by themselves."""
    _check_logger(logger)
    processes = await meant(run.parts, service)
    until = run.now + for_
    kept = {"level": level, "logger": logger, "until": until.isoformat()}
    await values.set_value(DEBUG + service, kept, by=run.human, now=run.now)
    said = await asked(run.parts, processes, "levels", {}, _ANSWERS_S)
    rows = tuple((one.name, problem or str(result)) for one, result, problem in said)
    text = f"{logger or 'The product'} logs at {level} until {moment(until)}; players see nothing of it."
    data = {"until": until.isoformat(), "levels": dict(rows)}
    return Answer(text, table=Table(("process", "level"), rows), data=data)


@on.plan
async def plan_on(
    run: Run, service: str = "all", logger: str = "", for_: timedelta = timedelta(minutes=15), level: str = "debug"
) -> Plan:
    """Which processes."""
    _check_logger(logger)
    processes = await meant(run.parts, service)
    names = tuple(one.name for one in processes)
    return Plan(f"{len(names)} processes log at {level} for {span(for_)}, without a restart.", names, service)


def _check_logger(logger: str) -> None:
    if logger and not may_be_set(logger):
        raise BadArgument(
            f"logger: {logger[:60]} may not be set, since it may tell secrets; choose one of {', '.join(OWN)}, "
            f"{', '.join(LIBRARIES)}, or one below."
        )


@action("debug off", role=Role.OPERATOR, risk=Risk.WRITE, check="debug inspect")
async def off(run: Run) -> Answer:
    """Have all processes log as their settings say."""
    count = 0
    for key in await values.values(DEBUG):
        count += await values.remove_value(key)
    if not count:
        return Answer("No log level was changed.", data={"ended": 0})
    said = await asked(run.parts, await meant(run.parts, "all"), "levels", {}, _ANSWERS_S)
    rows = tuple((one.name, problem or str(result)) for one, result, problem in said)
    return Answer("All log as before.", table=Table(("process", "level"), rows), data={"ended": count})


@action("debug inspect", role=Role.RESPONDER)
async def inspect(run: Run, service: Service = "all") -> Answer:
    """Look at processes: threads, tasks, memory, files, delay of the event loop, log level."""
    said = await asked(run.parts, await meant(run.parts, service), "look", {}, _ANSWERS_S)
    rows = []
    for one, found, problem in said:
        if problem:
            rows.append((one.name, "?", "?", "?", "?", problem))
        else:
            tasks = sum(found["tasks"].values())
            late = f"{found['loop_late_ms']:g} ms"
            rows.append(
                (one.name, _mb(found["memory_bytes"]), str(len(found["threads"])), str(tasks), late, found["level"])
            )
    lines: list[str] = []
    if len(said) == 1 and said[0][1] is not None:
        lines = _details(said[0][1])
    data = {one.name: found if not problem else {"problem": problem} for one, found, problem in said}
    silent = sum(bool(problem) for *_, problem in said)
    text = f"{len(said)} processes." if not silent else f"{silent} of {len(said)} processes do not answer."
    columns = ("process", "memory", "threads", "tasks", "late", "level")
    return Answer(text, ok=not silent, table=Table(columns, tuple(rows)), log=tuple(lines), data=data)


def _details(found: dict[str, Any]) -> list[str]:
    lines = [f"thread {one['name']}: {one['at'] or 'ending'}" for one in found["threads"][:12]]
    lines += [f"{count} × {name}" for name, count in found["tasks"].items()]
    lines += [f"child {one}" for one in found["children"]]
    return [*lines, f"{found['files']} open files, {found['connections']} connections"]


@action(
    "debug memory",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=3),
    check="debug inspect",
)
async def memory(
    run: Run,
    service: Service = "bot",
    top: Annotated[int, Integer(1, 30)] = 10,
    seconds: Annotated[int, Integer(1, 120)] = 60,
) -> Answer:
    """Trace what one process allocates for a while, and show which lines of code still hold it."""
    process = await one_of_them(run.parts, service)
    await run.step(f"{process.name} is traced for {seconds} s.")
    arguments = {"seconds": seconds, "top": top}
    [(_, found, problem)] = await asked(run.parts, [process], "memory", arguments, seconds + _SLACK_S)
    if problem:
        raise NotPossible(problem)
    rows = tuple((one["at"], _mb(one["bytes"]), str(one["count"])) for one in found["sites"])
    text = (
        f"{process.name} holds {_mb(found['traced_bytes'])} of what it allocated in {seconds} s (at most "
        f"{_mb(found['peak_bytes'])}). The file opens in speedscope.app."
    )
    name = f"memory-{process.kind}-{run.now:%Y%m%dT%H%M%SZ}.speedscope.json"
    data = {"process": process.name, "traced_bytes": found["traced_bytes"], "sites": found["sites"]}
    file = File(name, dump(found["document"]), "application/json")
    return Answer(text, table=Table(("line", "held", "blocks"), rows), files=(file,), data=data)


@memory.plan
async def plan_memory(run: Run, service: str = "bot", top: int = 10, seconds: int = 60) -> Plan:
    """Which process, and what it costs."""
    process = await one_of_them(run.parts, service)
    summary = f"{process.name} is traced for {seconds} s, and may take up to three times as long for everything."
    return Plan(summary, (process.name,), process.name)


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
