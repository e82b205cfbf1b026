"""The queue: looked at, drained, paused."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from chatops.console import suggestion
from chatops.figures import history
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Suggestion, Table
from chatops.observing.plotting import plotted
from chatops.parameters import Duration, Integer, Text, Word
from chatops.parts import Parts
from chatops.queueing.jobs import QueueView, age, look, owner, short
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, moment, span
from config.ops import Role
from storage import conversions, inspection, pausing
from storage.inspection import JobState
from storage.pausing import PauseRecord
from storage.queue import JOB
from storage.records import ConversionRecord, State

GROUPS = {"queue": "Pictures that wait for a worker."}

_PLOTTED = timedelta(hours=1)
_LOOK_S = 0.5
_TELL_S = 5.0
_NAMED = 10
_HELD = "held"
_STATES = (*(one.value for one in JobState), _HELD)
_QUARTER = timedelta(minutes=15)
_LOCK = "queue"


@action("queue inspect", role=Role.VIEWER)
async def inspect(run: Run) -> Answer:
    """Tell how many jobs wait, how old they are, how fast they go, and who works on them."""
    view = await look(run.parts)
    files, note = await _plot(run, view)
    rows = [(state.value, str(count)) for state, count in view.jobs.items()]
    return Answer(
        " ".join((_said(view), note)).strip(),
        table=Table(("jobs", "count"), (*rows, (_HELD, str(view.held)))),
        files=files,
        suggestions=tuple(_next(view)),
        data=_data(view, run.now),
    )


def _said(view: QueueView) -> str:
    lines = [f"{counted(view.waiting, 'job').capitalize()} waiting, which is {_judged(view)}."]
    if view.oldest is not None:
        lines.append(f"The oldest waits for {span(view.oldest)}.")
    lines.append(f"{view.rate_in:.1f} a minute come in and {view.rate_out:.1f} go out.")
    if view.waiting:
        empty = view.until_empty
        lines.append("Nothing goes out." if empty is None else f"At that pace they are read in {span(empty)}.")
    lines.append(f"{counted(len(view.workers), 'worker').capitalize()} alive.")
    if view.pause is not None:
        lines.append(f"Workers are paused until {moment(view.pause.until)} by {view.pause.by}: {view.pause.reason}.")
    return " ".join(lines)


def _judged(view: QueueView) -> str:
    if view.threshold is None:
        return view.state
    return f"{view.state} (elevated from {view.threshold.warn:g}, alert above {view.threshold.alert:g})"


def _next(view: QueueView) -> list[Suggestion]:
    found = []
    if view.pause is not None:
        found.append(suggestion("queue resume"))
    if view.jobs[JobState.ORPHANED]:
        found.append(suggestion("queue clear-stuck"))
    if view.state != "normal":
        found.append(suggestion("worker scale", n=min(8, len(view.workers) + 1)))
    return [*found, suggestion("queue list")]


async def _plot(run: Run, view: QueueView) -> tuple[tuple[Any, ...], str]:
    since = run.now - _PLOTTED
    series = await history(run.parts, "queue_length", since, run.now)
    drawn = {} if view.threshold is None else {"queue_length": view.threshold}
    how = {"title": "Jobs that wait", "since": since, "until": run.now, "thresholds": drawn}
    files, note = await plotted("queue.png", [series], **how, cache=run.parts.settings.data_dir)
    return files, note


def _data(view: QueueView, now: datetime) -> dict[str, Any]:
    empty = view.until_empty
    return {
        "jobs": {state.value: count for state, count in view.jobs.items()},
        "waiting": view.waiting,
        "held": view.held,
        "oldest_seconds": None if view.oldest is None else round(view.oldest.total_seconds(), 1),
        "in_per_minute": view.rate_in,
        "out_per_minute": view.rate_out,
        "empty_in_seconds": None if empty is None else round(empty.total_seconds(), 1),
        "state": view.state,
        "paused_until": None if view.pause is None else view.pause.until.isoformat(),
        "workers": [
            {"name": one.name, "state": one.state, "seen_seconds_ago": round(now.timestamp() - one.seen, 1)}
            for one in view.workers
        ],
    }


@action("queue list", role=Role.RESPONDER)
async def list_(
    run: Run,
    n: Annotated[int, Integer(1, 50)] = 10,
    state: Annotated[str, Word(_STATES)] = JobState.READY.value,
    sort: Annotated[str, Word(("age", "place"))] = "age",
) -> Answer:
    """List jobs, without pictures and owners' names."""
    ids = await _ids(run, state, sort)
    known = await conversions.conversions_by_id([one for one in map(_uuid, ids[:n]) if one])
    shown = [(one, known.get(_uuid(one) or UUID(int=0))) for one in ids[:n]]
    table = Table(
        ("job", "function", "age", "tries", "owner", "worker"), tuple(_row(one, row, run.now) for one, row in shown)
    )
    text = f"{counted(len(ids), 'job').capitalize()} {state}" + (f", {len(shown)} shown." if shown else ".")
    data = [{"id": one, "owner": owner(row) if row else None} for one, row in shown]
    return Answer(text, table=table if shown else None, data=data)


