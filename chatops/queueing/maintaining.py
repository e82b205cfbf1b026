"""Maintenance: begun, prolonged, ended and planned, with what is muted and told meanwhile.

Others that must have the product quiet call ``begin`` and ``end``; what they find begun by somebody else, they leave.
"""

import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from chatops import notices
from chatops.authorisation import Authorisation
from chatops.model import Answer, NotPossible, OpsError, Place, Suggestion
from chatops.parts import Need, Parts
from chatops.queueing import announcements
from chatops.times import counted, moment, span
from storage import holding, maintenance
from storage.budget import Budget
from storage.errors import QueueUnreachable, StorageError
from storage.maintenance import MaintenanceRecord, Mode, WindowRecord
from storage.queue import Signal

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=8)
WARNING = timedelta(minutes=5)
ANNOUNCED_BEFORE = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=5))
"""How long before a planned window players and operators are told."""
_ITSELF = "the console"


class Silencing(Protocol):
    """Mutes this product's alerts."""

    async def begin(self, until: datetime, comment: str, by: str) -> str:
        """Mute them; what identifies the silence. Raises OpsError."""
        ...

    async def prolong(self, silence: str, until: datetime) -> str:
        """Let it last longer; what identifies it now. Raises OpsError."""
        ...

    async def end(self, silence: str) -> None:
        """Let alerts be heard again. Raises OpsError."""
        ...


