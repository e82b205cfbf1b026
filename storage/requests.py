"""Requests of the console: a row before anything is done, changed by one statement wherever two may want it.

What a chat shows of a request is a message of the outbox about ``SUBJECT``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from storage import audit, incidents, outbox
from storage.audit import AuditLine
from storage.database import existing, patient, transaction, turn
from storage.models import OpsFile, OpsLock, OpsRequest
from storage.records import Json, NewMessage
from storage.texts import storable
from storage.timeline import NewEvent

SUBJECT = "request"


class Stage(StrEnum):
    """Where a request is: ``planned`` waits for its requester, ``waiting`` for a second person.

    ``unknown`` is an end too: it was begun, and nobody saw what became of it.
    """

    PLANNED = "planned"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_end(self) -> bool:
        """Nothing follows."""
        return self not in (Stage.PLANNED, Stage.WAITING, Stage.RUNNING)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request; times in UTC, ``arguments`` as they were given and checked, as text."""

    id: UUID
    origin: str
    action: str
    arguments: Mapping[str, str]
    actor: Json
    human: str
    place: Json
    state: Stage
    confirmation: str
    created_at: datetime
    phrase: str = ""
    plan: Json | None = None
    plan_hash: str = ""
    approver: Json | None = None
    progress: Sequence[str] = ()
    answer: Json | None = None
    executor: str = ""
    expires_at: datetime | None = None
    started_at: datetime | None = None
    alive_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an answer."""

    name: str
    data: bytes = field(repr=False)
    media_type: str = "text/plain"


@patient
async def create(request: RequestRecord, message: NewMessage | None, line: AuditLine | None = None) -> bool:
    """Keep a request with the message that shows it; False where its origin has asked already.

    Here and below, a ``line`` of the audit trail is written with it or not at all.
    """
    try:
        async with transaction():
            await OpsRequest.create(**_columns(request))
            await _note(line)
            if message is not None:
                await outbox.add_message(message, now=request.created_at)
    except IntegrityError:
        return False
    return True


@patient
async def request(request_id: UUID) -> RequestRecord:
    """Raises NotStored."""
    row = await existing(OpsRequest.get_or_none(id=request_id), "This request is no longer kept.")
    return _record(row)


@patient
async def request_of(origin: str) -> RequestRecord | None:
    """What an origin has asked for."""
    row = await OpsRequest.get_or_none(origin=origin)
    return None if row is None else _record(row)


@patient
async def find(prefix: str) -> RequestRecord | None:
    """The latest request whose id begins so."""
    rows = await OpsRequest.all().order_by("-created_at").limit(500)
    return next((_record(row) for row in rows if str(row.id).startswith(prefix.lower())), None)


@patient
async def latest(limit: int, *, actions: Collection[str] = (), since: datetime | None = None) -> list[RequestRecord]:
    """Newest first."""
    rows = OpsRequest.all()
    if actions:
        rows = rows.filter(action__in=list(actions))
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    return [_record(row) for row in await rows.order_by("-created_at").limit(limit)]


async def move(
    request_id: UUID,
    before: Collection[Stage],
    after: Stage,
    *,
    now: datetime,
    line: AuditLine | None = None,
    **changes: Any,
) -> bool:
    """Bring a request from one of ``before`` to ``after`` and have its messages show that; whether it was there.

    Of two that try, one does. Not repeated when the answer of the database is lost: the caller looks again.
    """
    async with transaction():
        rows = OpsRequest.filter(id=request_id, state__in=[one.value for one in before])
        if not await rows.update(state=after.value, **{name: _stored(value) for name, value in changes.items()}):
            return False
        await _note(line)
        await outbox.want_newer(SUBJECT, str(request_id), now=now, is_final=after.is_end)
    return True


@patient
async def adopt(request_id: UUID, before: str, executor: str, *, now: datetime, line: AuditLine) -> bool:
    """Take over what another process ran; whether it was still that one's."""
    async with transaction():
        rows = OpsRequest.filter(id=request_id, state=Stage.RUNNING.value, executor=before)
        if not await rows.update(executor=executor, alive_at=now):
            return False
        await _note(line)
    return True


