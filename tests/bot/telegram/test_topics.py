"""Incidents' own topics in a forum: made, closed, opened again; what is said there; and where there can be none."""

import asyncio
from collections.abc import Callable

import pytest

from storage import incidents, timeline
from storage.timeline import EventRecord
from tests.bot.operator import operating
from tests.bot.telegram.operations import Scene
from tests.bot.telegram.seeing import sees
from tests.bot.telegram.test_cards import BAD, ENDED, card_of, delivered
from tests.chatops.pipeline import alert, body
from tests.fakes.telegram_rooms import Room, Said
from tests.making import NOW
from tests.processes import eventually

OTHER = alert("worker-2", at=NOW, severity="critical", alertname="DiskFull")


@pytest.fixture
def forum(ops: Scene) -> Room:
    """The operations group, in which the bot may manage topics."""
    ops.room.can_manage_topics = True
    return ops.room


async def topic_of(room: Room, count: int = 1) -> int:
    """The number of the bot's latest topic, when it has made so many and begun it."""
    assert await eventually(lambda: len(room.own_topics) == count)
    number = max(room.own_topics)
    assert await eventually(lambda: bool(room.in_topic(number)))
    return number


async def kept(ops: Scene, holds: Callable[[list[EventRecord]], object], number: int = 1) -> list[EventRecord]:
    """An incident's timeline when something holds of it."""
    async with operating(ops.product.settings):
        for _ in range(400):
            found = await timeline.events((await incidents.incident_numbered(number)).id)
            if holds(found):
                return found
            await asyncio.sleep(0.05)
    raise AssertionError([(one.kind, one.text) for one in found])


async def test_an_incident_has_a_topic_of_its_own_as_long_as_it_lasts(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    number = await topic_of(forum)
    topic = forum.topics[number]
    assert topic.name == "INC-1 QueueStalled: QueueStalled is high"
    [begun] = forum.in_topic(number)
    assert f"https://t.me/c/1001/{card.id}" in begun.text

    await delivered(ops, body(ENDED))
    assert await eventually(lambda: topic.is_closed)
    await ops.press(ops.olga, card, "Reopen")
    question = await sees(forum, "reason: 3 to 200 letters")
    forum.text(ops.olga, "it fires again", reply_to=question.id)
    assert await eventually(lambda: not topic.is_closed)
    assert len(forum.own_topics) == 1


async def test_the_talk_of_a_topic_is_in_the_timeline_with_what_the_console_does_there(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(BAD))
    number = await topic_of(forum)

    said = forum.text(ops.olga, "queue looks bad to me", thread=number)
    forum.edit(ops.olga, said, text="the queue looks very bad")
    forum.photo(ops.olga, b"no picture of a deck", "the graph", thread=number)
    answer = await ops.order(ops.olga, "/queue inspect", "✅ queue inspect", thread=number)
    assert answer.raw["message_thread_id"] == number

    lines = await kept(ops, lambda found: {"edited", "action"} <= {one.kind for one in found})
    told = [(one.kind, one.human, one.text) for one in lines]
    assert ("message", "Olga", "queue looks bad to me") in told
    assert ("edited", "Olga", "the queue looks very bad") in told
    assert ("message", "Olga", "the graph [photo]") in told
    [action] = [one for one in lines if one.kind == "action"]
    assert action.text.startswith("queue inspect: done. ")
    assert action.request
    assert not [one for one in forum.in_topic(number) if "queue can:" in one.text], "mere words are no order"


async def test_diagnose_answers_in_the_topic(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(alert("a", at=NOW, severity="critical", alertname="OcrErrors", service="ocr")))
    card = await card_of(ops)
    number = await topic_of(forum)
    await ops.press(ops.olga, card, "Diagnose")

    assert await eventually(lambda: any("diagnose ocr" in one.text for one in forum.in_topic(number)))
    lines = await kept(ops, lambda found: "action" in [one.kind for one in found])
    [action] = [one for one in lines if one.kind == "action"]
    assert action.text.startswith("diagnose ocr")


async def test_two_cards_of_one_incident_share_its_topic_and_a_restart_keeps_it(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(BAD))
    number = await topic_of(forum)
    await ops.product.restart()
    await delivered(ops, body(BAD, alert("worker-3", at=NOW, severity="critical", alertname="QueueStalled")))
    await card_of(ops, "2 alerts firing")
    forum.text(ops.olga, "still here", thread=number)

    await kept(ops, lambda found: "still here" in [one.text for one in found])
    assert list(forum.own_topics) == [number]


async def test_a_topic_that_somebody_deleted_is_made_again(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(alert("a", at=NOW, severity="critical", alertname="OcrErrors", service="ocr")))
    card = await card_of(ops)
    first = await topic_of(forum)
    forum.delete_topic(first)
    await ops.press(ops.olga, card, "Diagnose")

    second = await topic_of(forum)
    assert second != first
    assert await eventually(lambda: any("diagnose ocr" in one.text for one in forum.in_topic(second)))
    forum.text(ops.olga, "here now", thread=second)
    await kept(ops, lambda found: "here now" in [one.text for one in found])


async def test_a_deleted_topic_of_what_is_over_is_not_made_again(ops: Scene, forum: Room) -> None:
    await delivered(ops, body(BAD))
    forum.delete_topic(await topic_of(forum))
    await delivered(ops, body(ENDED))

    await card_of(ops, "🟢 P1")
    async with operating(ops.product.settings):
        found = await incidents.incident_numbered(1)
        assert await eventually(lambda: ops.telegram.count("closeForumTopic") == 1)
        assert [chat for _, chat in await timeline.talks_of(found.id) if "/" in chat] == []
    assert ops.telegram.count("createForumTopic") == 1


async def test_the_right_that_lacks_is_named_once_and_answers_to_the_card_are_the_talk(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    await sees(ops.room, "lacks the administrator's right Manage Topics")
    await delivered(ops, body(OTHER))
    await sees(ops.room, "A2 · DiskFull")

    ops.room.text(ops.olga, "I look at the workers", reply_to=card.id)
    await ops.order(ops.olga, "/queue inspect", "✅ queue inspect", reply_to=card.id)
    lines = await kept(ops, lambda found: "action" in [one.kind for one in found])
    assert ("message", "I look at the workers") in [(one.kind, one.text) for one in lines]
    assert len([one for one in ops.room.from_bot if "Manage Topics" in one.text]) == 1


async def test_in_a_group_without_topics_nothing_is_said_of_them(ops: Scene) -> None:
    ops.room.is_forum = False
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    await ops.press(ops.olga, card, "Acknowledge")
    await card_of(ops, "acknowledged by Olga")

    assert ops.telegram.count("createForumTopic") == 1, "it is not tried at each edit"
    assert not [one for one in ops.room.from_bot if "topic" in one.text.lower()]


async def test_a_card_does_not_wait_for_its_topic(ops: Scene, forum: Room) -> None:
    ops.telegram.flood("createForumTopic", 1)
    await delivered(ops, body(BAD))

    assert await shown(ops) == 1
    await topic_of(forum)
    assert ops.telegram.count("createForumTopic") == 2
    assert [one.text for one in forum.from_bot if "A1 · " in one.text]


async def shown(ops: Scene) -> int:
    """How many messages the first card is."""
    card: Said = await card_of(ops)
    return len([one for one in ops.room.from_bot if one.text == card.text])
