"""Logs: what processes and services wrote, read, grouped and searched; how long it is kept."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from chatops.model import Answer, File, Risk, Suggestion, Table
from chatops.observing.log_store import Gathered, components, folder_of, gather
from chatops.observing.signatures import Group, grouped
from chatops.parameters import Duration, Flag, Integer, Name, Text, Word
from chatops.registry import action
from chatops.run import Run
from chatops.security.processes import asked, meant
from chatops.times import ago, counted, moment, span
from config.log_files import KEPT, LARGEST, pieces
from config.log_reading import LEVELS, Line, Query
from config.ops import Role

GROUPS = {"logs": "What processes and services have logged."}

_LONGEST = 1500
"""Letters that are shown in the chat; more become a file, of which the end is shown."""
_PREVIEW = 900
_HOUR = timedelta(hours=1)
_MANY = 20_000
_FOLLOW_S = 1.0
_ASK_S = 10.0

Component = Annotated[str, Name("all, bot, worker, a process or a declared service", components)]


@action("logs tail", role=Role.RESPONDER, timeout=timedelta(minutes=11), private=False)
async def tail(
    run: Run,
    component: Component = "worker",
    n: Annotated[int, Integer(1, 500), "how many lines"] = 50,
    follow: Annotated[bool, Flag(), "show new lines as they come"] = False,
    for_: Annotated[timedelta, Duration("10s", "10m"), "how long to follow"] = timedelta(minutes=2),
) -> Answer:
    """Show the last lines of a log, and new ones as they come."""
    found = await gather(run.parts, Query(component, most=n))
    if follow:
        return await _follow(run, component, found, run.now + for_)
    if not found.lines:
        return Answer(_with_missing(f"{component} has logged nothing in the last week.", found), ok=not found.missing)
    text = f"The last {counted(len(found.lines), 'line')} of {component}."
    return _shown(_with_missing(text, found), found.lines, component)


@action("logs errors", role=Role.RESPONDER)
async def errors(
    run: Run,
    component: Component = "all",
    since: Annotated[timedelta, Duration("1m", "7d")] = _HOUR,
    n: Annotated[int, Integer(1, 100), "how many"] = 20,
    group: Annotated[bool, Flag(), "the same error once, with its count"] = True,
) -> Answer:
    """List errors, the same ones together with their count, first and last time and a sample."""
    query = Query(component, _from(run, since), level="error", most=_MANY if group else n)
    found = await gather(run.parts, query)
    if not found.lines:
        return Answer(_with_missing(f"No errors in the last {span(since)}.", found), data=[])
    if not group:
        text = f"The last {counted(len(found.lines), 'error')} of {span(since)}."
        return _shown(_with_missing(text, found), found.lines, "errors")
    groups = grouped(found.lines)
    total = f"{counted(len(found.lines), 'error')} of {counted(len(groups), 'kind')} in the last {span(since)}."
    rows = tuple(_row(one, run.now) for one in groups[:n])
    table = Table(("error", "count", "first – last", "sample"), rows)
    return Answer(
        _with_missing(total, found),
        table=table,
        suggestions=(Suggestion("logs tail", "logs tail", {"component": groups[0].last.process}),),
        data=[_data(one) for one in groups[:n]],
    )


@action("logs search", role=Role.RESPONDER)
async def search(
    run: Run,
    text: Annotated[str, Text(2, 200), "looked for as it is, in letters of any case"],
    since: Annotated[timedelta, Duration("1m", "7d")] = _HOUR,
    level: Annotated[str, Word(LEVELS)] = "debug",
    component: Component = "all",
    n: Annotated[int, Integer(1, 500), "how many lines"] = 100,
) -> Answer:
    """Find lines that contain a text; it is no pattern."""
    found = await gather(run.parts, Query(component, _from(run, since), level, text, n))
    if not found.lines:
        return Answer(_with_missing(f"No line of the last {span(since)} contains that.", found), data=[])
    said = f"{counted(len(found.lines), 'line')} of the last {span(since)}."
    return _shown(_with_missing(said, found), found.lines, "search")


@action("logs policy", role=Role.VIEWER)
async def policy(run: Run) -> Answer:
    """Tell how long logs are kept, how large they are, and when they were closed last."""
    found = await asyncio.to_thread(pieces, folder_of(run.parts))
    rows, data = [], []
    for name in sorted({one.process for one in found}):
        own = [one for one in found if one.process == name]
        closed = [one.closed for one in own if one.closed is not None]
        size, last = sum(one.size for one in own), moment(closed[-1]) if closed else "not yet"
        rows.append((name, counted(len(own), "file"), f"{size / 1e6:.1f} MB", last))
        data.append({"process": name, "files": len(own), "bytes": size, "closed": last})
    text = (
        f"Each process closes its own file daily (UTC) and at {LARGEST / 1e6:.0f} MB, compresses it and drops it after "
        f"{span(KEPT)}; nothing is restarted for it."
    )
    if not rows:
        text += " There are no files on this machine" + ("." if run.parts.settings.log_files else ": LOG_FILES is off.")
    return Answer(
        text, table=Table(("process", "files", "size", "closed last"), tuple(rows)) if rows else None, data=data
    )


@action("logs rotate", role=Role.OPERATOR, risk=Risk.WRITE, check="logs policy")
async def rotate(run: Run, component: Component = "all") -> Answer:
    """Have processes close their log files now, and compress them."""
    answers = await asked(run.parts, await meant(run.parts, component), "rotate-logs", {}, _ASK_S)
    rows = tuple((one.name, problem or _closed(size)) for one, size, problem in answers)
    failed = [one.name for one, _, problem in answers if problem]
    text = f"{len(answers) - len(failed)} of {counted(len(answers), 'process', 'processes')} closed their files."
    data = [{"process": one.name, "bytes": size, "problem": problem} for one, size, problem in answers]
    return Answer(text, ok=not failed, table=Table(("process", "closed"), rows), data=data)


async def _follow(run: Run, component: str, found: Gathered, until: datetime) -> Answer:
    """New lines are told as progress, which edits the message; the answer has them all."""
    seen = list(found.lines[-3:])
    for line in seen:
        await run.step(line.shown())
    last, new = found.lines[-1].at if found.lines else run.now.isoformat(), 0
    while run.now < until:
        await asyncio.sleep(_FOLLOW_S)
        known = {(line.at, line.event) for line in seen[-500:]}
        fresh = (await gather(run.parts, Query(component, last, most=500))).lines
        for line in (one for one in fresh if (one.at, one.event) not in known):
            await run.step(line.shown())
            seen.append(line)
            new += 1
        last = max([last, *(line.at for line in fresh)])
    return _shown(f"{counted(new, 'new line')} of {component}.", seen, component)


def _shown(text: str, lines: Sequence[Line], name: str) -> Answer:
    shown = tuple(line.shown() for line in lines)
    data = [{"at": one.at, "process": one.process, "level": one.level, "event": one.event} for one in lines[-100:]]
    whole = "\n".join(shown)
    if len(whole) <= _LONGEST:
        return Answer(text, log=shown, data=data)
    full = "\n".join(f"{line.shown()}\n{line.exception}".rstrip() for line in lines)
    file = File(f"{name}.log", full.encode())
    return Answer(f"{text} All of it is in the file.", log=_end(shown), files=(file,), data=data)


def _end(shown: Sequence[str]) -> tuple[str, ...]:
    """As many of the last lines as a phone shows, long ones cut."""
    kept: list[str] = []
    for line in reversed([one if len(one) <= 300 else f"{one[:299]}…" for one in shown]):
        if sum(map(len, kept)) + len(line) > _PREVIEW:
            break
        kept.append(line)
    return tuple(reversed(kept))


def _row(one: Group, now: datetime) -> tuple[str, ...]:
    first, last = one.first.moment, one.last.moment
    when = "" if first is None or last is None else f"{ago(first, now)} – {ago(last, now)}"
    return (one.signature, str(one.count), when, one.last.shown()[:200])


def _data(one: Group) -> dict[str, object]:
    return {
        "signature": one.signature,
        "count": one.count,
        "first": one.first.at,
        "last": one.last.at,
        "processes": list(one.processes),
        "sample": one.last.shown(),
        "correlation": one.last.more.get("correlation"),
    }


def _from(run: Run, since: timedelta) -> str:
    """As times stand in lines."""
    return (run.now - since).replace(tzinfo=None).isoformat()


def _with_missing(text: str, found: Gathered) -> str:
    return " ".join([text, *(f"Not asked: {one}" for one in found.missing)])


def _closed(size: object) -> str:
    if size is None:
        return "has no log file"
    return f"{int(str(size)) / 1e6:.1f} MB" if size else "was empty"
