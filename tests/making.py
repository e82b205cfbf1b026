"""What tests store: people, conversions, decks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from storage import conversions, intake, people
from storage.intake import NewConversion, Quota
from storage.records import ConversionRecord, NewMessage, ReadingRecord
from storage.requests import RequestRecord, Stage

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
QUOTA = Quota(per_hour=10, at_once=5, all_waiting=20_000)
PLENTY = Quota(per_hour=100_000, at_once=100_000, all_waiting=100_000)
WORKER = "host/1"

DECK: dict[str, Any] = {
    "schema": 1,
    "image": None,
    "kind": "arena-list",
    "main": [{"count": 60, "name": "Relentless Rats", "certain": True, "read": "Relentless Rats", "candidates": []}],
    "side": [],
    "commander": [],
    "companion": [],
    "totals": {"main": {"read": 60, "displayed": None}, "side": {"read": 0, "displayed": None}},
    "verified": True,
    "warnings": [],
    "engine": "stub",
    "seconds": 0.1,
}
READING = ReadingRecord(DECK, timings={"reading": 1.5})
REFUSAL = ReadingRecord(None, "no_deck", "No decklist found in this picture.")


def seconds(number: float) -> datetime:
    """So long after ``NOW``."""
    return NOW + timedelta(seconds=number)


def hashed(name: str) -> str:
    """Something that looks like a content's hash."""
    return name.encode().hex().ljust(64, "0")


async def somebody(user: str = "player") -> UUID:
    """A person known on a chat platform."""
    return (await people.person_with_account("discord", user, name=user.title(), now=NOW)).id


def new(person: UUID, picture: str | None = "picture", **changes: Any) -> NewConversion:
    """A picture of somebody."""
    fields: dict[str, Any] = {
        "picture_hash": None if picture is None else hashed(picture),
        "picture_size": 1000,
        "picture_name": "deck.png",
        "picture_until": NOW + timedelta(hours=24),
        "deck_until": NOW + timedelta(days=90),
        "correlation": uuid4().hex,
        "pipeline": "stub-1",
    }
    return NewConversion(person=person, **(fields | changes))


def message_of(conversion: UUID, chat: str = "chat", platform: str = "fake") -> NewMessage:
    """A message that shows a conversion."""
    return NewMessage(platform, chat, conversions.SUBJECT, str(conversion))


async def accepted(
    person: UUID,
    picture: str | None = "picture",
    *,
    at: datetime = NOW,
    quota: Quota = PLENTY,
    chat: str | None = None,
    **changes: Any,
) -> ConversionRecord:
    """A conversion that was accepted; with ``chat`` a message there shows it."""
    one = new(person, picture, **changes)
    return await intake.accept(one, None if chat is None else message_of(one.id, chat), quota, now=at)


async def finished(
    person: UUID, picture: str = "picture", *, reading: ReadingRecord = READING, at: datetime = NOW, **changes: Any
) -> ConversionRecord:
    """A conversion that a worker has brought to its end."""
    one = await accepted(person, picture, at=at, **{"pipeline": None, **changes})
    await conversions.claim(one.id, WORKER, now=at)
    until = changes.get("deck_until", NOW + timedelta(days=90))
    assert await conversions.finish(one.id, WORKER, reading, pipeline="stub-1", deck_until=until, now=at)
    return await conversions.conversion(one.id)


async def failed(person: UUID, picture: str = "picture", *, at: datetime = NOW, **changes: Any) -> ConversionRecord:
    """A conversion that was given up, with its dead letter."""
    one = await accepted(person, picture, at=at, **changes)
    await conversions.claim(one.id, WORKER, now=at)
    assert await conversions.fail(
        one.id, "ReadingCrashed", "Send another one.", detail="it died", now=at, worker=WORKER
    )
    return await conversions.conversion(one.id)


def ops_request(origin: str, **changes: Any) -> RequestRecord:
    """What somebody asked of the console."""
    fields: dict[str, Any] = {
        "id": uuid4(),
        "origin": origin,
        "action": "queue purge",
        "arguments": {"count": "3"},
        "actor": {"platform": "discord", "user": "1", "name": "alice", "groups": [], "role": "admin"},
        "human": "alice",
        "place": {"platform": "discord", "chat": "7", "is_private": False, "also": []},
        "state": Stage.PLANNED,
        "confirmation": "button",
        "created_at": NOW,
    }
    return RequestRecord(**(fields | changes))
