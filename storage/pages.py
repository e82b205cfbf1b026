"""Pages: who is called, by which messages, what became of each, until somebody acknowledges.

A page is a row before anything is sent. Whoever moves its next time says its next round, in the same transaction, so
that of several processes one does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from storage import outbox
from storage.budget import Budget, add_within
from storage.database import existing, patient, transaction, turn
from storage.models import OutboxMessage, Page, PageAttempt
from storage.records import NewMessage
from storage.texts import storable
from storage.timeline import NewEvent, add_event

SUBJECT = "page"
_NAMED = 2000
"""The latest, of which names are known."""
_SHOWN_AGAIN = timedelta(minutes=30)
"""Older messages of a page are not edited any more when it ends: a newer one stands below them."""


class Fate(StrEnum):
    """What became of a message of a page."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to be made: ``key`` is what for."""

    key: str
    target: str
    title: str
    asked_by: str
    reason: str = ""
    severity: str = ""
    incident: UUID | None = None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page; ``next_at`` is None when it has ended."""

    id: UUID
    key: str
    incident: UUID | None
    target: str
    title: str
    reason: str
    severity: str
    asked_by: str
    opened_at: datetime
    round: int
    level: int
    next_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    ended_at: datetime | None
    outcome: str

    @property
    def name(self) -> str:
        """As people type it."""
        return self.id.hex[:8]


@dataclass(frozen=True, slots=True)
class Send:
    """A message of a round; ``human`` is empty for one to a chat, whose summary says ``line`` where it has no room."""

    human: str
    message: NewMessage
    line: str = ""


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One message of a page and what became of it."""

    id: UUID
    page: UUID
    round: int
    human: str
    platform: str
    chat: str
    at: datetime
    fate: Fate
    problem: str


@patient
async def open_page(new: NewPage, *, now: datetime) -> PageRecord | None:
    """Make a page whose first round is due now; None where its key has one already."""
    try:
        async with turn():
            row = await Page.create(
                id=uuid4(),
                key=new.key,
                incident=new.incident,
                target=new.target,
                title=storable(new.title)[:200],
                reason=storable(new.reason)[:200],
                severity=new.severity,
                asked_by=new.asked_by,
                opened_at=now,
                next_at=now,
            )
    except IntegrityError:
        return None
    return _record(row)


@patient
async def due(now: datetime) -> list[PageRecord]:
    """Those whose next round is due, worst first."""
    rows = await Page.filter(next_at__lte=now).order_by("severity", "opened_at")
    return [_record(row) for row in rows]


@patient
async def open_pages() -> list[PageRecord]:
    """Those that have not ended, newest first."""
    return [_record(row) for row in await Page.filter(ended_at__isnull=True).order_by("-opened_at")]


@patient
async def pages_of(incident: UUID) -> list[PageRecord]:
    """All pages of an incident, in order."""
    return [_record(row) for row in await Page.filter(incident=incident).order_by("opened_at")]


@patient
async def pages_named(name: str) -> list[PageRecord]:
    """Those whose names begin so, newest first."""
    rows = await Page.all().order_by("-opened_at").limit(_NAMED)
    return [record for record in map(_record, rows) if record.name.startswith(name.strip().lower())]


@patient
async def page(page_id: UUID) -> PageRecord:
    """One page; raises NotStored."""
    row = await existing(Page.get_or_none(id=page_id), "This page is no longer kept.")
    return _record(row)


@patient
async def say_round(
    before: PageRecord,
    sends: Sequence[Send],
    next_at: datetime,
    *,
    now: datetime,
    event: tuple[UUID, NewEvent] | None = None,
    within: Budget | None = None,
) -> bool:
    """Say a page's next round, with a line of an incident's timeline, unless it has ended or another process does.

    Messages to chats keep ``within``; those to humans are always sent.
    """
    async with transaction():
        same = Page.filter(id=before.id, round=before.round, next_at__isnull=False)
        if not await same.update(round=before.round + 1, next_at=next_at):
            return False
        for one in sends:
            identity = await _add(one, within, now)
            if identity is None:
                continue
            await PageAttempt.create(
                id=identity,
                page_id=before.id,
                round=before.round + 1,
                human=one.human,
                platform=one.message.platform,
                chat=one.message.chat,
                at=now,
                outcome=Fate.WAITING.value,
            )
        if event is not None:
            await add_event(event[0], event[1], now=now)
    return True


