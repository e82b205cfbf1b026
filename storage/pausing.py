"""Workers that take no jobs for a time. The database keeps it, should Redis lose it."""

from dataclasses import dataclass
from datetime import datetime

from storage import values
from storage.queue import Queue

_KEY = "queue.pause"


@dataclass(frozen=True, slots=True)
class PauseRecord:
    """A pause and its end, which comes by itself."""

    since: datetime
    until: datetime
    reason: str
    by: str


async def paused(now: datetime) -> PauseRecord | None:
    """The pause that is in force."""
    found = await values.value(_KEY)
    if found is None:
        return None
    since, until = datetime.fromisoformat(found["since"]), datetime.fromisoformat(found["until"])
    return PauseRecord(since, until, found["reason"], found["by"]) if now < until else None


async def pause(queue: Queue, record: PauseRecord, *, now: datetime) -> None:
    """Have workers take no jobs until then; raises QueueUnreachable, and then they do in a moment."""
    times = {"since": record.since.isoformat(), "until": record.until.isoformat()}
    stored = {**times, "reason": record.reason, "by": record.by}
    await values.set_value(_KEY, stored, by=record.by, now=now)
    await queue.pause((record.until - now).total_seconds())


async def resume(queue: Queue) -> bool:
    """Let workers take jobs; whether there was a pause. Raises QueueUnreachable."""
    was = await values.remove_value(_KEY)
    await queue.resume()
    return was


async def restore(queue: Queue, *, now: datetime) -> None:
    """Tell Redis what the database knows, should it have lost it."""
    record = await paused(now)
    if record is not None and not (await queue.orders(None)).is_paused:
        await queue.pause((record.until - now).total_seconds())
