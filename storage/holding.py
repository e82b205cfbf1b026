"""Pictures that are held until maintenance or an overload is over, and read then."""

from datetime import datetime, timedelta

from storage import outbox
from storage.conversions import SUBJECT, as_record
from storage.database import column, patient, transaction
from storage.maintenance import in_force_here
from storage.models import Conversion, ConversionEvent
from storage.records import ENDS, ConversionRecord, State

_AT_ONCE = 500
_LOOK_BACK = timedelta(minutes=5)


@patient
async def held_count() -> int:
    """How many are held."""
    return await Conversion.filter(state=State.HELD).count()


async def release_held(all_waiting: int, *, now: datetime) -> list[ConversionRecord]:
    """Let those go on that came first, as many as may wait, unless maintenance is in force; their messages tell so.

    They are still to be queued.
    """
    released: list[ConversionRecord] = []
    while some := await _release_some(all_waiting, now):
        released += some
    return released


@patient
async def _release_some(all_waiting: int, now: datetime) -> list[ConversionRecord]:
    async with transaction():
        if await in_force_here(now) is not None:
            return []
        room = min(_AT_ONCE, all_waiting - await Conversion.filter(state__in=[State.QUEUED, State.RUNNING]).count())
        if room <= 0:
            return []
        ids = await column(Conversion.filter(state=State.HELD).order_by("accepted_at", "id").limit(room), "id")
        if not ids:
            return []
        await Conversion.filter(id__in=ids, state=State.HELD).update(state=State.QUEUED, queued_at=now)
        events = [ConversionEvent(conversion_id=one, state=State.QUEUED, detail="goes on", at=now) for one in ids]
        await ConversionEvent.bulk_create(events)
        rows = await Conversion.filter(id__in=ids).order_by("accepted_at", "id")
        await outbox.want_newer(SUBJECT, [str(row.post or row.id) for row in rows], now=now, is_final=False)
    return [as_record(row) for row in rows]


@patient
async def show_held(*, now: datetime) -> int:
    """Have all messages of what is held show what is true now; return how many were held."""
    posts = [str(post) for post in await column(Conversion.filter(state=State.HELD), "post")]
    for start in range(0, len(posts), _AT_ONCE):
        await outbox.want_newer(SUBJECT, posts[start : start + _AT_ONCE], now=now, is_final=False)
    return len(posts)


@patient
async def ended_since(since: datetime) -> int:
    """How many conversions ended after a time."""
    return await Conversion.filter(ended_at__gt=since, state__in=list(ENDS)).count()


@patient
async def accepted_since(since: datetime) -> int:
    """How many were accepted after a time."""
    return await Conversion.filter(accepted_at__gt=since).count()


async def expected_wait(waiting: int, *, now: datetime) -> timedelta | None:
    """How long so many take at the pace of the last minutes; None where nothing was read in these."""
    ended = await ended_since(now - _LOOK_BACK)
    return None if not ended else _LOOK_BACK * (waiting / ended)
