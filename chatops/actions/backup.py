"""Backups: made, listed, verified by being restored, scheduled."""

from datetime import timedelta
from statistics import median
from typing import Annotated

from chatops.backups import backing_up
from chatops.backups import schedule as backup_schedule
from chatops.backups.schedule import DRILLS, BackupSchedule
from chatops.console import suggestion
from chatops.model import Answer, Confirmation, Plan, Risk, Table
from chatops.parameters import Flag, Integer, Name, Schedule, Text, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, counted, moment, sized, span
from config.ops import Role
from storage.backups.catalogue import DATABASES, Backup, Kind
from storage.backups.redis import WAITING, verify_snapshot
from storage.backups.verifying import verify as restored

GROUPS = {"backup": "Backups of the database and of Redis."}

_SMALL = 0.5
"""Share of the median size below which a backup is suspicious."""
_KINDS = {"db": DATABASES, "redis": (Kind.REDIS,), "all": tuple(Kind)}


async def backup_names(parts: Parts, typed: str) -> list[str]:
    """Ids of backups, newest first."""
    return ["latest", *(one.id for one in backing_up.catalogue(parts).all())]


BackupName = Annotated[str, Name("the id of a backup, or latest", backup_names)]


@action(
    "backup db", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(minutes=30), check="backup list", lock="backup"
)
async def db(
    run: Run,
    label: Annotated[str, Text(longest=32)] = "",
    verify: Annotated[bool, Flag()] = True,
) -> Answer:
    """Back the database up, and restore that into a scratch database to see that it is whole."""
    made = await backing_up.back_up_database(run.parts, label=label, verified=verify, tell=run.step)
    count = f"{sum(made.rows.values())} rows in {len(made.rows)} tables"
    said = f"{made.id}: {sized(made.size)}, {count}, {made.seconds:.1f} s"
    checked = "restored into a scratch database and counted" if made.is_verified else "not verified"
    rows = tuple((name, str(count)) for name, count in made.rows.items() if count)
    return Answer(
        f"{said}, {checked}.\nsha256 {made.sha256}",
        table=Table(("table", "rows"), rows),
        suggestions=(suggestion("backup list"),),
        data=_data(made),
    )


@action(
    "backup redis",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    timeout=timedelta(minutes=5),
    check="backup list",
    lock="backup",
)
async def redis(run: Run, label: Annotated[str, Text(longest=32)] = "") -> Answer:
    """Have Redis write a snapshot, wait until it has, and keep a copy."""
    made = await backing_up.back_up_redis(run.parts, label=label)
    rows = tuple((name, str(count)) for name, count in made.rows.items())
    text = f"{made.id}: {sized(made.size)}, {made.rows.get(WAITING, 0)} jobs in the queue, {made.seconds:.1f} s."
    return Answer(f"{text}\nsha256 {made.sha256}", table=Table(("keys", "count"), rows), data=_data(made))


@action(
    "backup all", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(minutes=45), check="backup list", lock="backup"
)
async def all_(run: Run, keep: Annotated[int, Integer(1, 365)] = 14) -> Answer:
    """Do what the schedule does: back database and Redis up, verify both, remove the oldest."""
    made = await backing_up.back_up_all(run.parts, keep, tell=run.step)
    pruned = f"; {counted(made.pruned, 'older backup')} removed" if made.pruned else ""
    data = {"database": _data(made.database), "redis": None if made.redis is None else _data(made.redis)}
    return Answer(
        f"{made.said()}{pruned}.",
        ok=not made.lacking,
        suggestions=(suggestion("redis ping" if made.lacking else "backup list"),),
        data={**data, "pruned": made.pruned},
    )


@action("backup list", role=Role.VIEWER)
async def list_(
    run: Run,
    kind: Annotated[str, Word(tuple(_KINDS))] = "all",
    n: Annotated[int, Integer(1, 100)] = 20,
) -> Answer:
    """List backups with age, size and whether they were restored once."""
    kinds = _KINDS[kind]
    found = backing_up.catalogue(run.parts).all(kinds)
    if not found:
        return Answer("There is no backup yet.", ok=False, suggestions=(suggestion("backup db"),), data=[])
    warnings = _warnings(run, found)
    shown = found[:n]
    rows = tuple((one.id, ago(one.at, run.now), sized(one.size), _state(one)) for one in shown)
    text = "\n".join([f"{len(found)} backups, the newest {ago(found[0].at, run.now)}.", *warnings])
    return Answer(
        text, ok=not warnings, table=Table(("id", "made", "size", "state"), rows), data=[_data(one) for one in shown]
    )


@action("backup verify", role=Role.OPERATOR, timeout=timedelta(minutes=30), check="backup list", lock="backup")
async def verify(run: Run, id_: BackupName = "latest") -> Answer:
    """Restore a backup beside what runs, and count what it holds."""
    checked = await _verified(run, id_)
    if checked.problem:
        text = f"{checked.id} is not good: {checked.problem}"
        return Answer(text, ok=False, suggestions=(suggestion("backup db"),), data=_data(checked))
    what = (
        f"{checked.rows.get(WAITING, 0)} jobs" if checked.kind is Kind.REDIS else f"{sum(checked.rows.values())} rows"
    )
    return Answer(f"{checked.id} is whole: all {what} were restored.", data=_data(checked))


