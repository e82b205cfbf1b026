"""One job: what became of it, again, or no more."""

import contextlib
from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Suggestion, Table
from chatops.parameters import Name
from chatops.queueing.jobs import age, conversion_named, offered_conversions, owner, short
from chatops.queueing.maintaining import wake
from chatops.queueing.tracing import trace
from chatops.registry import action
from chatops.run import Run
from chatops.times import span
from config.ops import Role
from storage import conversions, inspection
from storage.errors import QueueUnreachable
from storage.pictures import kept_of
from storage.records import ConversionRecord, State

GROUPS = {"job": "One picture on its way.", "trace": "Where time goes."}

_SENTENCE = "Your picture was not read: somebody who runs this service has cancelled it."
_CODE = "cancelled_by_operator"
_LOCK = "job"

JobId = Annotated[str, Name("the id of a conversion, or its beginning", offered_conversions)]


@action("job show", role=Role.RESPONDER)
async def show(run: Run, id: JobId) -> Answer:
    """Tell where a job is, and how it came there."""
    row = await conversion_named(id)
    history = await conversions.events(row.id)
    place = await run.parts.queue.place(row.id)
    job = await inspection.job(run.parts.queue, row.id, now=run.now)
    lines = [f"Job {row.id} is {row.state.value}, {span(age(row, run.now))} after it came; owner {owner(row)}."]
    if row.state is State.QUEUED:
        lines.append("It has no job." if job is None else f"Its job is {job.state.value}, {place} before it.")
    if row.state is State.RUNNING:
        stage = await run.parts.queue.progress(row.id)
        lines.append(f"{row.worker} has it{f', at {stage}' if stage else ''}, as try {row.attempts}.")
    if row.state.is_end and row.code:
        lines.append(f"It ended with {row.code}.")
    table = Table(
        ("UTC", "state", "what"), tuple((f"{one.at:%m-%d %H:%M:%S}", one.state.value, one.detail) for one in history)
    )
    return Answer(" ".join(lines), table=table, suggestions=tuple(_next(row)), data=_data(row, place))


def _next(row: ConversionRecord) -> list[Suggestion]:
    found = [suggestion("trace job", id=row.id)]
    if row.state in (State.FAILED, State.CANCELLED):
        found.append(suggestion("job retry", id=row.id))
    elif not row.state.is_end:
        found.append(suggestion("job cancel", id=row.id))
    return found


def _data(row: ConversionRecord, place: int | None) -> dict[str, object]:
    return {
        "id": str(row.id),
        "state": row.state.value,
        "place": place,
        "worker": row.worker,
        "attempts": row.attempts,
        "code": row.code,
        "from_cache": row.from_cache,
        "timings": dict(row.timings),
        "accepted_at": row.accepted_at.isoformat(),
        "correlation": row.correlation,
    }


@action("job retry", role=Role.OPERATOR, risk=Risk.WRITE, check="job show", lock=_LOCK)
async def retry(run: Run, id: JobId) -> Answer:
    """Read a picture again that failed, was cancelled, or lost its job."""
    row = await conversion_named(id)
    if row.state is State.QUEUED:
        return await _restore(run, row)
    if row.state not in (State.FAILED, State.CANCELLED):
        said = {
            State.ACCEPTED: "its picture is still being fetched",
            State.HELD: "it waits for the end of maintenance",
            State.RUNNING: f"{row.worker} reads it",
            State.DONE: "it is read",
            State.REFUSED: f"it is read, and was refused ({row.code})",
        }[row.state]
        raise NotPossible(f"There is nothing to try again: {said}.", suggestion("job show", id=row.id))
    if row.picture_hash is None or not await kept_of([row.picture_hash]):
        raise NotPossible("Its picture is no longer kept, so that it cannot be read again.")
    detail, limit = f"tried again by {run.human}", run.parts.settings.queue_limit
    opened = await conversions.open_again(row.id, detail, now=run.now, all_waiting=limit)
    if opened is None:
        raise NotPossible("It has changed meanwhile; look at it again.", suggestion("job show", id=row.id))
    if opened.state is State.HELD:
        return Answer(f"Job {short(row.id)} is read when maintenance is over.", data=_data(opened, None))
    return await _restore(run, opened)


async def _restore(run: Run, row: ConversionRecord) -> Answer:
    """Give a row that waits its job, if it has none."""
    is_new = await run.parts.queue.enqueue(row.id, since=row.queued_at or row.accepted_at, ahead=row.priority)
    await wake(run.parts)
    place = await run.parts.queue.place(row.id) or 0
    if not is_new:
        raise NotPossible(f"There is nothing to try again: it waits, with {place} before it.")
    text = f"Job {short(row.id)} is in the queue, with {place} before it."
    return Answer(text, suggestions=(suggestion("job show", id=row.id),), data=_data(row, place))


@action(
    "job cancel",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    check="job show",
    lock=_LOCK,
    timeout=timedelta(minutes=1),
)
async def cancel(run: Run, id: JobId) -> Answer:
    """Cancel a job that waits or is being read, and tell its owner."""
    row = await _cancellable(id)
    if not await conversions.cancel(row.id, _SENTENCE, now=run.now, code=_CODE):
        raise NotPossible("It has ended meanwhile.", suggestion("job show", id=row.id))
    with contextlib.suppress(QueueUnreachable):  # the reconciler drops it, the worker finds out when it is done
        await run.parts.queue.cancel(row.id)
    await wake(run.parts)
    again = (suggestion("job retry", id=row.id),) if row.picture_hash else ()
    return Answer(f"Job {short(row.id)} is cancelled, and its owner told.", suggestions=again, data={"id": str(row.id)})


@cancel.plan
async def plan_cancel(run: Run, id: str) -> Plan:
    """What would not be read, and where it is."""
    row = await _cancellable(id)
    at = f", being read by {row.worker}" if row.state is State.RUNNING else ""
    text = f"Job {short(row.id)} ({row.state.value}{at}), {span(age(row, run.now))} old, would be cancelled."
    return Plan(f"{text} Its owner {owner(row)} is told.", items=(str(row.id),))


async def _cancellable(text: str) -> ConversionRecord:
    row = await conversion_named(text)
    if row.state.is_end:
        raise NotPossible(f"It has ended: it is {row.state.value}.", suggestion("job show", id=row.id))
    return row


@action("trace job", role=Role.RESPONDER)
async def trace_job(run: Run, id: JobId) -> Answer:
    """Show how long each stage of a job took, from message to message."""
    row = await conversion_named(id)
    found = await trace(row)
    if not found.spans:
        return Answer(f"Job {short(row.id)} is {row.state.value}; no stage of it is over yet.", data={"spans": []})
    end = "" if found.is_whole else ", so far"
    text = f"Job {short(row.id)} ({row.state.value}) took {found.total * 1000:,.0f} ms{end}."
    spans = [{"name": one.name, "start_ms": _ms(one.start), "ms": _ms(one.seconds)} for one in found.spans]
    log = (f"{'received':<12} {row.accepted_at:%Y-%m-%d %H:%M:%S} UTC", *found.lines())
    data = {"id": str(row.id), "state": row.state.value, "total_ms": _ms(found.total), "spans": spans}
    return Answer(text, log=log, suggestions=(suggestion("job show", id=row.id),), data=data)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
