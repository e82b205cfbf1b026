"""The database gets the tables of this release: backed up, in maintenance, and looked at before players are let in."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from chatops.backups import backing_up, restoring
from chatops.incidents import alarm
from chatops.model import NotPossible, OpsError, Suggestion
from chatops.queueing import maintaining
from chatops.queueing.maintaining import Wish
from chatops.run import Run
from storage import schema, schema_check
from storage.backups.before_migration import KEPT, LABEL
from storage.errors import SchemaError, StorageError
from storage.maintenance import Mode

_LONGEST = timedelta(hours=1)
_NONE = "The database has all tables of this release."


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of it: migrations that were applied, the last one before and after, the backup's id."""

    applied: tuple[str, ...]
    before: str
    after: str
    backup: str


async def pending(run: Run, target: str) -> list[tuple[str, list[str]]]:
    """Migrations that would be applied, with their statements; raises NotPossible where there are none."""
    url = run.parts.database_url
    # In a thread with a loop of its own: going through all migrations keeps a loop busy for seconds.
    found = await asyncio.to_thread(lambda: asyncio.run(schema.pending(url, target)))
    if not found:
        raise NotPossible(_NONE, Suggestion("db verify", "db verify"))
    return found


async def migrate(run: Run, target: str, *, backup: bool) -> Migrated:
    """Apply what is pending; whatever fails after maintenance has begun leaves it on. Raises NotPossible."""
    if not (await schema.status(run.parts.database_url)).missing:
        raise NotPossible(_NONE, Suggestion("db verify", "db verify"))
    made = ""
    if backup:
        kept = await backing_up.back_up_database(run.parts, label=LABEL, keep_for=KEPT, tell=run.step)
        made = kept.id
    begun = await maintaining.begin(run.parts, Wish(Mode.SOFT, "the database is changed", _LONGEST, run.human))
    await run.step("Maintenance is on.")
    try:
        await restoring.let_readings_end(run)
        migrated = await _apply(run, target, made)
    except (StorageError, OpsError) as error:
        raise NotPossible(await alarm.stays_on(run, "db migrate", str(error))) from error
    except Exception as error:  # the database's own words on a statement
        problem = f"The database refused a statement ({str(error).splitlines()[0][:200]})."
        raise NotPossible(await alarm.stays_on(run, "db migrate", problem)) from error
    if begun.is_new:
        await maintaining.end(run.parts)
        await run.step("Maintenance is off.")
    return migrated


async def _apply(run: Run, target: str, made: str) -> Migrated:
    url = run.parts.database_url
    before = (await schema.status(url)).applied
    applied = await asyncio.to_thread(lambda: asyncio.run(schema.upgrade(url, target, keep=_kept_already)))
    await run.step(f"Applied: {', '.join(applied)}.")
    after = await schema.status(url)
    if not after.missing:
        if problems := [one for one in await schema_check.problems(run.parts.database) if "is missing" in one]:
            raise SchemaError(f"The tables are not as they must be: {'; '.join(problems[:3])}.")
        await restoring.check(run.parts)
    await run.step("The tables are those of this release, and answer.")
    return Migrated(applied, before[-1] if before else "none", after.applied[-1], made)


async def _kept_already(_: schema.SchemaStatus) -> None:
    """The backup was made before maintenance began, if one was wanted."""
