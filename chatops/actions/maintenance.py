"""Maintenance: new pictures wait, what runs goes on to its end, and it ends by itself."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Suggestion, Table
from chatops.parameters import Duration, Flag, Moment, Name, Text, Word
from chatops.parts import Parts
from chatops.queueing import maintaining
from chatops.queueing.maintaining import SILENCING, Begun, Wish
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, moment, span
from config.ops import Role
from storage import conversions, holding, maintenance
from storage.maintenance import MaintenanceRecord, Mode, WindowRecord
from storage.records import State

GROUPS = {"maintenance": "Times in which new pictures wait."}

_LOCK = "maintenance"
_HALF_AN_HOUR = timedelta(minutes=30)
_FARTHEST = timedelta(days=60)


async def _windows(parts: Parts, typed: str) -> list[str]:
    return [one.id for one in await maintenance.windows()]


ModeName = Annotated[str, Word(tuple(mode.value for mode in Mode)), "hard hands out no lists either"]
Reason = Annotated[str, Text(3, 200)]
Length = Annotated[timedelta, Duration("1m", "8h")]
Announced = Annotated[bool, Flag(), "tell players in their channels"]
Muted = Annotated[bool, Flag(), "mute alerts meanwhile"]


@action(
    "maintenance on",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    check="maintenance status",
    lock=_LOCK,
)
async def on(
    run: Run,
    reason: Reason,
    mode: ModeName = Mode.SOFT.value,
    for_: Length = _HALF_AN_HOUR,
    announce: Announced = True,
    silence: Muted = True,
) -> Answer:
    """Keep new pictures waiting for a time; what is in the queue goes on to its end."""
    begun = await maintaining.begin(run.parts, _wish(run, reason, mode, for_, announce, silence))
    return _begun(begun)


@on.plan
async def plan_on(
    run: Run,
    reason: str,
    mode: str = Mode.SOFT.value,
    for_: timedelta = _HALF_AN_HOUR,
    announce: bool = True,
    silence: bool = True,
) -> Plan:
    """Who will notice."""
    before = await maintenance.in_force(run.now)
    counts = await conversions.counts()
    lately = await holding.accepted_since(run.now - timedelta(hours=1))
    expected = round(lately * for_.total_seconds() / 3600)
    in_queue = counted(counts[State.QUEUED] + counts[State.RUNNING], "picture")
    lines = [
        _on_already(before) if before else f"Maintenance ({mode}) for {span(for_)}, until {moment(run.now + for_)}.",
        f"What is in the queue goes on to its end ({in_queue}); new ones wait, about {expected} at the pace of the "
        "last hour.",
        _told(run.parts, announce),
        _muted(run.parts, silence),
    ]
    if mode == Mode.HARD:
        lines.insert(2, "Lists cannot be copied or corrected meanwhile.")
    return Plan(" ".join(lines), data={"mode": mode, "expected": expected})


@action("maintenance off", role=Role.OPERATOR, risk=Risk.WRITE, check="maintenance status", lock=_LOCK)
async def off(run: Run) -> Answer:
    """End maintenance, and let everything go on that waited."""
    if await maintenance.stored() is None:
        raise NotPossible("Maintenance is off already.")
    red = await maintaining.troubles(run.parts)
    ended = await maintaining.end(run.parts)
    if ended is None:
        raise NotPossible("Maintenance is off already.")
    lasted = run.now - ended.record.since
    lines = [f"Maintenance is over after {span(lasted)}.", maintaining.deferred_text(ended.deferred), *ended.remarks]
    lines += [f"Not all is well: {one}" for one in red]
    return Answer(
        " ".join(lines),
        suggestions=(Suggestion("health check", "health check"),) if red else (),
        data={"seconds": lasted.total_seconds(), "deferred": ended.deferred, "troubles": list(red)},
    )


@action("maintenance status", role=Role.VIEWER)
async def status(run: Run) -> Answer:
    """Tell whether maintenance is on, until when, and what is planned."""
    record, held = await maintenance.in_force(run.now), await holding.held_count()
    planned = await maintenance.windows()
    rows = tuple(
        (one.id, moment(one.since), span(one.until - one.since), one.mode.value, one.reason) for one in planned
    )
    table = Table(("window", "begins", "lasts", "mode", "reason"), rows) if rows else None
    text = _on_already(record) if record else "Maintenance is off."
    if planned:
        text += f" {counted(len(planned), 'window')} planned."
    if held:
        text += f" {counted(held, 'picture')} held {'until its end' if record else 'since too many wait'}."
    return Answer(
        text,
        table=table,
        suggestions=(Suggestion("maintenance off", "maintenance off"),) if record else (),
        data={"on": _record_json(record), "held": held, "windows": [_record_json(one) for one in planned]},
    )


@action("maintenance extend", role=Role.OPERATOR, risk=Risk.WRITE, check="maintenance status", lock=_LOCK)
async def extend(run: Run, for_: Length = _HALF_AN_HOUR) -> Answer:
    """Let maintenance end later."""
    return _begun(await maintaining.prolong(run.parts, for_, run.human))


@action(
    "maintenance schedule",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    check="maintenance status",
    lock=_LOCK,
)
async def schedule(
    run: Run,
    at: Annotated[datetime | timedelta, Moment()],
    reason: Reason,
    for_: Length = _HALF_AN_HOUR,
    mode: ModeName = Mode.SOFT.value,
    announce: Announced = True,
    silence: Muted = True,
) -> Answer:
    """Plan maintenance, which is announced 24 h, 1 h and 5 min before and begins and ends by itself."""
    wish = _wish(run, reason, mode, for_, announce, silence)
    window = await maintaining.plan_window(run.parts, _start(run, at), wish)
    undo = Suggestion("do not begin it", "maintenance unschedule", {"window": window.id})
    text = f"Window {window.id} is planned from {moment(window.since)} to {moment(window.until)}."
    return Answer(text, suggestions=(undo,), data=_record_json(window))


@schedule.plan
async def plan_schedule(
    run: Run,
    at: datetime | timedelta,
    reason: str,
    for_: timedelta = _HALF_AN_HOUR,
    mode: str = Mode.SOFT.value,
    announce: bool = True,
    silence: bool = True,
) -> Plan:
    """When it would be, and who is told."""
    wish = _wish(run, reason, mode, for_, announce, silence)
    window = await maintaining.planned_window(run.parts, _start(run, at), wish)
    times = f"from {moment(window.since)} to {moment(window.until)}, in {span(window.since - run.now)}"
    return Plan(f"Maintenance ({mode}) {times}. {_told(run.parts, announce)} {_muted(run.parts, silence)}")


@action("maintenance unschedule", role=Role.OPERATOR, risk=Risk.WRITE, check="maintenance status", lock=_LOCK)
async def unschedule(run: Run, window: Annotated[str, Name("the id of a planned window", _windows)]) -> Answer:
    """Take back a planned maintenance."""
    if not await maintenance.remove_window(window):
        known = ", ".join(await _windows(run.parts, "")) or "none"
        raise BadArgument(f"window: {window} is not planned; planned are: {known}.")
    return Answer(f"Window {window} is no longer planned.", data={"window": window})


def _start(run: Run, at: datetime | timedelta) -> datetime:
    since = run.now + at if isinstance(at, timedelta) else at
    if not run.now < since <= run.now + _FARTHEST:
        raise BadArgument(f"at: must lie ahead, within {span(_FARTHEST)}; it is {moment(run.now)} now.")
    return since


def _wish(run: Run, reason: str, mode: str, for_: timedelta, announce: bool, silence: bool) -> Wish:
    return Wish(Mode(mode), reason, for_, run.human, announce, silence)


def _begun(begun: Begun) -> Answer:
    record = begun.record
    text = f"Maintenance ({record.mode}) is on until {moment(record.until)}."
    muted = f" Alerts are muted by silence {record.silence}." if record.silence else ""
    return Answer(
        " ".join((text + muted, *begun.remarks)),
        suggestions=(
            Suggestion("queue drain", "queue drain"),
            Suggestion("30 min more", "maintenance extend", {"for": "30m"}),
            Suggestion("end it", "maintenance off"),
        ),
        data=_record_json(record),
    )


def _on_already(record: MaintenanceRecord) -> str:
    begun = f"since {moment(record.since)} by {record.by}"
    return f"Maintenance ({record.mode}) is on {begun}, until {moment(record.until)}: {record.reason}."


def _told(parts: Parts, announce: bool) -> str:
    channels = len(parts.policy.announcements)
    if not announce:
        return "Players are told when they send a picture."
    if not channels:
        return "Players are told when they send a picture; ops.yaml names no chat under announcements."
    return f"Players are told in {counted(channels, 'chat')}, and when they send a picture."


def _muted(parts: Parts, silence: bool) -> str:
    if not silence:
        return "Alerts are not muted."
    return "Alerts are muted meanwhile." if parts.has(SILENCING) else f"Alerts are not muted: {SILENCING.reason}"


def _record_json(record: MaintenanceRecord | WindowRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "id": record.id,
        "mode": record.mode.value,
        "reason": record.reason,
        "since": record.since.isoformat(),
        "until": record.until.isoformat(),
        "by": record.by,
        **({"silence": record.silence or None} if isinstance(record, MaintenanceRecord) else {}),
    }