async def _add(one: Send, within: Budget | None, now: datetime) -> UUID | None:
    if one.human or within is None:
        return await outbox.add_message(one.message, now=now)
    return await add_within(one.message, one.line, within, now=now)


@patient
async def escalate(page_id: UUID, level: int, *, now: datetime) -> bool:
    """Say the next round now, to those of ``level`` too; whether the page was below it and had not ended."""
    async with transaction():
        return bool(
            await Page.filter(id=page_id, level__lt=level, ended_at__isnull=True).update(level=level, next_at=now)
        )


@patient
async def acknowledge(page_id: UUID, by: str, *, now: datetime) -> bool:
    """Somebody has seen it; whether they are the first."""
    return await _end(page_id, f"acknowledged by {by}", now, acknowledged_at=now, acknowledged_by=by)


@patient
async def end(page_id: UUID, outcome: str, *, now: datetime) -> bool:
    """It is no longer needed; whether it had not ended before."""
    return await _end(page_id, outcome, now)


async def _end(page_id: UUID, outcome: str, now: datetime, **changes: object) -> bool:
    async with transaction():
        running = Page.filter(id=page_id, ended_at__isnull=True)
        if not await running.update(next_at=None, ended_at=now, outcome=storable(outcome)[:200], **changes):
            return False
        await outbox.want_newer(SUBJECT, str(page_id), now=now, is_final=True, made_after=now - _SHOWN_AGAIN)
    return True


@patient
async def attempts(page_id: UUID) -> list[AttemptRecord]:
    """All messages of a page, in order."""
    return [_attempt(row) for row in await PageAttempt.filter(page_id=page_id).order_by("at", "id")]


@patient
async def said_since(since: datetime) -> list[datetime]:
    """When rounds were said that had messages of their own."""
    rows = await PageAttempt.filter(at__gt=since).distinct().values_list("page_id", "round", "at")
    return [at for _, _, at in rows]


@patient
async def news(now: datetime, late_after: timedelta) -> list[AttemptRecord]:
    """Messages of which it is not noted yet that they have arrived, failed or are late, as they are now."""
    waiting = await PageAttempt.filter(outcome=Fate.WAITING.value).order_by("at")
    if not waiting:
        return []
    messages = {row.id: row for row in await OutboxMessage.filter(id__in=[one.id for one in waiting])}
    found = []
    for one in waiting:
        fate, problem = _fate(messages.get(one.id), one.at + late_after <= now)
        if fate is not Fate.WAITING:
            found.append(_attempt(one, fate, problem))
    return found


@patient
async def settle(attempt: AttemptRecord, *, now: datetime) -> bool:
    """Note what became of a message; whether nobody else has."""
    async with transaction():
        return bool(
            await PageAttempt.filter(id=attempt.id, outcome=Fate.WAITING.value).update(
                outcome=attempt.fate.value, problem=attempt.problem, settled_at=now
            )
        )


@patient
async def unreached(page_id: UUID, humans: Collection[str]) -> set[str]:
    """Of those whom a page called, whoever had no message that may still arrive."""
    rows = await PageAttempt.filter(page_id=page_id, human__in=list(humans))
    lost = {Fate.FAILED.value, Fate.LATE.value}
    return {row.human for row in rows} - {row.human for row in rows if row.outcome not in lost}


def _fate(message: OutboxMessage | None, is_late: bool) -> tuple[Fate, str]:
    if message is None:
        return Fate.FAILED, "the message is no longer kept"
    if message.delivered:
        return Fate.DELIVERED, ""
    if message.given_up_at is not None:
        return Fate.FAILED, (message.problem or "it could not be delivered")[:300]
    if is_late:
        return Fate.LATE, (message.problem or "the platform has not taken it yet")[:300]
    return Fate.WAITING, ""


def _record(row: Page) -> PageRecord:
    return PageRecord(
        id=row.id,
        key=row.key,
        incident=row.incident,
        target=row.target,
        title=row.title,
        reason=row.reason,
        severity=row.severity,
        asked_by=row.asked_by,
        opened_at=row.opened_at,
        round=row.round,
        level=row.level,
        next_at=row.next_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        ended_at=row.ended_at,
        outcome=row.outcome,
    )


def _attempt(row: PageAttempt, fate: Fate | None = None, problem: str | None = None) -> AttemptRecord:
    return AttemptRecord(
        id=row.id,
        page=row.page_id,
        round=row.round,
        human=row.human,
        platform=row.platform,
        chat=row.chat,
        at=row.at,
        fate=fate or Fate(row.outcome),
        problem=row.problem if problem is None else problem,
    )
