"""Backups as actions, jobs and workflows make them; what they keep is in ``storage.backups``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chatops.parts import Parts
from storage import values
from storage.backups.catalogue import Backup, Catalogue
from storage.backups.kinds import DatabaseBackups, backups_of, catalogue_of
from storage.backups.redis import RedisBackups
from storage.backups.verifying import verify
from storage.errors import BackupDamaged

SCHEDULE = "backup.schedule"
DEFAULT_CRON, DEFAULT_KEEP = "0 2 * * *", 14
STALE = timedelta(hours=26)
"""A last good backup that is older is an alert (the runbook's BackupStale)."""

Tell = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """When the database is backed up by itself, and how many are kept; ``cron`` is empty where it is not."""

    cron: str = DEFAULT_CRON
    keep: int = DEFAULT_KEEP
    drill: bool = False


async def backup_schedule() -> BackupSchedule:
    """What is set, or the default."""
    stored: dict[str, Any] | None = await values.value(SCHEDULE)
    return BackupSchedule() if stored is None else BackupSchedule(**stored)


def database_backups(parts: Parts) -> DatabaseBackups:
    """How this deployment's database is backed up."""
    return backups_of(parts.database_url, parts.settings)


def redis_backups(parts: Parts) -> RedisBackups:
    """How this deployment's Redis is backed up."""
    return RedisBackups(parts.queue.redis, parts.settings.redis_dir)


def catalogue(parts: Parts) -> Catalogue:
    """Where this deployment keeps its backups."""
    return catalogue_of(parts.settings)


async def back_up_database(
    parts: Parts,
    *,
    label: str = "",
    verified: bool = True,
    keep_for: timedelta | None = None,
    tell: Tell | None = None,
) -> Backup:
    """Back the database up, and restore that into a scratch database where ``verified``.

    ``keep_for`` keeps it from being pruned so long. Raises BackupError, also where what was restored is not what was
    backed up: then the backup stays with its problem, and does not count as one.
    """
    backups, now = database_backups(parts), parts.clock()
    until = None if keep_for is None else now + keep_for
    made = await catalogue(parts).make(
        backups.kind, backups.suffix, backups.dump, at=now, label=label, keep_until=until
    )
    if tell is not None:
        await tell(f"Backed up as {made.id}, {made.size / 1e6:.1f} MB.")
    if not verified:
        return made
    checked = await verify(catalogue(parts), backups, made, now=parts.clock())
    if checked.problem:
        raise BackupDamaged(f"{made.id} was written and is not good: {checked.problem}")
    if tell is not None:
        await tell(f"Restored into a scratch database: all {sum(checked.rows.values())} rows are there.")
    return checked


async def back_up_redis(parts: Parts, *, label: str = "", keep_for: timedelta | None = None) -> Backup:
    """Have Redis write a snapshot, and keep that; raises BackupError, QueueUnreachable."""
    backups, now = redis_backups(parts), parts.clock()
    until = None if keep_for is None else now + keep_for
    return await catalogue(parts).make(
        backups.kind, backups.suffix, backups.dump, at=now, label=label, keep_until=until
    )


def newest_good(found: list[Backup]) -> Backup | None:
    """The newest that nothing is known against."""
    return next((one for one in found if not one.problem), None)


def is_stale(found: list[Backup], now: datetime) -> bool:
    """Whether the last good backup is older than it may be, or there is none."""
    newest = newest_good(found)
    return newest is None or now - newest.at > STALE
