"""A backup takes the place of the database: rehearsed, in maintenance, after a safety backup, looked at afterwards."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from chatops.backups import backing_up
from chatops.incidents import alarm
from chatops.model import NotPossible, OpsError
from chatops.parts import Parts
from chatops.queueing import maintaining
from chatops.queueing.maintaining import Wish
from chatops.run import Run
from chatops.times import span
from storage import conversions, schema, smoke
from storage.backups.catalogue import Backup
from storage.backups.kinds import DatabaseBackups
from storage.backups.rehearsal import Rehearsal, rehearsed
from storage.errors import BackupError, StorageError
from storage.maintenance import Mode
from storage.reconciler import Reconciler
from storage.records import State

SAFETY_KEPT = timedelta(days=7)
_LONGEST = timedelta(hours=1)
_READINGS_END_S = 60.0
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Replaced:
    """What came of it: ``safety`` is the backup of what was replaced, ``old`` the database that it lies in still."""

    rehearsal: Rehearsal
    safety: Backup
    old: str
    queued: int


async def replace_database(run: Run, backup: Backup) -> Replaced:
    """Put a backup in the place of the database.

    Raises StorageError and NotPossible; whatever fails after maintenance has begun leaves it on.
    """
    parts = run.parts
    backups = backing_up.database_backups(parts)
    async with rehearsed(backing_up.catalogue(parts), backups, backup) as found:
        await run.step(f"{backup.id} is restored beside the database in {span(found.seconds)}, and works.")
        wish = Wish(Mode.HARD, f"{backup.id} is restored", _LONGEST, run.human)
        begun = await maintaining.begin(parts, wish)
        await run.step("Maintenance is on.")
        try:
            replaced = await _replace(run, backups, found)
        except (StorageError, OpsError) as error:
            raise NotPossible(await alarm.stays_on(run, "restore db", str(error))) from error
    if begun.is_new:
        await maintaining.end(parts)
        await run.step("Maintenance is off.")
    return replaced


async def _replace(run: Run, backups: DatabaseBackups, found: Rehearsal) -> Replaced:
    parts = run.parts
    await let_readings_end(run)
    safety = await backing_up.back_up_database(parts, label="before-restore", keep_for=SAFETY_KEPT, tell=run.step)
    old = await backups.put_in_place(found.scratch)
    await run.step("The backup is in place.")
    await check(parts)
    queued = (await Reconciler(parts.queue).reconcile(now=run.now))["queued"]
    return Replaced(found, safety, old, queued)


async def let_readings_end(run: Run) -> None:
    """Wait a minute at most; what a worker reads then is read again."""
    end = asyncio.get_running_loop().time() + _READINGS_END_S
    while (await conversions.counts())[State.RUNNING] and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(_POLL_S)
    if count := (await conversions.counts())[State.RUNNING]:
        await run.step(f"{count} readings have not ended; they are begun anew.")


async def check(parts: Parts) -> None:
    """The open database is of this release and answers; raises StorageError."""
    (await schema.status(parts.database_url)).check()
    for one in await smoke.ask():
        if one.problem:
            raise BackupError(f"The database does not answer for {one.what}: {one.problem}.")
