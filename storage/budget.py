"""How much a chat is told unasked in a minute, whatever it is about; what finds no room is a line of one summary.

Every process counts the same rows, one after the other: whoever adds one holds a counter until its transaction ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise.expressions import F

from storage import outbox
from storage.conversions import SUBJECT as PICTURES
from storage.counters import hold
from storage.database import column, patient
from storage.models import OutboxMessage
from storage.records import Json, NewMessage
from storage.requests import SUBJECT as REQUESTS
from storage.texts import storable

DIGEST, SUMMARY = "alert-digest", "summary"
MINUTE = timedelta(minutes=1)
_ASKED = (PICTURES, REQUESTS)
"""Answers; whatever else a chat shows was not asked for there, or not by it."""
_RESERVED = 3
"""One digest of cards, one summary, and one that somebody announces."""
_MOST_LINES = 200
_COUNTER = "posts"


class Weight(StrEnum):
    """How much of a minute something may take.

    ``routine``: a quarter, so that there is room for what is urgent and may yet come; ``urgent``: all but what is kept
    for digest, summary and an announcement; ``call``: of that a sixth of the whole, since a storm calls the same people
    again and again.
    """

    ROUTINE = "routine"
    URGENT = "urgent"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Budget:
    """What something of a weight may take of the ``most`` messages that a chat is given in a minute."""

    most: int
    weight: Weight

    @property
    def limit(self) -> int:
        """So many there may be in all with the last of this weight."""
        return self.most // 4 if self.weight is Weight.ROUTINE else self.most - _RESERVED

    def left(self, posts: int, same: int = 0) -> int:
        """How many more of this weight find room after so many ``posts``, of which ``same`` are about such things."""
        found = self.limit - posts
        if self.weight is Weight.CALL:
            found = min(found, max(1, self.most // 6) - same)
        return max(0, found)


@patient
async def posts_in_minute(platform: str, chat: str, *, now: datetime) -> list[str]:
    """What the messages are about that fill a chat's minute: neither answers nor the digest and the summary."""
    rows = OutboxMessage.filter(platform=platform, chat=chat, created_at__gt=now - MINUTE)
    found = await column(rows.exclude(subject__in=[*_ASKED, SUMMARY]), "subject")
    if DIGEST in found:
        found.remove(DIGEST)
    return found


async def has_room(messages: Sequence[NewMessage], budget: Budget, *, now: datetime) -> bool:
    """Whether each of these chats has room for one more, which holds until the end of the caller's transaction."""
    await hold(_COUNTER)
    for one in messages:
        posts = await posts_in_minute(one.platform, one.chat, now=now)
        if not budget.left(len(posts), posts.count(one.subject)):
            return False
    return True


async def add_within(message: NewMessage, line: str, budget: Budget, *, now: datetime) -> UUID | None:
    """Add a message to the outbox, or ``line`` to its chat's summary where the minute has no room for it.

    The new message's id, or None. Within the caller's transaction.
    """
    if await has_room([message], budget, now=now):
        return await outbox.add_message(message, now=now)
    await _summarise(message, line, now)
    return None


async def _summarise(message: NewMessage, line: str, now: datetime) -> None:
    """A summary grows for a minute: an older one stands too far up to be looked at."""
    entry = {"at": now.isoformat(), "line": line, "origin": message.origin}
    rows = OutboxMessage.filter(platform=message.platform, chat=message.chat, subject=SUMMARY)
    found = await rows.filter(created_at__gt=now - MINUTE).first()
    if found is None:
        identity = uuid4().hex
        payload: Json = {"lines": [entry], "count": 1}
        new = NewMessage(
            platform=message.platform,
            chat=message.chat,
            subject=SUMMARY,
            subject_id=identity,
            address=message.address,
            payload=payload,
            origin=f"{SUMMARY}-{identity}",
        )
        await outbox.add_message(new, now=now)
        return
    told = found.payload["lines"]
    if any(one["origin"] == entry["origin"] for one in told):
        return
    lines = [*told, entry][:_MOST_LINES]
    await OutboxMessage.filter(id=found.id).update(
        payload=storable({"lines": lines, "count": found.payload["count"] + 1}),
        wanted=F("wanted") + 1,
        is_pending=True,
        given_up_at=None,
        due_at=now,
        changed_at=now,
    )
