"""Whether a picture goes to the queue, or is held because of maintenance or too many others."""

from datetime import datetime

from storage.maintenance import in_force_here
from storage.models import Conversion
from storage.records import State

_WAITING = (State.HELD, State.QUEUED, State.RUNNING)


async def entry_state(all_waiting: int, now: datetime, waiting: int | None = None) -> State:
    """Within the caller's transaction: where something goes that comes now, while ``waiting`` wait, if that is known.

    While anything waits beyond ``all_waiting``, what comes later does not overtake it.
    """
    if await in_force_here(now) is not None:
        return State.HELD
    if waiting is None:
        waiting = await Conversion.filter(state__in=list(_WAITING)).limit(all_waiting).count()
    return State.HELD if waiting >= all_waiting else State.QUEUED
