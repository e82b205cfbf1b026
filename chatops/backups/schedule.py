"""When database and Redis are backed up by themselves, how many are kept, and what came of it the last time."""

import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.cron import CronTrigger

from chatops.authorisation import Authorisation
from chatops.backups import backing_up, drill
from chatops.console import suggestion
from chatops.model import Answer
from chatops.notices import say
from chatops.parts import Parts
from storage import values
from storage.errors import StorageError

log = logging.getLogger(__name__)

DRILLS = {"never": None, "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
"""How often a scheduled backup is followed by a drill."""
_SCHEDULE, _SINCE, _LAST, _DRILLED = "backup.schedule", "backup.since", "backup.last", "backup.drilled"
_AUTOMATON = "schedule"


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """``cron`` has five fields, in UTC; ``keep`` counts backups of the database, and of Redis.

    A Redis that gives nobody its snapshots, as some managed ones, is left out without ``redis``.
    """

    cron: str = "0 2 * * *"
    keep: int = 14
    is_on: bool = True
    drill: str = "weekly"
    redis: bool = True

    def after(self, moment: datetime) -> datetime:
        """When it is due next."""
        found: datetime = CronTrigger.from_crontab(self.cron, timezone=UTC).get_next_fire_time(
            None, moment + timedelta(seconds=1)
        )
        return found


@dataclass(frozen=True, slots=True)
class LastRun:
    """What came of the last time."""

    at: datetime
    is_ok: bool
    text: str


async def schedule() -> BackupSchedule:
    """What is set, or what ships."""
    stored: dict[str, Any] | None = await values.value(_SCHEDULE)
    return BackupSchedule() if stored is None else BackupSchedule(**stored)


async def set_schedule(new: BackupSchedule, *, by: str, now: datetime) -> None:
    """From now on; what would have been due before is not made up for."""
    await values.set_value(_SCHEDULE, asdict(new), by=by, now=now)
    await values.set_value(_SINCE, now.isoformat(), by=by, now=now)


async def last_run() -> LastRun | None:
    """None before the first."""
    stored = await values.value(_LAST)
    return None if stored is None else LastRun(datetime.fromisoformat(stored["at"]), stored["ok"], stored["text"])


async def next_run(now: datetime) -> datetime | None:
    """When it is due next, None where it is off; in the past where it is due."""
    set_ = await schedule()
    stored = await values.value(_SINCE)
    return set_.after(datetime.fromisoformat(stored) if stored else now) if set_.is_on else None


async def run_when_due(parts: Parts) -> None:
    """Back up if it is due, prune, drill if that is due; tell the console's chats of what fails."""
    now = parts.clock()
    if await values.value(_SINCE) is None:
        await values.set_value(_SINCE, now.isoformat(), by=_AUTOMATON, now=now)
    due = await next_run(now)
    if due is None or due > now:
        return
    # Before the deed: one that kills its process is not begun again every minute.
    await values.set_value(_SINCE, now.isoformat(), by=_AUTOMATON, now=now)
    set_ = await schedule()
    try:
        made = await backing_up.back_up_all(parts, set_.keep, redis=set_.redis, label="scheduled")
        text = made.said()
        await backing_up.tidy(parts)
        if await _is_drill_due(set_, now):
            report = await drill.drill(parts)
            await values.set_value(_DRILLED, now.isoformat(), by=_AUTOMATON, now=now)
            text += f"; drill: {report.text}"
    except StorageError as error:
        await _note(parts, LastRun(now, False, str(error)))
        return
    await _note(parts, LastRun(now, not made.lacking, text))


async def _is_drill_due(set_: BackupSchedule, now: datetime) -> bool:
    every = DRILLS[set_.drill]
    stored = await values.value(_DRILLED)
    # A little less, so that a minute's delay does not skip a week.
    return every is not None and (not stored or now - datetime.fromisoformat(stored) > every - timedelta(hours=12))


async def _note(parts: Parts, run: LastRun) -> None:
    stored = {"at": run.at.isoformat(), "ok": run.is_ok, "text": run.text}
    await values.set_value(_LAST, stored, by=_AUTOMATON, now=run.at)
    if run.is_ok:
        log.info("scheduled backup: %s", run.text)
        return
    log.error("the scheduled backup failed: %s", run.text)
    answer = Answer(f"The scheduled backup failed: {run.text}", ok=False, suggestions=(suggestion("backup db"),))
    places = Authorisation(parts.policy, parts.settings).places()
    await say(places, answer, origin=f"backup:{run.at:%Y%m%dT%H%M%S}", now=run.at)
