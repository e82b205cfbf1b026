"""Restoring: beside what runs, to look or to practise, or in its place."""

from datetime import timedelta
from typing import Annotated

from chatops.actions.backup import BackupName
from chatops.backups import backing_up, drill, queue_restoring, restoring
from chatops.console import suggestion
from chatops.model import Answer, Confirmation, Plan, Risk, Table
from chatops.parameters import Word
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, moment
from config.ops import Role
from storage.backups import carrying
from storage.backups.catalogue import Backup, Kind
from storage.backups.verifying import Difference, differences

GROUPS = {"restore": "Backups put back, beside what runs or in its place."}

_SCRATCH, _SWAP = "scratch", "swap"
Into = Annotated[str, Word((_SCRATCH, _SWAP)), "swap puts it in the place of the database"]


@action("restore drill", role=Role.OPERATOR, timeout=timedelta(minutes=30), check="backup list", lock="backup")
async def drill_(run: Run, id_: BackupName = "latest") -> Answer:
    """Practise: restore a backup beside the database, use it, compare, and drop it."""
    report = await drill.drill(run.parts, id_)
    found = report.rehearsal
    data = {"id": found.backup.id, "seconds": found.seconds, "rows": dict(found.scratch.rows), "now": dict(found.live)}
    return Answer(f"{report.text}.", table=_compared(found.differences), data=data)


@action(
    "restore db",
    role=Role.ADMIN,
    risk=Risk.DESTRUCTIVE,
    confirm=Confirmation.TWO_PERSONS,
    timeout=timedelta(hours=1),
    check="db status",
    lock="backup",
)
async def db(run: Run, id_: BackupName = "latest", into: Into = _SCRATCH) -> Answer:
    """Restore a backup of the database: beside it, to compare, or in its place."""
    backup = _database_backup(run, id_)
    if into == _SCRATCH:
        report = await drill.drill(run.parts, backup.id)
        text = f"{report.text}. The scratch database is gone again."
        swap = suggestion("restore db", "put it in place", id=backup.id, into=_SWAP)
        return Answer(text, table=_compared(report.rehearsal.differences), suggestions=(swap,), data={"id": backup.id})
    done = await restoring.replace_database(run, backup)
    lines = [
        f"The database is that of {backup.id}, {moment(backup.at)}; what operations left stays.",
        f"What was there is kept for 7 days as the backup {done.safety.id}"
        + (f" and as the database {done.old}." if done.old else "."),
        f"{done.queued} pictures are queued again.",
    ]
    undo = suggestion("restore db", "undo", id=done.safety.id, into=_SWAP)
    data = {"id": backup.id, "safety": done.safety.id, "old": done.old, "queued": done.queued}
    return Answer(
        "\n".join(lines),
        table=_compared(done.rehearsal.differences),
        suggestions=(undo, suggestion("db status")),
        data=data,
    )


@db.plan
async def plan_db(run: Run, id_: str = "latest", into: str = _SCRATCH) -> Plan:
    """What comes back and what goes, in rows."""
    backup = _database_backup(run, id_)
    now = await backing_up.database_backups(run.parts).rows()
    found = differences(now, backup.rows)
    lines = [f"{backup.id}, made {ago(backup.at, run.now)}, {sum(backup.rows.values())} rows."]
    if into == _SCRATCH:
        lines.append("Restores it beside the database, compares, and drops it; the database is not touched.")
    else:
        lines.append(
            f"Puts it in the place of the database ({sum(now.values())} rows): maintenance, a safety backup, the "
            "change, a look. What players did since is kept aside for 7 days; trail, incidents and roles stay."
        )
        if not backup.is_verified:
            lines.append("It was never restored before; that is tried first.")
    return Plan(" ".join(lines), (backup.id, backup.sha256, into), backup.id, table=_compared(found))


@action(
    "restore redis",
    role=Role.ADMIN,
    risk=Risk.DESTRUCTIVE,
    confirm=Confirmation.TWO_PERSONS,
    timeout=timedelta(minutes=10),
    check="queue inspect",
    lock="backup",
)
async def redis(run: Run, id_: BackupName = "latest") -> Answer:
    """Put the jobs of a snapshot back into the queue, while no worker runs."""
    backup = backing_up.catalogue(run.parts).find(id_, [Kind.REDIS])
    found = await queue_restoring.restore_queue(run, backup)
    text = f"{len(found.missing)} jobs are back in the queue; {found.said()}. What was there is kept as {found.safety}."
    data = {"id": backup.id, "restored": len(found.missing), "safety": found.safety}
    return Answer(text, suggestions=(suggestion("queue inspect"),), data=data)


@redis.plan
async def plan_redis(run: Run, id_: str = "latest") -> Plan:
    """How many jobs would come back, be lost or be repeated."""
    backup = backing_up.catalogue(run.parts).find(id_, [Kind.REDIS])
    found = await queue_restoring.compare(run.parts, backup)
    summary = f"{backup.id}, made {ago(backup.at, run.now)}: {len(found.missing)} jobs come back; {found.said()}."
    return Plan(f"{summary} {found.how}", (backup.id, backup.sha256, *sorted(found.missing)), backup.id)


def _database_backup(run: Run, identity: str) -> Backup:
    kind = backing_up.database_backups(run.parts).kind
    return backing_up.catalogue(run.parts).find(identity, [kind])


def _compared(found: list[Difference]) -> Table | None:
    """Tables that differ and that a restore would change: now, and in the backup."""
    stays = carrying.kept_tables()
    rows = tuple((one.table, _count(one.before), _count(one.after)) for one in found if one.table not in stays)
    if not rows:
        return None
    return Table(("table", "rows now", "in the backup"), rows)


def _count(rows: int | None) -> str:
    return "none" if rows is None else str(rows)
