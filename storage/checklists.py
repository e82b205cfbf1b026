"""Checklists that were begun, and what was found for their items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from storage.database import existing, patient, transaction, turn
from storage.models import ChecklistMark, ChecklistRun
from storage.outbox import want_newer
from storage.texts import storable

SUBJECT = "checklist"
"""``subject`` of messages that show a checklist."""


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """What was found for an item: ``state`` is ``done``, ``failed`` or ``skipped``."""

    item: str
    state: str
    evidence: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChecklistRecord:
    """One use of a checklist, with its marks by item."""

    id: UUID
    name: str
    subject: str
    opened_by: str
    opened_at: datetime
    reminded_at: datetime | None
    closed_at: datetime | None
    marks: Mapping[str, MarkRecord] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """What buttons and people call it."""
        return self.id.hex[:6]


@patient
async def begin(name: str, subject: str, *, by: str, now: datetime) -> ChecklistRecord:
    """The checklist for a subject, begun now if it was not."""
    row, _ = await ChecklistRun.get_or_create(
        name=name, subject=subject, defaults={"id": uuid4(), "opened_by": by[:128], "opened_at": now}
    )
    return await _with_marks(row)


@patient
async def checklist(name: str, subject: str) -> ChecklistRecord:
    """Raises NotStored."""
    row = await existing(
        ChecklistRun.get_or_none(name=name, subject=subject), f"The checklist {name} was not begun for {subject}."
    )
    return await _with_marks(row)


@patient
async def checklist_of(run_id: UUID) -> ChecklistRecord:
    """By its id; raises NotStored."""
    row = await existing(ChecklistRun.get_or_none(id=run_id), "This checklist is no longer kept.")
    return await _with_marks(row)


@patient
async def latest(name: str | None = None, limit: int = 10) -> list[ChecklistRecord]:
    """The last ones, newest first."""
    rows = ChecklistRun.all() if name is None else ChecklistRun.filter(name=name)
    return [await _with_marks(row) for row in await rows.order_by("-opened_at").limit(limit)]


@patient
async def open_checklists(name: str) -> list[ChecklistRecord]:
    """Those that are not closed, oldest first."""
    rows = await ChecklistRun.filter(name=name, closed_at__isnull=True).order_by("opened_at")
    return [await _with_marks(row) for row in rows]


@patient
async def mark(run_id: UUID, item: str, state: str, *, who: str, evidence: str, now: datetime) -> None:
    """Say what was found for an item; what was said before is replaced."""
    found: dict[str, Any] = {"state": state, "evidence": storable(evidence)[:300], "who": who[:128], "at": now}
    async with transaction():
        await want_newer(SUBJECT, str(run_id), now=now, is_final=False)
        if not await ChecklistMark.filter(run_id=run_id, item=item).update(**found):
            await ChecklistMark.create(id=uuid4(), run_id=run_id, item=item, **found)


@patient
async def close(run_id: UUID, *, now: datetime) -> bool:
    """Say that it is complete; whether it was open until now."""
    async with turn():
        return bool(await ChecklistRun.filter(id=run_id, closed_at__isnull=True).update(closed_at=now))


@patient
async def note_reminder(run_id: UUID, before: datetime | None, *, now: datetime) -> bool:
    """Take the turn to remind of it; of those who want to at once one does."""
    async with turn():
        return bool(await ChecklistRun.filter(id=run_id, reminded_at=before).update(reminded_at=now))


async def _with_marks(row: ChecklistRun) -> ChecklistRecord:
    marks = await ChecklistMark.filter(run_id=row.id).order_by("at")
    found = {one.item: MarkRecord(one.item, one.state, one.evidence, one.who, one.at) for one in marks}
    return ChecklistRecord(
        row.id, row.name, row.subject, row.opened_by, row.opened_at, row.reminded_at, row.closed_at, found
    )
