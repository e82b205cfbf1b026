"""Backups as actions, jobs and workflows make them; what they keep is in ``storage.backups``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops.parts import Parts
from chatops.times import sized
from storage.backups.catalogue import DATABASES, Backup, Catalogue, Kind
from storage.backups.kinds import DatabaseBackups, backups_of, catalogue_of
from storage.backups.redis import RedisBackups, verify_snapshot
from storage.backups.verifying import verify
from storage.errors import BackupDamaged, BackupError, QueueUnreachable

STALE = timedelta(hours=26)
"""A last good backup that is older is an alert (the runbook's BackupStale)."""

Tell = Callable[[str], Awaitable[None]]


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
        await tell(f"Backed up as {made.id}, {sized(made.size)}.")
    if not verified:
        return made
    checked = await verify(catalogue(parts), backups, made, now=parts.clock())
    if checked.problem:
        raise BackupDamaged(f"{made.id} was written and is not good: {checked.problem}")
    if tell is not None:
        await tell(f"Restored into a scratch database: all {sum(checked.rows.values())} rows are there.")
    return checked


@dataclass(frozen=True, slots=True)
class BackedUp:
    """Both stores; ``lacking`` says why Redis, which was wanted, is not among it."""

    database: Backup
    redis: Backup | None
    pruned: int
    lacking: str = ""

    def said(self) -> str:
        """In one clause."""
        told = f"{self.database.id}, {sized(self.database.size)}, restored and counted"
        if self.redis is not None:
            return f"{told}; {self.redis.id}, {sized(self.redis.size)}, loaded and counted"
        return f"{told}; Redis is not backed up: {self.lacking}" if self.lacking else told


async def back_up_all(
    parts: Parts, keep: int, *, redis: bool = True, label: str = "", tell: Tell | None = None
) -> BackedUp:
    """Database and Redis, each verified; then all but the newest ``keep`` of each go.

    Raises BackupError for the database. What is wrong with Redis is told in the answer.
    """
    database = await back_up_database(parts, label=label, tell=tell)
    snapshot, lacking = None, ""
    try:
        snapshot = await _verified_snapshot(parts, label) if redis else None
    except (BackupError, QueueUnreachable) as error:
        lacking = str(error)
    if snapshot is not None and tell is not None:
        await tell(f"Redis as {snapshot.id}, {sized(snapshot.size)}, loaded into a server of its own.")
    return BackedUp(database, snapshot, len(prune(parts, keep)), lacking)


async def _verified_snapshot(parts: Parts, label: str) -> Backup:
    made = await back_up_redis(parts, label=label)
    checked = await verify_snapshot(catalogue(parts), made, now=parts.clock())
    if checked.problem:
        raise BackupDamaged(f"{checked.id} was written and is not good: {checked.problem}")
    return checked


async def back_up_redis(parts: Parts, *, label: str = "", keep_for: timedelta | None = None) -> Backup:
    """Have Redis write a snapshot, and keep that; raises BackupError, QueueUnreachable."""
    backups, now = redis_backups(parts), parts.clock()
    until = None if keep_for is None else now + keep_for
    return await catalogue(parts).make(
        backups.kind, backups.suffix, backups.dump, at=now, label=label, keep_until=until
    )


def prune(parts: Parts, keep: int) -> list[Backup]:
    """Remove what is beyond the newest ``keep`` of the database, and of Redis; never the only good one."""
    now, kept = parts.clock(), catalogue(parts)
    return kept.prune(keep, DATABASES, now=now) + kept.prune(keep, (Kind.REDIS,), now=now)


async def tidy(parts: Parts) -> None:
    """Drop what restores left beside the database: scratch ones of a day ago, replaced ones after a week."""
    await database_backups(parts).tidy(catalogue(parts).folder, now=parts.clock())


def newest_good(found: list[Backup]) -> Backup | None:
    """The newest that nothing is known against."""
    return next((one for one in found if not one.problem), None)


def is_stale(found: list[Backup], now: datetime) -> bool:
    """Whether the last good backup is older than it may be, or there is none."""
    newest = newest_good(found)
    return newest is None or now - newest.at > STALE