SILENCING: Need[Silencing] = Need("silencing", "ALERTMANAGER_URL is not set, so that no alert can be muted.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of maintenance that begins now."""

    mode: Mode
    reason: str
    length: timedelta
    by: str
    is_announced: bool = True
    is_silent: bool = True
    window: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is in force; ``is_new`` where it was not before. ``remarks`` tell what did not work beside."""

    record: MaintenanceRecord
    is_new: bool
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """What was in force, and how many pictures it deferred, which are in the queue now."""

    record: MaintenanceRecord
    deferred: int
    remarks: tuple[str, ...] = ()


async def begin(parts: Parts, wish: Wish) -> Begun:
    """Begin maintenance. Where it is on, the harder mode and the later end are taken."""
    now = parts.clock()
    before = await maintenance.in_force(now)
    if before is not None:
        record = _combined(before, wish, now)
        await maintenance.keep(record, by=wish.by, now=now)
        return await _changed(parts, before, record)
    record = MaintenanceRecord(
        id=uuid4().hex[:8],
        mode=wish.mode,
        reason=wish.reason,
        since=now,
        until=now + wish.length,
        by=wish.by,
        is_announced=wish.is_announced,
        window=wish.window,
    )
    await maintenance.keep(record, by=wish.by, now=now)
    silence, remarks = await _silenced(parts, record) if wish.is_silent else ("", ())
    if silence:
        record = replace(record, silence=silence)
        await maintenance.keep(record, by=wish.by, now=now)
    if record.is_announced:
        await tell_players(parts, announcements.begun(record), f"maintenance:{record.id}:begun")
    return Begun(record, is_new=True, remarks=remarks)


def _combined(before: MaintenanceRecord, wish: Wish, now: datetime) -> MaintenanceRecord:
    mode = Mode.HARD if Mode.HARD in (before.mode, wish.mode) else Mode.SOFT
    until = max(before.until, now + wish.length)
    return replace(before, mode=mode, until=until, is_warned=before.is_warned and until == before.until)


async def prolong(parts: Parts, length: timedelta, by: str) -> Begun:
    """Let it end later; raises NotPossible where it is off, or would end too late."""
    now = parts.clock()
    before = await maintenance.in_force(now)
    if before is None:
        raise NotPossible("Maintenance is off.", Suggestion("maintenance status", "maintenance status"))
    until = before.until + length
    if until - now > LONGEST:
        raise NotPossible(f"It would end at {moment(until)}; {span(LONGEST)} from now is the most.")
    record = replace(before, until=until, is_warned=False)
    await maintenance.keep(record, by=by, now=now)
    return await _changed(parts, before, record)


async def _changed(parts: Parts, before: MaintenanceRecord, record: MaintenanceRecord) -> Begun:
    """Players who wait are shown the new end, and alerts stay muted until then."""
    if record.until == before.until:
        return Begun(record, is_new=False)
    await holding.show_held(now=parts.clock())
    await wake(parts)
    if not record.silence:
        return Begun(record, is_new=False)
    try:
        silence = await parts.get(SILENCING).prolong(record.silence, record.until)
    except OpsError as error:
        remark = f"Alerts are muted until {moment(before.until)} only: {error}"
        return Begun(record, is_new=False, remarks=(remark,))
    record = replace(record, silence=silence)
    await maintenance.keep(record, by=record.by, now=parts.clock())
    return Begun(record, is_new=False)


async def end(parts: Parts) -> Ended | None:
    """End it, and let everything go on that it deferred; None where it is off."""
    record = await maintenance.stored()
    if record is None or not await maintenance.end():
        return None
    remarks: tuple[str, ...] = ()
    if record.silence:
        try:
            await parts.get(SILENCING).end(record.silence)
        except OpsError as error:
            remarks = (f"The silence {record.silence} stays until {moment(record.until)}: {error}",)
    deferred = await release(parts)
    if record.is_announced:
        await tell_players(parts, announcements.over(deferred), f"maintenance:{record.id}:over")
    return Ended(record, deferred, remarks)


async def release(parts: Parts) -> int:
    """Queue pictures that are held for nothing any more; return how many."""
    if not await holding.held_count():
        return 0
    rows = await holding.release_held(parts.settings.queue_limit, now=parts.clock())
    with contextlib.suppress(QueueUnreachable):  # the reconciler queues them
        await parts.queue.enqueue_all((row.id, row.accepted_at, row.priority) for row in rows)
    if rows:
        await wake(parts)
    return len(rows)


async def wake(parts: Parts) -> None:
    """Have delivery look now."""
    with contextlib.suppress(QueueUnreachable):
        await parts.queue.signal(Signal("outbox"))


async def _silenced(parts: Parts, record: MaintenanceRecord) -> tuple[str, tuple[str, ...]]:
    if not parts.has(SILENCING):
        return "", ()
    comment = f"Maintenance {record.id}: {record.reason}"
    try:
        return await parts.get(SILENCING).begin(record.until, comment, record.by), ()
    except OpsError as error:
        return "", (f"Alerts are not muted: {error}",)


async def tell_players(parts: Parts, text: str, origin: str) -> None:
    """Say something in the channels of ``announcements`` in ``ops.yaml``."""
    places = [Place(one.platform, one.chat) for one in parts.policy.announcements]
    await _say(parts, places, Answer(text), origin, within=None)


async def tell_operators(parts: Parts, answer: Answer, origin: str) -> None:
    """Say something in the console's own chats."""
    places = Authorisation(parts.policy, parts.settings).places()
    await _say(parts, places, answer, origin, within=notices.routine(parts) if answer.ok else notices.urgent(parts))


async def _say(parts: Parts, places: Iterable[Place], answer: Answer, origin: str, *, within: Budget | None) -> None:
    try:
        if await notices.say(places, answer, origin=origin, now=parts.clock(), within=within):
            await wake(parts)
    except StorageError as error:
        log.warning("%s is not told: %s", origin, error)


async def look(parts: Parts) -> None:
    """Every few seconds: the end that has come or is near, planned windows, what is held for nothing any more."""
    now = parts.clock()
    record = await maintenance.stored()
    if record is not None and record.until <= now:
        await _end_by_itself(parts)
    elif record is not None and record.until - now <= WARNING and not record.is_warned:
        await _warn(parts, record)
    for window in await maintenance.windows():
        await _look_at(parts, window)
    await release(parts)


async def _end_by_itself(parts: Parts) -> None:
    ended = await end(parts)
    if ended is not None:
        text = " ".join((f"Maintenance is over: its time has come. {deferred_text(ended.deferred)}", *ended.remarks))
        answer = Answer(text, suggestions=(Suggestion("health check", "health check"),))
        await tell_operators(parts, answer, f"maintenance:{ended.record.id}:ended")


async def _warn(parts: Parts, record: MaintenanceRecord) -> None:
    now = parts.clock()
    await maintenance.keep(replace(record, is_warned=True), by=record.by, now=now)
    if record.until - record.since <= WARNING:
        return
    text = f"Maintenance ends by itself in {span(record.until - now)}, at {moment(record.until)}."
    answer = Answer(
        text,
        suggestions=(
            Suggestion("30 min more", "maintenance extend", {"for": "30m"}),
            Suggestion("end it now", "maintenance off"),
        ),
    )
    await tell_operators(parts, answer, f"maintenance:{record.id}:warned:{int(record.until.timestamp())}")


async def _look_at(parts: Parts, window: WindowRecord) -> None:
    now = parts.clock()
    if window.until <= now:
        await maintenance.remove_window(window.id)
        text = f"The maintenance planned for {moment(window.since)} was missed: nobody was here to begin it."
        await tell_operators(parts, Answer(text, ok=False), f"window:{window.id}:missed")
    elif window.since <= now:
        await _begin_planned(parts, window)
    else:
        await _announce(parts, window)


async def _begin_planned(parts: Parts, window: WindowRecord) -> None:
    length = window.until - parts.clock()
    wish = Wish(window.mode, window.reason, length, window.by, window.is_announced, window.is_silent, window=window.id)
    begun = await begin(parts, wish)
    await maintenance.remove_window(window.id)
    text = f"Maintenance ({begun.record.mode}) has begun as planned, until {moment(begun.record.until)}."
    answer = Answer(" ".join((text, *begun.remarks)), suggestions=(Suggestion("end it now", "maintenance off"),))
    await tell_operators(parts, answer, f"window:{window.id}:begun")


async def _announce(parts: Parts, window: WindowRecord) -> None:
    """The latest announcement that is due; those before it that were missed are not made up for."""
    now = parts.clock()
    due = [int(one.total_seconds()) for one in ANNOUNCED_BEFORE if window.since - now <= one]
    if not due or min(due) in window.told:
        return
    await maintenance.told(window, min(due), by=window.by, now=now)
    origin = f"window:{window.id}:{min(due)}"
    text = f"Maintenance ({window.mode}) begins in {span(window.since - now)}: {window.reason}"
    undo = Suggestion("do not begin it", "maintenance unschedule", {"window": window.id})
    await tell_operators(parts, Answer(text, suggestions=(undo,)), origin)
    if window.is_announced:
        await tell_players(parts, announcements.planned(window, now), f"{origin}:players")


async def plan_window(parts: Parts, since: datetime, wish: Wish) -> WindowRecord:
    """Plan maintenance; raises NotPossible where it overlaps with another."""
    window = await planned_window(parts, since, wish)
    await maintenance.keep_window(window, by=wish.by, now=parts.clock())
    return window


async def planned_window(parts: Parts, since: datetime, wish: Wish) -> WindowRecord:
    """What would be planned; raises NotPossible where it overlaps with another."""
    window = WindowRecord(
        id=uuid4().hex[:6],
        mode=wish.mode,
        reason=wish.reason,
        since=since,
        until=since + wish.length,
        by=wish.by,
        is_announced=wish.is_announced,
        is_silent=wish.is_silent,
    )
    for other in await maintenance.windows():
        if other.since < window.until and window.since < other.until:
            raise NotPossible(f"Window {other.id} is planned from {moment(other.since)} to {moment(other.until)}.")
    return window


def deferred_text(deferred: int) -> str:
    """How many pictures go on."""
    if not deferred:
        return "No picture had to wait."
    return f"{counted(deferred, 'picture')} that had to wait: in the queue now."


async def troubles(parts: Parts) -> list[str]:
    """What players would notice if maintenance ended now, in sentences."""
    found: list[str] = []
    for check in (parts.database.ping, parts.queue.ping):
        try:
            await check()
        except StorageError as error:
            found.append(str(error))
    with contextlib.suppress(QueueUnreachable):
        if not await parts.queue.workers():
            found.append("No worker is running.")
    return found
