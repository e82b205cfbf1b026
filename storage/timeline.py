"""The timeline of incidents: lines are added and never changed; an edit or a deletion is a line of its own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from storage.database import patient, transaction
from storage.models import IncidentEvent, IncidentTalk
from storage.records import Json
from storage.texts import storable

_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened. ``kind`` is one word, such as ``acknowledged``, ``note``, ``alert``, ``page``, ``action``.

    ``human`` is empty where nobody did it; ``request`` is the console's request, by which the audit trail knows it.
    Of two events with one ``key`` the second is not kept.
    """

    kind: str
    text: str = ""
    human: str = ""
    details: Json | None = None
    request: str = ""
    key: str | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A line of a timeline; ``replaces`` is the line that it edits or deletes."""

    id: int
    incident: UUID
    kind: str
    text: str
    human: str
    details: Json | None
    request: str
    replaces: int | None
    at: datetime
    key: str | None = None


@patient
async def add(incident: UUID, event: NewEvent, *, now: datetime) -> bool:
    """Write a line; whether it was new."""
    async with transaction():
        return await add_event(incident, event, now=now)


async def add_event(incident: UUID, event: NewEvent, *, now: datetime) -> bool:
    """``add`` within the caller's transaction, after its first write."""
    columns: dict[str, Any] = {
        "incident_id": incident,
        "kind": event.kind,
        "human": storable(event.human)[:128],
        "text": storable(event.text)[:_LONGEST],
        "details": None if event.details is None else storable(dict(event.details)),
        "request": event.request,
        "replaces": event.replaces,
        "at": now,
    }
    if event.key is None:
        await IncidentEvent.create(**columns)
        return True
    _, is_new = await IncidentEvent.get_or_create(key=storable(event.key)[:200], defaults=columns)
    return is_new


@patient
async def events(incident: UUID, *, kinds: Collection[str] = (), limit: int | None = None) -> list[EventRecord]:
    """A timeline in its order; with ``limit`` its last lines."""
    rows = IncidentEvent.filter(incident_id=incident)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if limit is None:
        return [_record(row) for row in await rows.order_by("at", "id")]
    latest = await rows.order_by("-at", "-id").limit(limit)
    return [_record(row) for row in reversed(latest)]


@patient
async def event_with(key: str) -> EventRecord | None:
    """The line of a key."""
    row = await IncidentEvent.get_or_none(key=key)
    return None if row is None else _record(row)


@patient
async def has_request(incident: UUID, request: str) -> bool:
    """Whether a line tells of a request of the console."""
    return await IncidentEvent.filter(incident_id=incident, request=request).exists()


@patient
async def talk_in(incident: UUID, platform: str, chat: str) -> bool:
    """What is said in a chat belongs to an incident from now on; False where it belongs to one already."""
    async with transaction():
        _, is_new = await IncidentTalk.get_or_create(
            platform=platform, chat=chat, defaults={"id": uuid4(), "incident_id": incident}
        )
    return is_new


@patient
async def end_talk(platform: str, chat: str) -> None:
    """The place is gone; what was said there stays."""
    await IncidentTalk.filter(platform=platform, chat=chat).delete()


@patient
async def incident_of_talk(platform: str, chat: str) -> UUID | None:
    """The incident that people talk about in a chat."""
    row = await IncidentTalk.get_or_none(platform=platform, chat=chat)
    return None if row is None else row.incident_id


@patient
async def talks_of(incident: UUID) -> list[tuple[str, str]]:
    """The chats in which people talk about an incident, as platform and chat."""
    rows = await IncidentTalk.filter(incident_id=incident).order_by("platform", "chat")
    return [(row.platform, row.chat) for row in rows]


def _record(row: IncidentEvent) -> EventRecord:
    return EventRecord(
        id=row.id,
        incident=row.incident_id,
        kind=row.kind,
        text=row.text,
        human=row.human,
        details=row.details,
        request=row.request,
        replaces=row.replaces,
        at=row.at,
        key=row.key,
    )
