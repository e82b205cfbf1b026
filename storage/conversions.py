"""Conversions from queued to their end. Each change is one conditional update first: who comes second sees it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import F

from storage.accuracy_counts import count_decks
from storage.database import column, existing, patient, transaction
from storage.entry import entry_state
from storage.models import Conversion, ConversionEvent, DeadLetter, StoredDeck
from storage.outbox import want_newer
from storage.readings import keep_reading
from storage.records import OPEN, ConversionRecord, EventRecord, ReadingRecord, State
from storage.texts import storable

_AT_ONCE = 1000
SUBJECT = "post"
"""``subject`` of messages that show the conversions of a post."""


@patient
async def conversion(conversion_id: UUID) -> ConversionRecord:
    """Raises NotStored."""
    row = await existing(Conversion.get_or_none(id=conversion_id), "There is no such conversion, or it has expired.")
    return as_record(row)


@patient
async def conversions_by_id(ids: Collection[UUID]) -> Mapping[UUID, ConversionRecord]:
    """Those of these that there are, in the same order."""
    wanted = list(ids)
    found: dict[UUID, ConversionRecord] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = await Conversion.filter(id__in=wanted[start : start + _AT_ONCE])
        found |= {row.id: as_record(row) for row in rows}
    return {one: found[one] for one in wanted if one in found}


@patient
async def ids_in(state: State) -> list[UUID]:
    """Ids of all in a state, oldest first."""
    return await column(Conversion.filter(state=state).order_by("accepted_at", "id"), "id")


@patient
async def accepted_at(ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """When these were accepted."""
    found: dict[UUID, datetime] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= dict(await Conversion.filter(id__in=ids[start : start + _AT_ONCE]).values_list("id", "accepted_at"))
    return found


@patient
async def ids_beginning(beginning: str, *, limit: int) -> list[UUID]:
    """Ids that begin with some hexadecimal letters, hyphens included."""
    letters = "".join(one for one in beginning if one in "0123456789abcdef")
    if not letters or letters != beginning.replace("-", ""):
        return []
    least, most = UUID(letters[:32].ljust(32, "0")), UUID(letters[:32].ljust(32, "f"))
    return await column(Conversion.filter(id__gte=least, id__lte=most).order_by("id").limit(limit), "id")


@patient
async def latest(limit: int) -> list[ConversionRecord]:
    """Accepted last, newest first."""
    return [as_record(row) for row in await Conversion.all().order_by("-accepted_at").limit(limit)]


@patient
async def conversions_of(post: UUID) -> list[ConversionRecord]:
    """The conversions of a post, in order."""
    return [as_record(row) for row in await Conversion.filter(post=post).order_by("position", "accepted_at")]


@patient
async def events(conversion_id: UUID) -> list[EventRecord]:
    """How it came about, oldest first."""
    rows = await ConversionEvent.filter(conversion_id=conversion_id).order_by("id")
    return [EventRecord(State(row.state), row.detail, row.at) for row in rows]


@patient
async def claim(conversion_id: UUID, worker: str, *, now: datetime) -> ConversionRecord | None:
    """Take a queued conversion; None where it has ended, or another worker has it."""
    async with transaction():
        taken = await Conversion.filter(id=conversion_id, state=State.QUEUED).update(
            state=State.RUNNING, worker=worker, started_at=now, attempts=F("attempts") + 1
        )
        if not taken:
            return None
        await add_event(conversion_id, State.RUNNING, f"taken by {worker}", now)
        return as_record(await Conversion.get(id=conversion_id))


@patient
async def put_back(conversion_id: UUID, worker: str, detail: str, *, now: datetime, counts: bool) -> bool:
    """Queue again what this worker took; ``counts`` says whether it was a try. False if it was not running."""
    async with transaction():
        changed = await Conversion.filter(id=conversion_id, state=State.RUNNING, worker=worker).update(
            state=State.QUEUED, worker=None, attempts=F("attempts") - (0 if counts else 1)
        )
        if changed:
            await add_event(conversion_id, State.QUEUED, detail, now)
    return bool(changed)


@patient
async def release(worker: str, detail: str, *, now: datetime) -> list[UUID]:
    """Queue again all that a dead worker held; each was a try. Returns their ids."""
    held = await column(Conversion.filter(state=State.RUNNING, worker=worker), "id")
    return [one for one in held if await put_back(one, worker, detail, now=now, counts=True)]


@patient
async def finish(
    conversion_id: UUID,
    worker: str,
    reading: ReadingRecord,
    *,
    pipeline: str | None,
    deck_until: datetime,
    now: datetime,
    from_cache: bool = False,
) -> bool:
    """Keep what reading gave and wake its messages, in one transaction; False if the worker has lost it.

    ``pipeline`` is the version under which others may use the result again; None keeps it from them.
    """
    async with transaction():
        ended = await end_with_reading(
            conversion_id, reading, now=now, deck_until=deck_until, from_cache=from_cache, worker=worker
        )
        if ended is not None and pipeline is not None and ended.picture_hash is not None:
            await keep_reading(ended.picture_hash, pipeline, reading, now=now)
        if ended is not None:
            await count_decks([conversion_id])
    return ended is not None


async def end_with_reading(
    conversion_id: UUID,
    reading: ReadingRecord,
    *,
    now: datetime,
    deck_until: datetime,
    from_cache: bool,
    worker: str | None = None,
) -> ConversionRecord | None:
    """Within the caller's transaction: the end of a conversion that ``worker`` (None: nobody) holds."""
    state = State.REFUSED if reading.deck is None else State.DONE
    before = (State.QUEUED, State.HELD) if worker is None else (State.RUNNING,)
    changed = await Conversion.filter(id=conversion_id, state__in=list(before), worker=worker).update(
        state=state,
        ended_at=now,
        code=reading.code,
        sentence=storable(reading.sentence),
        timings=dict(reading.timings),
        from_cache=from_cache,
    )
    if not changed:
        return None
    row = await Conversion.get(id=conversion_id)
    if reading.deck is not None:
        await _add_deck(row, reading, deck_until, now)
    await add_event(conversion_id, state, "from the cache" if from_cache else reading.code or "read", now)
    await _show_end(row, now)
    return as_record(row)


