"""Accepting pictures: limits, the row that makes it a promise, the message that will tell its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import Q

from storage.accuracy_counts import count_decks
from storage.conversions import SUBJECT, add_event, as_record, end_with_reading
from storage.database import existing, patient, transaction
from storage.entry import entry_state
from storage.models import Conversion, OutboxMessage, Person, Picture, StoredReading
from storage.outbox import add_message, want_newer
from storage.readings import reading_record
from storage.records import OPEN, ConversionRecord, Json, NewMessage, ReadingRecord, State
from storage.texts import storable

_HOUR = timedelta(hours=1)
_OVERLOADS = 2
"""So many times as many as may wait are kept in all."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one person, and all together, may ask for.

    What comes when ``all_waiting`` wait is kept, and read later; when as many again are kept, it is refused.
    """

    per_hour: int
    at_once: int
    all_waiting: int


class LimitReached(Exception):
    """Not now; ``code`` says which limit, ``retry_at`` when to try again (None: when something else is ready)."""

    def __init__(self, code: str, retry_at: datetime | None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class NewConversion:
    """A picture that somebody sent. ``pipeline`` is the present reader's version, None when no worker told it.

    Without ``picture_hash`` the picture is still to be fetched from ``source``. ``post`` is what it has in common
    with others of the same message. ``is_urgent`` is not kept waiting, whatever the state of things.
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
    is_urgent: bool = False
    id: UUID = field(default_factory=uuid4)
    post: UUID | None = None


async def accept(new: NewConversion, message: NewMessage | None, quota: Quota, *, now: datetime) -> ConversionRecord:
    """``accept_post`` for one picture."""
    return (await accept_post([new], message, quota, now=now))[0]


@patient
async def accept_post(
    new: Sequence[NewConversion], message: NewMessage | None, quota: Quota, *, now: datetime
) -> list[ConversionRecord]:
    """Promise the conversions of one person's post, and end at once those whose picture was read before.

    ``message`` shows them from now on. Accepting the same ids, or answering the same origin, twice is doing it
    once. Raises LimitReached or NotStored, and then accepts none.
    """
    accepted: list[ConversionRecord] = []
    async with transaction():
        # The write comes first: it makes two posts of one person wait for each other.
        await Person.filter(id=new[0].person).update(seen_at=now)
        known = await _known(new, message)
        if known:
            return known
        ahead, waiting = await _check_limits(new[0].person, len(new), quota, now)
        if message is not None:
            await add_message(message, now=now)
        for position, one in enumerate(new):
            if one.picture_hash is not None:
                await _keep_copy(one.person, one.picture_hash, one.picture_size, one.picture_until, now)
            state = await _first_state(one, quota, waiting, now)
            row = await _add_row(one, state, position, ahead + position, now)
            ended = None if one.is_fresh else await _answer_from_cache(row, one.pipeline, one.deck_until, now)
            accepted.append(ended or as_record(row))
        await count_decks([one.id for one in accepted if one.from_cache])
    return accepted


async def _known(new: Sequence[NewConversion], message: NewMessage | None) -> list[ConversionRecord]:
    """What an earlier, equal call accepted."""
    rows = await Conversion.filter(id__in=[one.id for one in new]).order_by("position")
    if not rows and message is not None and message.origin is not None:
        shown = await OutboxMessage.get_or_none(platform=message.platform, chat=message.chat, origin=message.origin)
        if shown is not None:
            rows = await Conversion.filter(post=UUID(shown.subject_id)).order_by("position")
    return [as_record(row) for row in rows]


