"""Jobs of a Redis snapshot are put back into the queue that runs.

They go through the server, which writes them to its own files: a snapshot that is put in a server's folder is ignored
at start where that keeps an append-only file. The database decides which jobs are still wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from chatops.backups import backing_up
from chatops.model import NotPossible, Suggestion
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import counted
from storage import conversions, redis_server
from storage.backups.catalogue import Backup
from storage.backups.redis import scratch
from storage.queue import Queue
from storage.records import OPEN


@dataclass(frozen=True, slots=True)
class Compared:
    """A snapshot's jobs and the queue's: ``missing`` come back with their scores, ``there`` are in the queue.

    ``ended`` were answered since and would be repeated; they stay away. ``others`` came since and stay.
    """

    missing: Mapping[str, float]
    there: int
    ended: int
    others: int
    is_append_only: bool
    safety: str = ""

    def said(self) -> str:
        """What becomes of the others, in words."""
        return (
            f"{self.there} are in the queue already, {self.ended} have ended and are not repeated, "
            f"{counted(self.others, 'job')} of now stay, none is lost"
        )

    @property
    def how(self) -> str:
        """Why the server is not stopped for it."""
        if self.is_append_only:
            return "The server keeps an append-only file and would ignore a snapshot; the jobs go through the server."
        return "The jobs go through the server, which goes on."


async def compare(parts: Parts, backup: Backup) -> Compared:
    """Raises NotPossible while workers run, BackupError, QueueUnreachable."""
    await _refuse_workers(parts)
    catalogue = backing_up.catalogue(parts)
    await catalogue.check_sum(backup)
    async with scratch(catalogue.path(backup)) as redis:
        kept = await Queue(redis).places()
    present = await parts.queue.places()
    ids = [UUID(one) for one in kept if one not in present and _is_id(one)]
    states = await conversions.states(ids)
    missing = {str(one): kept[str(one)] for one in ids if states.get(one) in OPEN}
    found = await redis_server.persistence(parts.queue.redis)
    return Compared(
        missing=missing,
        there=len(kept.keys() & present.keys()),
        ended=len(kept.keys() - present.keys()) - len(missing),
        others=len(present.keys() - kept.keys()),
        is_append_only=found.is_append_only,
    )


async def restore_queue(run: Run, backup: Backup) -> Compared:
    """Keep what is there as a backup, then put the missing jobs back; raises as ``compare``."""
    found = await compare(run.parts, backup)
    safety = await backing_up.back_up_redis(run.parts, label="before-restore")
    await run.step(f"What is there is kept as {safety.id}.")
    await run.parts.queue.put_back(found.missing)
    return replace(found, safety=safety.id)


async def _refuse_workers(parts: Parts) -> None:
    workers = await parts.queue.workers()
    if workers:
        names = ", ".join(one.name for one in workers[:5])
        raise NotPossible(
            f"{counted(len(workers), 'worker')} would take jobs meanwhile ({names}); stop them first.",
            Suggestion("service stop", "service stop", {"service": "worker"}),
        )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