async def _show_end(row: Conversion, now: datetime) -> None:
    """Its post's message is final when nothing of the post is open."""
    post = row.post or row.id
    is_open = await Conversion.filter(post=post, state__in=list(OPEN)).exists()
    await want_newer(SUBJECT, str(post), now=now, is_final=not is_open)


async def _add_deck(row: Conversion, reading: ReadingRecord, until: datetime, now: datetime) -> None:
    deck = storable({**(reading.deck or {}), "image": row.picture_name or None})
    await StoredDeck.create(
        id=uuid4(),
        person_id=row.person_id,
        conversion_id=row.id,
        read=deck,
        deck=deck,
        created_at=now,
        expires_at=until,
    )


@patient
async def fail(
    conversion_id: UUID,
    code: str,
    sentence: str,
    *,
    detail: str,
    now: datetime,
    worker: str | None = None,
    is_dead_letter: bool = True,
) -> bool:
    """End without a deck, and tell the owner ``sentence``; ``detail`` is for engineers, in the dead letter.

    With ``worker`` only what that worker holds, otherwise whatever is open. False if it had ended.
    """
    async with transaction():
        rows = Conversion.filter(id=conversion_id, state__in=list(OPEN))
        if worker is not None:
            rows = rows.filter(worker=worker)
        if not await rows.update(state=State.FAILED, code=code, sentence=storable(sentence), ended_at=now):
            return False
        if is_dead_letter:
            await _add_dead_letter(conversion_id, code, detail, now)
        await add_event(conversion_id, State.FAILED, detail or code, now)
        await _show_end(await Conversion.get(id=conversion_id), now)
    return True


async def _add_dead_letter(conversion_id: UUID, reason: str, detail: str, now: datetime) -> None:
    attempts = (await Conversion.get(id=conversion_id)).attempts
    await DeadLetter.create(
        id=uuid4(),
        conversion_id=conversion_id,
        reason=reason,
        detail=storable(detail),
        attempts=attempts,
        created_at=now,
    )


@patient
async def cancel(conversion_id: UUID, sentence: str, *, now: datetime, code: str = "cancelled") -> bool:
    """End what has not ended, at somebody's wish; the worker that holds it hears of it by ``Queue.cancel``.

    Its owner is told ``sentence``, or what ``code`` stands for in their language.
    """
    async with transaction():
        changed = await Conversion.filter(id=conversion_id, state__in=list(OPEN)).update(
            state=State.CANCELLED, code=code, sentence=storable(sentence), ended_at=now
        )
        if changed:
            await add_event(conversion_id, State.CANCELLED, sentence, now)
            await _show_end(await Conversion.get(id=conversion_id), now)
    return bool(changed)


@patient
async def withdraw(post: UUID, sentence: str, *, now: datetime) -> None:
    """The decks of a post are deleted: its conversions say so from now on."""
    await Conversion.filter(post=post).update(
        state=State.CANCELLED, code="deleted", sentence=sentence, picture_hash=None, ended_at=now
    )