async def _check_limits(person: UUID, wanted: int, quota: Quota, now: datetime) -> tuple[int, int]:
    """Return how many conversions of the person, and of all, are open."""
    person_row = await existing(Person.get_or_none(id=person), "This person is not known.")
    if person_row.banned_until is not None and person_row.banned_until > now:
        raise LimitReached("banned", person_row.banned_until)
    theirs = Conversion.filter(Q(state__in=list(OPEN)) | Q(accepted_at__gt=now - _HOUR), person_id=person)
    # Where there are more, one of the limits is reached.
    newest = theirs.order_by("-accepted_at").limit(quota.at_once + quota.per_hour)
    rows = await newest.values_list("state", "accepted_at")
    unfinished = sum(state in OPEN for state, _ in rows)
    if unfinished + wanted > quota.at_once:
        raise LimitReached("at_once", None)
    recent = [accepted_at for _, accepted_at in rows if accepted_at > now - _HOUR][: quota.per_hour]
    if len(recent) + wanted > quota.per_hour:
        # The newest that must be an hour old before so many more may come.
        last = sorted(recent)[max(0, min(len(recent) + wanted - quota.per_hour, len(recent)) - 1)] if recent else now
        raise LimitReached("per_hour", last + _HOUR)
    most = _OVERLOADS * quota.all_waiting
    waiting = await Conversion.filter(state__in=list(OPEN)).limit(most).count()
    if waiting >= most:
        raise LimitReached("overload", now + timedelta(minutes=5))
    return unfinished, waiting


async def _keep_copy(person: UUID, content_hash: str, size: int, until: datetime, now: datetime) -> None:
    row = Picture(id=uuid4(), content_hash=content_hash, person_id=person, size=size, created_at=now, expires_at=until)
    await Picture.bulk_create([row], on_conflict=["content_hash", "person_id"], update_fields=["expires_at"])


async def _first_state(new: NewConversion, quota: Quota, waiting: int, now: datetime) -> State:
    if new.picture_hash is None:
        return State.ACCEPTED
    return State.QUEUED if new.is_urgent else await entry_state(quota.all_waiting, now, waiting)


async def _add_row(new: NewConversion, state: State, position: int, ahead: int, now: datetime) -> Conversion:
    row = await Conversion.create(
        id=new.id,
        person_id=new.person,
        state=state,
        post=new.post or new.id,
        position=position,
        picture_hash=new.picture_hash,
        picture_name=storable(new.picture_name)[:255],
        source=storable(new.source),
        community=storable(new.community)[:96],
        is_fresh=new.is_fresh,
        priority=ahead,
        correlation=storable(new.correlation),
        accepted_at=now,
        queued_at=None if state is State.ACCEPTED else now,
    )
    await add_event(row.id, State(row.state), "accepted", now)
    return row


async def _answer_from_cache(
    row: Conversion, pipeline: str | None, deck_until: datetime, now: datetime
) -> ConversionRecord | None:
    """Its end, None where the picture is still to be read."""
    if row.picture_hash is None or pipeline is None:
        return None
    stored = await StoredReading.get_or_none(content_hash=row.picture_hash, pipeline=pipeline)
    if stored is None:
        return None
    return await end_with_reading(row.id, reading_record(stored), now=now, deck_until=deck_until, from_cache=True)


@patient
async def set_picture(
    conversion: UUID,
    content_hash: str,
    size: int,
    *,
    pipeline: str | None,
    picture_until: datetime,
    deck_until: datetime,
    all_waiting: int,
    now: datetime,
) -> ConversionRecord | None:
    """The picture of an accepted conversion has been fetched: queue or hold it, or answer at once from the cache.

    ``all_waiting`` is as of ``Quota``. None if it has ended meanwhile.
    """
    async with transaction():
        state = await entry_state(all_waiting, now)
        changed = await Conversion.filter(id=conversion, state=State.ACCEPTED).update(
            state=state, picture_hash=content_hash, queued_at=now
        )
        if not changed:
            return None
        row = await Conversion.get(id=conversion)
        await _keep_copy(row.person_id, content_hash, size, picture_until, now)
        await add_event(conversion, state, "picture fetched", now)
        ended = await _answer_from_cache(row, pipeline, deck_until, now)
        if ended is None and state is State.HELD:
            await want_newer(SUBJECT, str(row.post or row.id), now=now, is_final=False)
        if ended is not None:
            await count_decks([conversion])
    return ended or as_record(row)


@patient
async def answer_without_reading(
    conversion: UUID, reading: ReadingRecord, *, deck_until: datetime, now: datetime
) -> bool:
    """End an accepted conversion whose file was no picture: a list, or nothing of use. False if it had ended."""
    async with transaction():
        changed = await Conversion.filter(id=conversion, state=State.ACCEPTED).update(state=State.QUEUED, queued_at=now)
        if changed:
            await end_with_reading(conversion, reading, now=now, deck_until=deck_until, from_cache=False)
            await count_decks([conversion])
    return bool(changed)