@patient
async def finish(
    request_id: UUID,
    after: Stage,
    answer: Json,
    files: Sequence[StoredFile] = (),
    *,
    executor: str,
    now: datetime,
    line: AuditLine | None = None,
    event: tuple[UUID, NewEvent] | None = None,
) -> bool:
    """The end of what ``executor`` runs, with its files, and a line of an incident's timeline.

    False where somebody else has ended it.
    """
    async with transaction():
        rows = OpsRequest.filter(id=request_id, state=Stage.RUNNING.value, executor=executor)
        if not await rows.update(state=after.value, answer=storable(dict(answer)), ended_at=now):
            return False
        await _note(line)
        for position, file in enumerate(files):
            await OpsFile.create(
                id=uuid4(),
                request_id=request_id,
                position=position,
                name=storable(file.name)[:128],
                media_type=file.media_type,
                content=file.data,
            )
        await outbox.want_newer(SUBJECT, str(request_id), now=now, is_final=True)
        if event is not None:
            await incidents.note_within(*event, now=now)
    return True


@patient
async def show_progress(request_id: UUID, lines: Sequence[str], *, now: datetime) -> None:
    """What is told while it runs; its messages follow."""
    async with transaction():
        rows = OpsRequest.filter(id=request_id, state=Stage.RUNNING.value)
        if await rows.update(progress=storable(list(lines)), alive_at=now):
            await outbox.want_newer(SUBJECT, str(request_id), now=now, is_final=False)


@patient
async def say_alive(executor: str, *, now: datetime) -> None:
    """Whatever this process runs is being worked on."""
    async with turn():
        await OpsRequest.filter(executor=executor, state=Stage.RUNNING.value).update(alive_at=now)


@patient
async def let_go(executor: str, *, before: datetime) -> None:
    """Whatever this process ran is looked for by others at once: it was heard of ``before`` all that live."""
    async with turn():
        await OpsRequest.filter(executor=executor, state=Stage.RUNNING.value).update(alive_at=before)


@patient
async def abandoned(before: datetime) -> list[RequestRecord]:
    """Running requests whose process has not been heard of since."""
    rows = OpsRequest.filter(state=Stage.RUNNING.value, alive_at__lt=before)
    return [_record(row) for row in await rows.order_by("created_at")]


@patient
async def overdue(now: datetime) -> list[RequestRecord]:
    """Requests that nobody confirmed or approved in time."""
    rows = OpsRequest.filter(state__in=[Stage.PLANNED.value, Stage.WAITING.value], expires_at__lte=now)
    return [_record(row) for row in await rows.order_by("created_at")]


@patient
async def files_of(request_id: UUID) -> list[StoredFile]:
    """The files of an answer, in order."""
    rows = await OpsFile.filter(request_id=request_id).order_by("position")
    return [StoredFile(row.name, bytes(row.content), row.media_type) for row in rows]


@patient
async def remove_requests(before: datetime) -> int:
    """Drop ended requests and their files; the audit trail keeps what was done. Returns how many."""
    ends = [stage.value for stage in Stage if stage.is_end]
    return await OpsRequest.filter(state__in=ends, created_at__lt=before).delete()


@patient
async def take_lock(name: str, owner: str, *, now: datetime, until: datetime) -> str:
    """Take a lock until then, or prolong it; returns who has it, which is ``owner`` on success."""
    async with transaction():
        await OpsLock.filter(name=name, until__lte=now).delete()
        row, _ = await OpsLock.get_or_create(name=name, defaults={"owner": owner, "until": until})
        if row.owner == owner:
            await OpsLock.filter(name=name).update(until=until)
        return row.owner


@patient
async def give_lock(name: str, owner: str) -> None:
    """Give a lock back, if it is still the owner's."""
    async with turn():
        await OpsLock.filter(name=name, owner=owner).delete()


async def _note(line: AuditLine | None) -> None:
    if line is not None:
        await audit.add_line(line)


def _columns(request: RequestRecord) -> dict[str, Any]:
    names = RequestRecord.__dataclass_fields__
    return {name: _stored(getattr(request, name)) for name in names}


def _stored(value: Any) -> Any:
    if isinstance(value, Stage):
        return value.value
    if isinstance(value, Mapping):
        return storable(dict(value))
    return storable(list(value)) if isinstance(value, list | tuple) else value


def _record(row: OpsRequest) -> RequestRecord:
    values = {name: getattr(row, name) for name in RequestRecord.__dataclass_fields__}
    return RequestRecord(**{**values, "state": Stage(row.state)})
