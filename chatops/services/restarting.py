"""What must hold before a store is restarted."""

from datetime import timedelta

from chatops.backups.backing_up import back_up_redis
from chatops.console import suggestion
from chatops.model import NotPossible
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import ago, span
from storage import redis_server
from storage.errors import BackupError, DatabaseUnreachable, QueueUnreachable
from storage.open_transactions import open_transactions

_FRESH = timedelta(seconds=60)
_LONG = timedelta(seconds=30)


async def before_redis(run: Run) -> None:
    """Back Redis up and see that all that it holds is on disk; raises NotPossible.

    A Redis that is down has nothing that could be saved now.
    """
    try:
        await run.parts.queue.ping()
    except QueueUnreachable:
        await run.step("Redis does not answer, so that nothing of it can be saved now.")
        return
    try:
        made = await back_up_redis(run.parts, label="before-restart")
        await run.step(f"Backed up as {made.id}.")
    except (BackupError, QueueUnreachable) as error:
        raise NotPossible(
            f"Redis is not restarted: it cannot be backed up ({error})", suggestion("redis lastsave")
        ) from error
    found = await redis_server.persistence(run.parts.queue.redis)
    is_saved = found.save_ok and run.now - found.saved_at < _FRESH
    if not (is_saved or (found.is_append_only and found.append_ok)):
        raise NotPossible(
            f"Redis is not restarted: its last save was {ago(found.saved_at, run.now)}.", suggestion("redis lastsave")
        )


async def before_postgres(parts: Parts) -> int:
    """How many transactions a restart breaks off; raises NotPossible where one of them is long."""
    try:
        found = await open_transactions(parts.database_url)
    except DatabaseUnreachable:
        return 0  # nothing is open in a database that does not answer
    long = [one for one in found if one.age > _LONG]
    if long:
        who = ", ".join(f"process {one.pid} of {one.owner}, open for {span(one.age)}" for one in long[:3])
        raise NotPossible(
            f"Postgres is not restarted while transactions are longer than {span(_LONG)}: {who}.",
            suggestion("db connections"),
            suggestion("db kill-idle"),
        )
    return len(found)
