"""What the console says unasked: to its channels, or to one person's account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops import answers
from chatops.inert import one_line
from chatops.model import Answer, Place
from chatops.parts import Parts
from storage import budget, outbox
from storage.budget import Budget, Weight
from storage.database import transaction
from storage.records import NewMessage

SUBJECT = "notice"
_LINE = 200


def direct(platform: str, user: str) -> Place:
    """One person's direct messages: an account of theirs is the chat."""
    return Place(platform, user, is_private=True)


def routine(parts: Parts) -> Budget:
    """For what can wait: it takes a quarter of a chat's minute at most."""
    return Budget(parts.policy.alerts.posts_a_minute, Weight.ROUTINE)


def urgent(parts: Parts) -> Budget:
    """For what somebody must see now."""
    return Budget(parts.policy.alerts.posts_a_minute, Weight.URGENT)


def call(parts: Parts) -> Budget:
    """For calling people, whom a storm calls again and again."""
    return Budget(parts.policy.alerts.posts_a_minute, Weight.CALL)


async def say(
    places: Iterable[Place], answer: Answer, *, origin: str, now: datetime, within: Budget | None = None
) -> list[UUID]:
    """Say something once in each place; ``origin`` tells it from all else that is said there.

    Files are not sent: what is large belongs to an answer of an action, which a suggestion can offer. Without
    ``within`` somebody asked for it, who finds it whatever else is said. Returns the new messages, which the delivery
    finds within a second, or at once when the queue is signalled.
    """
    payload = answers.to_json(answer)
    line = _line(answer.text)
    return await show(places, SUBJECT, origin, origin=origin, now=now, payload=payload, within=within, line=line)


async def show(
    places: Iterable[Place],
    subject: str,
    subject_id: str,
    *,
    origin: str,
    now: datetime,
    payload: Any = None,
    within: Budget | None = None,
    line: str = "",
) -> list[UUID]:
    """Have a message in each place that shows a subject, and keep it there once.

    It follows the subject's state whenever ``storage.outbox.want_newer`` is called for it. Where ``within`` leaves it
    no room, the chat's summary says ``line``.
    """
    made = []
    for place in places:
        async with transaction():
            if await outbox.answer_to(place.platform, place.chat, origin) is None:
                message = message_of(place, subject, subject_id, origin, payload)
                made.append(await add(message, line, within, now=now))
    return [one for one in made if one is not None]


async def add(message: NewMessage, line: str, within: Budget | None, *, now: datetime) -> UUID | None:
    """Add one message within the caller's transaction, or ``line`` to its chat's summary; the message's id, or None.

    What is said to one person directly fills no channel.
    """
    if within is None or message.address.get("direct"):
        return await outbox.add_message(message, now=now)
    return await budget.add_within(message, line, within, now=now)


async def say_within(
    places: Iterable[Place], answer: Answer, *, origin: str, now: datetime, within: Budget | None = None
) -> None:
    """The same as ``say`` within the caller's transaction, who knows that it was not said before."""
    payload = answers.to_json(answer)
    for place in places:
        await add(message_of(place, SUBJECT, origin, origin, payload), _line(answer.text), within, now=now)


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


def _line(text: str) -> str:
    """What a summary says of it."""
    return one_line(text, _LINE)
