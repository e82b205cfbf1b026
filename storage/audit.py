"""The audit trail of the console: lines that can be added, never changed without being seen.

Each line's digest covers its content and the digest of the line before, and the head tells the last one, so that
``verify`` finds a changed, a missing and a cut-off line.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.expressions import F

from storage.database import patient, transaction
from storage.models import AuditEntry, AuditHead
from storage.records import Json
from storage.texts import storable

_GENESIS = "0" * 64
_HEAD = "head"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AuditLine:
    """What happened: ``kind`` is what became of it (asked, confirmed, started, done, denied, …)."""

    kind: str
    action: str
    human: str
    at: datetime
    request: str = ""
    details: Json | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A line of the trail, with its number from 1 on."""

    number: int
    line: AuditLine
    digest: str


@patient
async def add(line: AuditLine) -> int:
    """Write a line; returns its number. Writers queue for the head."""
    async with transaction():
        return await add_line(line)


async def add_line(line: AuditLine) -> int:
    """``add`` within the caller's transaction."""
    if not await AuditHead.filter(name=_HEAD).update(number=F("number") + 1):
        await AuditHead.get_or_create(name=_HEAD, defaults={"number": 0, "digest": _GENESIS})
        await AuditHead.filter(name=_HEAD).update(number=F("number") + 1)
    head = await AuditHead.get(name=_HEAD)
    content = _canonical(head.number, line)
    digest = _digest(head.digest, content)
    await AuditEntry.create(
        number=head.number,
        at=line.at,
        kind=line.kind,
        action=line.action,
        human=line.human,
        request=line.request,
        content=content,
        digest=digest,
    )
    await AuditHead.filter(name=_HEAD).update(digest=digest)
    return head.number


@patient
async def lines(
    limit: int, *, since: datetime | None = None, human: str = "", action: str = "", request: str = ""
) -> list[AuditRecord]:
    """Newest first."""
    rows = AuditEntry.all()
    wanted = {"at__gte": since, "human": human, "action": action, "request": request}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return [_record(row) for row in await rows.order_by("-number").limit(limit)]


async def all_lines() -> AsyncIterator[AuditRecord]:
    """Oldest first."""
    number = 0
    while rows := await _after(number):
        for row in rows:
            yield _record(row)
        number = rows[-1].number


async def verify() -> tuple[int, str]:
    """How many lines are whole from the first on, and what is wrong after them (empty: nothing)."""
    number, before = 0, _GENESIS
    while rows := await _after(number):
        for row in rows:
            if problem := _problem(row, number + 1, before):
                return number, problem
            number, before = row.number, row.digest
    head = await _head()
    if (number, before) != head:
        return number, f"line {number + 1} and what follows up to line {head[0]} are missing"
    return number, ""


def _problem(row: AuditEntry, expected: int, before: str) -> str:
    if row.number != expected:
        return f"line {expected} is missing"
    if row.digest != _digest(before, row.content):
        return f"line {expected} was changed"
    told = json.loads(row.content)
    shown = {"kind": row.kind, "action": row.action, "human": row.human, "request": row.request, "at": _time(row.at)}
    return "" if shown.items() <= told.items() else f"line {expected} was changed"


@patient
async def _after(number: int) -> list[AuditEntry]:
    return await AuditEntry.filter(number__gt=number).order_by("number").limit(_AT_ONCE)


@patient
async def _head() -> tuple[int, str]:
    row = await AuditHead.get_or_none(name=_HEAD)
    return (0, _GENESIS) if row is None else (row.number, row.digest)


def _canonical(number: int, line: AuditLine) -> str:
    content: dict[str, Any] = {
        "number": number,
        "at": _time(line.at),
        "kind": line.kind,
        "action": line.action,
        "human": line.human,
        "request": line.request,
        "details": storable(dict(line.details or {})),
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _digest(before: str, content: str) -> str:
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def _record(row: AuditEntry) -> AuditRecord:
    details = json.loads(row.content)["details"]
    return AuditRecord(row.number, AuditLine(row.kind, row.action, row.human, row.at, row.request, details), row.digest)
