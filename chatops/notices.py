"""What the console says unasked: to its channels, or to one person's account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops import answers
from chatops.model import Answer, Place
from storage import outbox
from storage.database import transaction
from storage.records import NewMessage

SUBJECT = "notice"


def direct(platform: str, user: str) -> Place:
    """One person's direct messages: an account of theirs is the chat."""
    return Place(platform, user, is_private=True)


async def say(places: Iterable[Place], answer: Answer, *, origin: str, now: datetime) -> list[UUID]:
    """Say something once in each place; ``origin`` tells it from all else that is said there.

    Files are not sent: what is large belongs to an answer of an action, which a suggestion can offer. Returns the new
    messages, which the delivery finds within a second, or at once when the queue is signalled.
    """
    payload = answers.to_json(answer)
    return await show(places, SUBJECT, origin, origin=origin, now=now, payload=payload)


async def show(
    places: Iterable[Place],
    subject: str,
    subject_id: str,
    *,
    origin: str,
    now: datetime,
    payload: Any = None,
) -> list[UUID]:
    """Have a message in each place that shows a subject, and keep it there once.

    It follows the subject's state whenever ``storage.outbox.want_newer`` is called for it.
    """
    made = []
    for place in places:
        async with transaction():
            if await outbox.answer_to(place.platform, place.chat, origin) is None:
                made.append(await outbox.add_message(message_of(place, subject, subject_id, origin, payload), now=now))
    return made


def messages(places: Iterable[Place], answer: Answer, *, origin: str) -> list[NewMessage]:
    """The same as ``say`` says, for a caller who adds them to the outbox within a transaction of their own."""
    payload = answers.to_json(answer)
    return [message_of(place, SUBJECT, origin, origin, payload) for place in places]


def message_of(place: Place, subject: str, subject_id: str, origin: str, payload: Any = None) -> NewMessage:
    """A message that nobody asked for, which shows a subject."""
    return NewMessage(
        platform=place.platform,
        chat=place.chat,
        subject=subject,
        subject_id=subject_id,
        address={"unasked": True, "direct": place.is_private},
        payload=payload,
        origin=origin,
    )