def _row(identity: str, row: ConversionRecord | None, now: datetime) -> tuple[str, ...]:
    if row is None:
        return short(identity), JOB, "unknown", "0", "nobody", ""
    return short(identity), JOB, span(age(row, now)), str(row.attempts), owner(row), row.worker or ""


async def _ids(run: Run, state: str, sort: str) -> list[str]:
    """Of the jobs in a state, oldest or next first."""
    if state == _HELD:
        return [str(one) for one in await conversions.ids_in(State.HELD)]
    jobs = [one.id async for one in inspection.jobs(run.parts.queue, now=run.now) if one.state == state]
    if sort != "age":
        return jobs
    accepted = await conversions.accepted_at([one for one in map(_uuid, jobs) if one])
    return sorted(jobs, key=lambda one: accepted.get(_uuid(one) or UUID(int=0), run.now))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:  # a job that is none of ours
        return None


@action("queue drain", role=Role.OPERATOR, risk=Risk.WRITE, check="queue inspect", timeout=timedelta(minutes=16))
async def drain(run: Run, timeout: Annotated[timedelta, Duration("1s", "15m")] = timedelta(minutes=5)) -> Answer:
    """Wait until nothing waits and nothing is read any more."""
    await _check_drainable(run.parts)
    loop = asyncio.get_running_loop()
    began = told = loop.time()
    while True:
        counts = await conversions.counts()
        left = counts[State.QUEUED] + counts[State.RUNNING]
        lasted = loop.time() - began
        if not left:
            return Answer(f"The queue is drained, after {span(lasted)}.", data={"left": 0, "seconds": lasted})
        if lasted >= timeout.total_seconds():
            return await _undrained(run, left, lasted)
        if lasted == 0 or loop.time() - told >= _TELL_S:
            told = loop.time()
            await run.step(f"{counts[State.QUEUED]} wait, {counts[State.RUNNING]} are read, after {span(lasted)}.")
        await asyncio.sleep(min(_LOOK_S, max(0.05, timeout.total_seconds() - lasted)))


async def _check_drainable(parts: Parts) -> None:
    counts = await conversions.counts()
    if not counts[State.QUEUED] + counts[State.RUNNING]:
        return
    if await pausing.paused(parts.clock()) is not None:
        raise NotPossible("Workers are paused, so that nothing would be drained.", suggestion("queue resume"))
    if not await parts.queue.workers():
        raise NotPossible("No worker is running, so that nothing would be drained.", suggestion("service status"))


async def _undrained(run: Run, left: int, lasted: float) -> Answer:
    rows = await conversions.open_conversions([State.RUNNING, State.QUEUED], limit=_NAMED)
    table = Table(
        ("job", "state", "age", "worker"),
        tuple((short(row.id), row.state.value, span(age(row, run.now)), row.worker or "") for row in rows),
    )
    return Answer(
        f"{counted(left, 'job').capitalize()} left after {span(lasted)}.",
        ok=False,
        table=table,
        suggestions=(suggestion("queue drain"), suggestion("queue clear-stuck")),
        data={"left": left, "ids": [str(row.id) for row in rows], "seconds": lasted},
    )


Reason = Annotated[str, Text(3, 200)]


@action(
    "queue pause",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    check="queue inspect",
    lock=_LOCK,
)
async def pause(run: Run, reason: Reason, for_: Annotated[timedelta, Duration("1m", "4h")] = _QUARTER) -> Answer:
    """Have workers take no jobs for a time; pictures still come in and wait."""
    record = PauseRecord(run.now, run.now + for_, reason, run.human)
    await pausing.pause(run.parts.queue, record, now=run.now)
    text = f"Workers take no jobs until {moment(record.until)}, and go on by themselves then."
    return Answer(text, suggestions=(suggestion("queue resume"),), data={"until": record.until.isoformat()})


@pause.plan
async def plan_pause(run: Run, reason: str, for_: timedelta = _QUARTER) -> Plan:
    """Who would stop, and what would wait."""
    counts, workers = await conversions.counts(), await run.parts.queue.workers()
    return Plan(
        f"Workers ({len(workers)}) would take no jobs for {span(for_)}. {counts[State.RUNNING]} that are being read go "
        f"on; {counts[State.QUEUED]} wait already."
    )


@action(
    "queue resume",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    check="queue inspect",
    lock=_LOCK,
)
async def resume(run: Run) -> Answer:
    """Let workers take jobs again before the pause is over."""
    if not await pausing.resume(run.parts.queue):
        raise NotPossible("Workers are not paused.")
    return Answer("Workers take jobs again.", suggestions=(suggestion("queue inspect"),))


@resume.plan
async def plan_resume(run: Run) -> Plan:
    """What goes on."""
    record = await pausing.paused(run.now)
    if record is None:
        raise NotPossible("Workers are not paused.")
    waiting = (await conversions.counts())[State.QUEUED]
    return Plan(f"{counted(waiting, 'job').capitalize()} go on that {record.by} paused until {moment(record.until)}.")
