"""Backups: made, listed, verified by being restored, scheduled."""

from datetime import timedelta
from statistics import median
from typing import Annotated

from chatops import backing_up
from chatops.console import suggestion
from chatops.model import Answer, Risk, Table
from chatops.parameters import Flag, Integer, Name, Text, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, span
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
    said = f"{made.id}: {_mega(made.size)}, {count}, {made.seconds:.1f} s"
    checked = "restored into a scratch database and counted" if made.is_verified else "not verified"
    rows = tuple((name, str(count)) for name, count in made.rows.items())
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
    text = f"{made.id}: {_mega(made.size)}, {made.rows.get(WAITING, 0)} jobs in the queue, {made.seconds:.1f} s."
    return Answer(f"{text}\nsha256 {made.sha256}", table=Table(("keys", "count"), rows), data=_data(made))


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
    rows = tuple((one.id, ago(one.at, run.now), _mega(one.size), _state(one)) for one in shown)
    text = "\n".join([f"{len(found)} backups, the newest {ago(found[0].at, run.now)}.", *warnings])
    return Answer(
        text, ok=not warnings, table=Table(("id", "made", "size", "state"), rows), data=[_data(one) for one in shown]
    )


@action("backup verify", role=Role.OPERATOR, timeout=timedelta(minutes=30), check="backup list", lock="backup")
async def verify(run: Run, id_: BackupName = "latest") -> Answer:
    """Restore a backup beside what runs, and count what it holds; the newest of the database where none is named."""
    checked = await _verified(run, id_)
    if checked.problem:
        text = f"{checked.id} is not good: {checked.problem}"
        return Answer(text, ok=False, suggestions=(suggestion("backup db"),), data=_data(checked))
    what = (
        f"{checked.rows.get(WAITING, 0)} jobs" if checked.kind is Kind.REDIS else f"{sum(checked.rows.values())} rows"
    )
    return Answer(f"{checked.id} is whole: all {what} were restored.", data=_data(checked))


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
            warnings.append(f"{one.id} has less than half of the usual size, {_mega(usual)}.")
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


def _mega(size: float) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
