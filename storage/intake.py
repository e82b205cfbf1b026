"""Accepting pictures: limits, the row that makes it a promise, the message that will tell its end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from storage.conversions import add_event, as_record, end_with_reading
from storage.database import column, patient, transaction
from storage.errors import NotStored
from storage.models import Conversion, Person, Picture, StoredReading
from storage.outbox import add_message
from storage.readings import reading_record
from storage.records import OPEN, ConversionRecord, Json, NewMessage, State
from storage.texts import storable

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one person, and all together, may ask for."""

    per_hour: int
    at_once: int
    all_waiting: int


class LimitReached(Exception):  # noqa: N818
    """Not now; ``code`` says which limit, ``retry_at`` when to try again (None: when something else is ready)."""

    def __init__(self, code: str, retry_at: datetime | None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class NewConversion:
    """A picture that somebody sent. ``pipeline`` is the present reader's version, None when no worker told it.

    Without ``picture_hash`` the picture is still to be fetched from ``source``.
    """

    person: UUID
    picture_hash: str | None
    picture_size: int
    picture_name: str
    picture_until: datetime
    deck_until: datetime
    correlation: str
    pipeline: str | None = None
    source: Json | None = None
    community: str = ""
    is_fresh: bool = False
    id: UUID = field(default_factory=uuid4)


@patient
async def accept(new: NewConversion, message: NewMessage | None, quota: Quota, *, now: datetime) -> ConversionRecord:
    """Promise a conversion, or end it at once where its picture was read before; raises LimitReached, NotStored.

    ``message`` shows the conversion from now on. Accepting the same id twice is accepting it once.
    """
    async with transaction():
        # The write comes first: it makes two pictures of one person wait for each other.
        await Person.filter(id=new.person).update(seen_at=now)
        known = await Conversion.get_or_none(id=new.id)
        if known is not None:
            return as_record(known)
        ahead = await _check_limits(new.person, quota, now)
        if new.picture_hash is not None:
            await _keep_picture(new, new.picture_hash, now)
        row = await _add_row(new, ahead, now)
        if message is not None:
            await add_message(message, now=now)
        await _answer_at_once(row, new, now)
    return as_record(await Conversion.get(id=new.id))


async def _check_limits(person: UUID, quota: Quota, now: datetime) -> int:
    """Return how many conversions of the person are open."""
    person_row = await Person.get_or_none(id=person)
    if person_row is None:
        raise NotStored("This person is not known.")
    if person_row.banned_until is not None and person_row.banned_until > now:
        raise LimitReached("banned", person_row.banned_until)
    unfinished = await Conversion.filter(person_id=person, state__in=list(OPEN)).count()
    if unfinished >= quota.at_once:
        raise LimitReached("at_once", None)
    lately = Conversion.filter(person_id=person, accepted_at__gt=now - _HOUR).order_by("-accepted_at")
    recent = await column(lately.limit(quota.per_hour), "accepted_at")
    if len(recent) >= quota.per_hour:
        raise LimitReached("per_hour", min(recent) + _HOUR)
    if await Conversion.filter(state__in=list(OPEN)).limit(quota.all_waiting).count() >= quota.all_waiting:
        raise LimitReached("overload", now + timedelta(minutes=5))
    return unfinished


async def _keep_picture(new: NewConversion, content_hash: str, now: datetime) -> None:
    _, is_new = await Picture.get_or_create(
        content_hash=content_hash,
        person_id=new.person,
        defaults={"id": uuid4(), "size": new.picture_size, "created_at": now, "expires_at": new.picture_until},
    )
    if not is_new:
        await Picture.filter(content_hash=content_hash, person_id=new.person).update(expires_at=new.picture_until)


async def _add_row(new: NewConversion, ahead: int, now: datetime) -> Conversion:
    has_picture = new.picture_hash is not None
    row = await Conversion.create(
        id=new.id,
        person_id=new.person,
        state=State.QUEUED if has_picture else State.ACCEPTED,
        picture_hash=new.picture_hash,
        picture_name=storable(new.picture_name)[:255],
        source=storable(new.source),
        community=storable(new.community)[:96],
        is_fresh=new.is_fresh,
        priority=ahead,
        correlation=storable(new.correlation),
        accepted_at=now,
        queued_at=now if has_picture else None,
    )
    await add_event(row.id, State(row.state), "accepted", now)
    return row


async def _answer_at_once(row: Conversion, new: NewConversion, now: datetime) -> None:
    if new.picture_hash is None or new.pipeline is None or new.is_fresh:
        return
    stored = await StoredReading.get_or_none(content_hash=new.picture_hash, pipeline=new.pipeline)
    if stored is not None:
        await end_with_reading(row.id, reading_record(stored), now=now, deck_until=new.deck_until, from_cache=True)


@patient
async def set_picture(
    conversion: UUID, content_hash: str, size: int, *, picture_until: datetime, now: datetime
) -> ConversionRecord | None:
    """The picture of an accepted conversion has been fetched: queue it. None if it has ended meanwhile."""
    async with transaction():
        changed = await Conversion.filter(id=conversion, state=State.ACCEPTED).update(
            state=State.QUEUED, picture_hash=content_hash, queued_at=now
        )
        if not changed:
            return None
        row = await Conversion.get(id=conversion)
        await Picture.get_or_create(
            content_hash=content_hash,
            person_id=row.person_id,  # type: ignore[attr-defined]
            defaults={"id": uuid4(), "size": size, "created_at": now, "expires_at": picture_until},
        )
        await add_event(conversion, State.QUEUED, "picture fetched", now)
    return as_record(row)