@action("backup schedule", role=Role.VIEWER)
async def schedule(run: Run) -> Answer:
    """Tell when database and Redis are backed up by themselves, how many are kept, and what came of it."""
    set_, last = await backup_schedule.schedule(), await backup_schedule.last_run()
    due = await backup_schedule.next_run(run.now)
    rows = [
        ("schedule", f"{set_.cron} UTC" if set_.is_on else "off"),
        ("next", moment(due) if due else "never"),
        ("kept", str(set_.keep)),
        ("drill", set_.drill),
        ("last", "never" if last is None else f"{moment(last.at)}: {last.text}"),
    ]
    is_ok = set_.is_on and (last is None or last.is_ok)
    data = {"cron": set_.cron, "on": set_.is_on, "keep": set_.keep, "drill": set_.drill, "redis": set_.redis}
    data["last_ok"] = None if last is None else last.is_ok
    what = "Database and Redis are" if set_.redis else "The database is"
    text = f"{what}{'' if set_.is_on else ' not'} backed up by the schedule."
    if last is not None and not last.is_ok:
        text = f"{text} The last time failed."
    return Answer(text, ok=is_ok, table=Table(("what", "is"), tuple(rows)), data=data)


@action("backup schedule-set", role=Role.ADMIN, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="backup schedule")
async def schedule_set(
    run: Run,
    cron: Annotated[str, Schedule()] = "",
    keep: Annotated[int, Integer(1, 365)] = 0,
    drill: Annotated[str, Word(tuple(DRILLS))] = "",
    on: Annotated[bool, Flag()] = True,
    redis: Annotated[bool, Flag(), "Redis too"] = True,
) -> Answer:
    """Set when database and Redis are backed up, and how many are kept; what is not named stays."""
    new = await _changed(cron, keep, drill, on, redis)
    await backup_schedule.set_schedule(new, by=run.human, now=run.now)
    return Answer(f"From now on: {_told(new, run)}", suggestions=(suggestion("backup schedule"),))


@schedule_set.plan
async def plan_schedule_set(
    run: Run, cron: str = "", keep: int = 0, drill: str = "", on: bool = True, redis: bool = True
) -> Plan:
    """What it would become, and what would be pruned."""
    before, new = await backup_schedule.schedule(), await _changed(cron, keep, drill, on, redis)
    count = len(backing_up.catalogue(run.parts).all(DATABASES))
    more = f" Of {count} backups {count - new.keep} become too many." if count > new.keep else ""
    return Plan(f"Now: {_told(before, run)}; then: {_told(new, run)}.{more}", (str(new),))


async def _changed(cron: str, keep: int, drill: str, on: bool, redis: bool) -> BackupSchedule:
    now = await backup_schedule.schedule()
    return BackupSchedule(cron or now.cron, keep or now.keep, on, drill or now.drill, redis)


def _told(schedule: BackupSchedule, run: Run) -> str:
    if not schedule.is_on:
        return "no backups by schedule"
    following = moment(schedule.after(run.now))
    redis = "" if schedule.redis else ", without Redis"
    return f"{schedule.cron} UTC (next {following}), {schedule.keep} kept, drill {schedule.drill}{redis}"


async def _verified(run: Run, identity: str) -> Backup:
    catalogue, backups = backing_up.catalogue(run.parts), backing_up.database_backups(run.parts)
    backup = catalogue.find(identity, [backups.kind] if identity == "latest" else [backups.kind, Kind.REDIS])
    if backup.kind is Kind.REDIS:
        return await verify_snapshot(catalogue, backup, now=run.now)
    return await restored(catalogue, backups, backup, now=run.now)


def _warnings(run: Run, found: list[Backup]) -> list[str]:
    databases = [one for one in found if one.kind.is_database]
    warnings = []
    if databases and backing_up.is_stale(databases, run.now):
        warnings.append(f"The last good backup of the database is older than {span(backing_up.STALE)}.")
    warnings += [f"{one.id} is not good: {one.problem}" for one in found if one.problem]
    for one in found[:1]:
        usual = median([other.size for other in found if other.kind is one.kind])
        if one.size < _SMALL * usual:
            warnings.append(f"{one.id} has less than half of the usual size, {sized(usual)}.")
    return warnings


def _state(backup: Backup) -> str:
    if backup.problem:
        return "not good"
    return "verified" if backup.is_verified else "not verified"


def _data(backup: Backup) -> dict[str, object]:
    return {
        "id": backup.id,
        "kind": backup.kind.value,
        "at": backup.at.isoformat(),
        "size": backup.size,
        "sha256": backup.sha256,
        "rows": dict(backup.rows),
        "schema": backup.schema,
        "seconds": backup.seconds,
        "verified": backup.is_verified,
        "problem": backup.problem,
    }
