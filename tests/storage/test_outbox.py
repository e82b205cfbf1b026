"""Messages to be delivered: by one at a time, the newest state, as long as it takes."""

import asyncio

import pytest

from storage import conversions, outbox
from storage.outbox import LEASE
from storage.records import MessageRecord, NewMessage
from tests.making import NOW, accepted, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")

AFTER_LEASE = LEASE.total_seconds() + 1


async def posted(chat: str = "chat", subject: str = "1", at: float = 0, platform: str = "fake") -> None:
    await outbox.post(NewMessage(platform, chat, "notice", subject, payload={"text": subject}), now=seconds(at))


async def due(at: float = 0) -> list[MessageRecord]:
    return await outbox.due_messages(["fake"], now=seconds(at))


async def newer(subject: str = "1", at: float = 0) -> int:
    return await outbox.want_newer("notice", subject, now=seconds(at), is_final=True)


async def test_what_is_posted_is_due_at_once_and_oldest_first() -> None:
    await posted(subject="2", at=1)
    await posted(subject="1", at=0)
    await posted(platform="other")

    assert [message.subject_id for message in await due(2)] == ["1", "2"]
    assert await outbox.pending_count() == 3


async def test_a_message_is_leased_to_one_and_due_again_when_that_one_dies() -> None:
    await posted()
    [message] = await due()

    assert sorted(await asyncio.gather(*(outbox.lease(message, now=NOW) for _ in range(4)))) == [False] * 3 + [True]
    assert await due(AFTER_LEASE - 2) == []
    [again] = await due(AFTER_LEASE)
    assert again.id == message.id
    assert await outbox.lease(again, now=seconds(AFTER_LEASE))


async def test_a_message_that_changed_since_it_was_looked_at_is_not_leased() -> None:
    await posted()
    [message] = await due()
    await newer()

    assert not await outbox.lease(message, now=NOW)
    [changed] = await due()
    assert (changed.wanted, changed.is_final) == (2, True)


async def test_what_is_delivered_is_not_due_and_keeps_its_place() -> None:
    await posted()
    [message] = await due()
    await outbox.mark_delivered(message.id, 1, {"id": 7}, now=NOW)

    assert await due(1000) == []
    [kept] = await outbox.messages_of("notice", "1")
    assert (kept.place, kept.delivered, kept.attempts) == ({"id": 7}, 1, 0)
    assert await newer(at=5) == 1
    [changed] = await due(5)
    assert (changed.place, changed.wanted) == ({"id": 7}, 2)


async def test_what_changed_while_it_was_delivered_is_due_again_at_once() -> None:
    await posted()
    [message] = await due()
    await outbox.lease(message, now=NOW)
    await newer()
    await outbox.mark_delivered(message.id, message.wanted, {"id": 7}, now=NOW)

    [again] = await due()
    assert (again.delivered, again.wanted) == (1, 2)


async def test_what_could_not_be_delivered_waits_and_is_counted() -> None:
    await posted()
    [message] = await due()
    await outbox.postpone(message.id, seconds(60), "the platform is away\0")

    assert await due(59) == []
    [again] = await due(60)
    assert again.attempts == 1
    await outbox.mark_delivered(message.id, 1, {}, now=NOW)
    assert (await outbox.messages_of("notice", "1"))[0].attempts == 0


async def test_what_is_given_up_stays_so_until_there_is_something_new() -> None:
    await posted()
    [message] = await due()
    await outbox.give_up(message.id, "the chat is gone", now=NOW)
    assert await due(1000) == []
    assert await outbox.pending_count() == 0

    await newer(at=5)
    assert len(await due(5)) == 1


async def test_old_messages_are_dropped_when_nothing_is_owed() -> None:
    await posted(subject="delivered")
    await posted(subject="owed", at=0.5)
    delivered = (await due())[0]
    await outbox.mark_delivered(delivered.id, 1, {}, now=NOW)

    assert await outbox.remove_messages(NOW, ["notice"]) == 0
    assert await outbox.remove_messages(seconds(1), ["post"]) == 0
    assert await outbox.remove_messages(seconds(1), ["notice"]) == 1
    assert [message.subject_id for message in await due(1)] == ["owed"]


async def test_a_message_exists_only_with_the_conversion_that_it_shows() -> None:
    one = await accepted(await somebody(), chat="chat")
    await conversions.cancel(one.id, "You took it back.", now=seconds(1))

    assert len(await outbox.messages_of("post", str(one.id))) == 1
    assert (await due(1))[0].subject_id == str(one.id)
