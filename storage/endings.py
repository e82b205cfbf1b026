"""How conversions ended in a span of time: what rates and delays are computed from."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import patient
from storage.models import Conversion
from storage.records import State

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Ending:
    """One conversion that ended; ``seconds`` is what its sender waited."""

    state: State
    from_cache: bool
    seconds: float


@patient
async def endings(since: datetime, until: datetime) -> list[Ending]:
    """Conversions that ended in this span, at most the last 20,000; cancelled ones are left out."""
    rows = (
        await Conversion.filter(ended_at__gte=since, ended_at__lt=until)
        .exclude(state=State.CANCELLED)
        .order_by("-ended_at")
        .limit(_MOST)
        .values_list("state", "from_cache", "accepted_at", "ended_at")
    )
    return [
        Ending(State(state), bool(from_cache), (ended - accepted).total_seconds())
        for state, from_cache, accepted, ended in rows
    ]
