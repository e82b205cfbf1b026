"""Messages that chat processes deliver: at least once, in order in each chat, the newest state only.

A message is a row before anything is sent. Whoever delivers it leases it first, by moving the time at which it is
due; what dies in between leaves it due again when the lease has run out.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import F

from storage.database import patient, turn
from storage.models import OutboxMessage
from storage.records import Json, MessageRecord, NewMessage
from storage.texts import storable

LEASE = timedelta(seconds=8)
"""Longer than one delivery may take, shorter than a player should wait after a crash."""


async def add_message(message: NewMessage, *, now: datetime) -> UUID:
    """Within the caller's transaction: what it shows and that it must be shown belong together."""
    identity = uuid4()
    await OutboxMessage.create(
        id=identity,
        platform=message.platform,
        chat=message.chat,
        address=storable(dict(message.address)),
        subject=message.subject,
        subject_id=message.subject_id,
        payload=storable(message.payload),
        origin=message.origin,
        is_final=message.is_final,
        due_at=now,
        created_at=now,
        changed_at=now,
    )
    return identity


post = patient(add_message)
"""``add_message`` by itself."""


async def want_newer(
    subject: str,
    subject_id: str | Sequence[str],
    *,
    now: datetime,
    is_final: bool,
    made_after: datetime | None = None,
) -> int:
    """What messages show, of one or of several, has changed; return how many there are.

    ``made_after`` leaves older ones as they are. Within the caller's transaction.
    """
    ids = [subject_id] if isinstance(subject_id, str) else list(subject_id)
    messages = OutboxMessage.filter(subject=subject, subject_id__in=ids)
    if made_after is not None:
        messages = messages.filter(created_at__gt=made_after)
    return await messages.update(
        wanted=F("wanted") + 1, is_final=is_final, is_pending=True, given_up_at=None, due_at=now, changed_at=now
    )


@patient
async def due_messages(
    platforms: Collection[str], *, now: datetime, limit: int = 200, without_chats: Collection[str] = ()
) -> list[MessageRecord]:
    """What is to be delivered now, oldest message first."""
    rows = OutboxMessage.filter(is_pending=True, platform__in=list(platforms), due_at__lte=now)
    if without_chats:
        rows = rows.exclude(chat__in=list(without_chats))
    return [_record(row) for row in await rows.order_by("created_at", "id").limit(limit)]


@patient
async def lease(message: MessageRecord, *, now: datetime) -> bool:
    """Whether the caller may deliver it now: false where another process has it or it changed meanwhile."""
    same = OutboxMessage.filter(id=message.id, due_at=message.due_at, wanted=message.wanted)
    async with turn():
        return bool(await same.update(due_at=now + LEASE))


@patient
async def mark_delivered(message_id: UUID, state: int, place: Json, *, now: datetime) -> None:
    """The chat shows ``state``; if a newer one is wanted meanwhile, the message stays due."""
    shown = {"delivered": state, "place": storable(dict(place)), "delivered_at": now, "due_at": now}
    shown |= {"attempts": 0, "problem": None}
    if not await OutboxMessage.filter(id=message_id, wanted=state).update(is_pending=False, **shown):
        await OutboxMessage.filter(id=message_id).update(**shown)


@patient
async def hasten(platforms: Collection[str], *, now: datetime, beyond: timedelta = timedelta()) -> int:
    """Make due now what would be due later than ``beyond``, as when the clock was set back; return how many."""
    late = OutboxMessage.filter(is_pending=True, platform__in=list(platforms), due_at__gt=now + beyond)
    return await late.update(due_at=now)


@patient
async def postpone(message_id: UUID, due_at: datetime, problem: str) -> None:
    """It could not be delivered; try again then."""
    await OutboxMessage.filter(id=message_id).update(
        attempts=F("attempts") + 1, due_at=due_at, problem=storable(problem)[:500]
    )


@patient
async def give_up(message_id: UUID, problem: str, *, now: datetime) -> None:
    """It can never be delivered (the chat is gone, the bot was blocked): stop trying."""
    await OutboxMessage.filter(id=message_id).update(is_pending=False, given_up_at=now, problem=storable(problem)[:500])


@patient
async def messages_of(subject: str, subject_id: str) -> list[MessageRecord]:
    """All messages that show something."""
    rows = await OutboxMessage.filter(subject=subject, subject_id=subject_id).order_by("created_at", "id")
    return [_record(row) for row in rows]


@patient
async def messages_in(platform: str, chat: str, *, limit: int) -> list[MessageRecord]:
    """The newest messages of a chat, oldest first."""
    rows = await OutboxMessage.filter(platform=platform, chat=chat).order_by("-created_at", "-id").limit(limit)
    return [_record(row) for row in reversed(rows)]


@patient
async def answer_to(platform: str, chat: str, origin: str) -> MessageRecord | None:
    """The message that answers ``origin``."""
    row = await OutboxMessage.get_or_none(platform=platform, chat=chat, origin=origin)
    return None if row is None else _record(row)


@patient
async def message(message_id: UUID) -> MessageRecord | None:
    """One message."""
    row = await OutboxMessage.get_or_none(id=message_id)
    return None if row is None else _record(row)


@patient
async def show_instead(message_id: UUID, subject_id: str, *, now: datetime) -> None:
    """Let a message show another thing of its subject from now on."""
    await OutboxMessage.filter(id=message_id).update(
        subject_id=subject_id,
        wanted=F("wanted") + 1,
        is_final=False,
        is_pending=True,
        given_up_at=None,
        due_at=now,
        changed_at=now,
    )


@patient
async def show_again(subject: str, subject_id: str, *, now: datetime, is_final: bool = True) -> None:
    """What messages show was changed by hand, or is to be looked at once more."""
    await want_newer(subject, subject_id, now=now, is_final=is_final)


@patient
async def late_messages(subject: str, before: datetime, *, limit: int) -> list[MessageRecord]:
    """Those about a subject whose chat does not show the end since before a time, oldest first."""
    rows = OutboxMessage.filter(is_pending=True, is_final=True, subject=subject, changed_at__lt=before)
    return [_record(row) for row in await rows.order_by("changed_at", "id").limit(limit)]


@patient
async def try_now(message_id: UUID, problem: str, *, now: datetime) -> bool:
    """Make one due that is not delivered; whether it is not."""
    rows = OutboxMessage.filter(id=message_id, is_pending=True)
    return bool(await rows.update(due_at=now, attempts=F("attempts") + 1, problem=storable(problem)[:500]))


@patient
async def pending_count() -> int:
    """Messages whose chat does not show what is wanted."""
    return await OutboxMessage.filter(is_pending=True).count()


@patient
async def remove_messages(before: datetime, subjects: Sequence[str]) -> int:
    """Drop delivered or given up messages about ``subjects`` that have not changed since; return how many."""
    return await OutboxMessage.filter(is_pending=False, subject__in=list(subjects), changed_at__lt=before).delete()


def _record(row: OutboxMessage) -> MessageRecord:
    return MessageRecord(
        id=row.id,
        platform=row.platform,
        chat=row.chat,
        address=row.address,
        subject=row.subject,
        subject_id=row.subject_id,
        payload=row.payload,
        wanted=row.wanted,
        delivered=row.delivered,
        is_final=row.is_final,
        place=row.place,
        attempts=row.attempts,
        due_at=row.due_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
        origin=row.origin,
        problem=row.problem or "",
        delivered_at=row.delivered_at,
    )