@patient
async def open_again(
    conversion_id: UUID, detail: str, *, now: datetime, all_waiting: int | None = None
) -> ConversionRecord | None:
    """Queue or hold a failed or cancelled conversion anew; its dead letters are resolved. None if it is neither.

    With ``all_waiting``, as of ``Quota``, it is held where a new one would be; without, it is queued.
    """
    async with transaction():
        state = State.QUEUED if all_waiting is None else await entry_state(all_waiting, now)
        changed = await Conversion.filter(
            id=conversion_id, state__in=[State.FAILED, State.CANCELLED], picture_hash__isnull=False
        ).update(state=state, attempts=0, worker=None, code=None, sentence=None, ended_at=None, queued_at=now)
        if not changed:
            return None
        await DeadLetter.filter(conversion_id=conversion_id, resolved_at=None).update(resolved_at=now)
        await add_event(conversion_id, state, detail, now)
        row = await Conversion.get(id=conversion_id)
        await want_newer(SUBJECT, str(row.post or row.id), now=now, is_final=False)
    return as_record(row)


async def open_all_again(
    ids: Sequence[UUID], detail: str, *, now: datetime, all_waiting: int
) -> list[ConversionRecord]:
    """``open_again`` for many, in their order; those that it does not concern are left out."""
    opened: list[ConversionRecord] = []
    for start in range(0, len(ids), _AT_ONCE):
        opened += await _open_some_again(ids[start : start + _AT_ONCE], detail, now, all_waiting)
    return opened


@patient
async def _open_some_again(ids: Sequence[UUID], detail: str, now: datetime, all_waiting: int) -> list[ConversionRecord]:
    async with transaction():
        ended = Conversion.filter(id__in=ids, state__in=[State.FAILED, State.CANCELLED], picture_hash__isnull=False)
        found = set(await column(ended, "id"))
        wanted = [one for one in ids if one in found]
        state = await entry_state(all_waiting, now)
        await Conversion.filter(id__in=wanted).update(
            state=state, attempts=0, worker=None, code=None, sentence=None, ended_at=None, queued_at=now
        )
        await DeadLetter.filter(conversion_id__in=wanted, resolved_at=None).update(resolved_at=now)
        events = [ConversionEvent(conversion_id=one, state=state, detail=detail[:500], at=now) for one in wanted]
        await ConversionEvent.bulk_create(events)
        rows = {row.id: row for row in await Conversion.filter(id__in=wanted)}
        posts = sorted({str(row.post or row.id) for row in rows.values()})
        await want_newer(SUBJECT, posts, now=now, is_final=False)
    return [as_record(rows[one]) for one in wanted]


@patient
async def open_conversions(states: Collection[State] = OPEN, *, limit: int | None = None) -> list[ConversionRecord]:
    """What has not ended, oldest first."""
    rows = Conversion.filter(state__in=list(states)).order_by("accepted_at", "id")
    return [as_record(row) for row in await (rows if limit is None else rows.limit(limit))]


@patient
async def open_ids() -> list[UUID]:
    """Ids of all that has not ended."""
    return await column(Conversion.filter(state__in=list(OPEN)), "id")


@patient
async def states(ids: Collection[UUID]) -> Mapping[UUID, State]:
    """The states of those of these that there are."""
    rows = await Conversion.filter(id__in=list(ids)).values_list("id", "state") if ids else []
    return {identity: State(state) for identity, state in rows}


@patient
async def counts() -> Mapping[State, int]:
    """Conversions that have not ended, by state."""
    return {state: await Conversion.filter(state=state).count() for state in OPEN}


@patient
async def people_waiting() -> int:
    """How many people have something in the queue."""
    return len(await Conversion.filter(state=State.QUEUED).distinct().values_list("person_id", flat=True))


@patient
async def oldest_waiting() -> datetime | None:
    """When the conversion that waits longest was accepted."""
    row = await Conversion.filter(state__in=[State.QUEUED, State.ACCEPTED]).order_by("accepted_at").first()
    return None if row is None else row.accepted_at


@patient
async def note(conversion_id: UUID, state: State, detail: str, *, now: datetime) -> bool:
    """Add something to the history of a conversion that is in a state; whether it is."""
    async with transaction():
        is_so = await Conversion.filter(id=conversion_id, state=state).exists()
        if is_so:
            await add_event(conversion_id, state, detail, now)
    return is_so


async def add_event(conversion_id: UUID, state: State, detail: str, now: datetime) -> None:
    """Within the caller's transaction."""
    await ConversionEvent.create(conversion_id=conversion_id, state=state, detail=storable(detail)[:500], at=now)


def as_record(row: Conversion) -> ConversionRecord:
    """The record of a row."""
    return ConversionRecord(
        id=row.id,
        person=row.person_id,
        state=State(row.state),
        picture_hash=row.picture_hash,
        picture_name=row.picture_name,
        correlation=row.correlation,
        post=row.post or row.id,
        position=row.position,
        accepted_at=row.accepted_at,
        source=row.source,
        community=row.community,
        priority=row.priority,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        worker=row.worker,
        code=row.code,
        sentence=row.sentence,
        is_fresh=row.is_fresh,
        from_cache=row.from_cache,
        timings=row.timings or {},
    )
