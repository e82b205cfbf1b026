"""How conversions ended in a span of time: what rates and delays are computed from."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import patient
from storage.models import Conversion
from storage.records import State

_KEPT = frozenset({State.DONE, State.REFUSED})
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Ending:
    """One conversion that ended; ``seconds`` is what its sender waited.

    ``is_again``: it was read although the same picture had been answered before in this span, and nobody had asked for
    that.
    """

    state: State
    from_cache: bool
    seconds: float
    is_again: bool = False


@patient
async def endings(since: datetime, until: datetime) -> list[Ending]:
    """Conversions that ended in this span, at most the last 20,000; cancelled ones are left out."""
    rows = await (
        Conversion.filter(ended_at__gte=since, ended_at__lt=until)
        .exclude(state=State.CANCELLED)
        .order_by("-ended_at")
        .limit(_MOST)
        .values_list("state", "from_cache", "is_fresh", "picture_hash", "accepted_at", "started_at", "ended_at")
    )
    answered: dict[str, datetime] = {}
    found = []
    for state, from_cache, is_fresh, picture, accepted, started, ended in reversed(rows):
        before = answered.get(picture)
        is_known = before is not None and before <= (started or accepted)
        is_again = is_known and not from_cache and not is_fresh
        found.append(Ending(State(state), bool(from_cache), (ended - accepted).total_seconds(), is_again))
        if picture and state in _KEPT:
            answered.setdefault(picture, ended)
    return found
