"""A storm in which everything speaks at once: cards, calls, deadlines, lost pages, announcements."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from chatops.alerting.posting import Posting
from chatops.jobs.oncall import keep
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import cards, incidents, outbox
from storage.budget import DIGEST, SUMMARY
from storage.database import Database
from storage.incidents import CARD
from storage.pages import SUBJECT as PAGE
from storage.queue import Queue
from storage.records import MessageRecord
from tests.chatops.acting import OLGA, PEOPLE, Ops
from tests.chatops.calling import ROTA, Calling, calling_parts
from tests.chatops.pipeline import Pipeline, alert, body
from tests.making import NOW, seconds

HURRIED = """
  paging: {repeat: 20s, secondary_after: 30s, admins_after: 50s}
  severities:
    P0: {means: a, response: 60s, acknowledge: 40s, pages: true}
    P1: {means: b, response: 60s, acknowledge: 40s, pages: true}
    P2: {means: c, response: 60s}
    P3: {means: d, response: 24h}
"""
"""Deadlines within the very minute of the storm."""
BAD, OTHERS = 15, 15


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue, PEOPLE + ROTA + HURRIED)


async def test_everything_together_is_twenty_posts_a_minute_the_worst_first_and_nothing_unseen(ops: Ops) -> None:
    pipeline, calling = Pipeline(ops), Calling(ops, refusing={"discord:3": "Cannot send messages to this user"})
    for tick in range(13):
        ops.now = seconds(5 * tick)
        for number in range(tick * 6, min(tick * 6 + 6, BAD + OTHERS)):
            severity = "critical" if number % 2 == 0 else "warning"
            await pipeline.store(body(alert("a", at=NOW, alertname=f"Alert{number:02}", severity=severity)))
        await pipeline.fold(post=False)
        await Posting(ops.parts).post()
        await calling.after()
        if tick == 6:
            await ops.done(OLGA, "incident announce", id="INC-1", text="We are looking into it.", to="operations")

    posts = await unasked("7")
    minute = [one for one in posts if (one.created_at - NOW).total_seconds() < 60]
    assert len(minute) <= 20
    assert {one.subject for one in minute} >= {CARD, DIGEST, PAGE, SUMMARY, "notice"}
    assert len([one for one in minute if one.subject in (DIGEST, SUMMARY)]) == 2
    assert any("We are looking into it" in str(one.payload) for one in minute)
    shown = {UUID(one.subject_id): one.created_at for one in minute if one.subject == CARD}
    records = {one.id: one for one in await cards.open_cards()}
    assert len(records) == BAD + OTHERS
    bad = [one for one in shown if records[one].severity is Severity.P1]
    assert len(bad) >= 8  # besides calls, and word of calls that a platform refused
    in_digests = [await cards.digest(UUID(one.subject_id)) for one in minute if one.subject == DIGEST]
    assert {card.id for one in in_digests for card in one.cards} | set(shown) == set(records)
    lines = [line["line"] for one in posts if one.subject == SUMMARY for line in (one.payload or {})["lines"]]
    assert any("called: P1" in one for one in lines)
    assert any("% of the time to" in one for one in lines)
    assert len(await incidents.unresolved()) == BAD + OTHERS


async def unasked(chat: str) -> list[MessageRecord]:
    """Everything that a chat was told, answers aside."""
    found = await outbox.messages_in("discord", chat, limit=1000)
    return [one for one in found if one.subject != "request"]


def payload_of(one: MessageRecord) -> Mapping[str, object]:
    assert one.payload is not None
    return one.payload


async def test_a_call_without_room_still_reaches_the_person(ops: Ops) -> None:
    calling = Calling(ops)
    for number in range(5):
        await calling.incident(Severity.P1, f"alert {number}")
    sent = await calling.after()

    assert sent.count("discord:3") == 5
    assert sent.count("discord:7") == 3
    [summary] = [one for one in calling.new if one.subject == SUMMARY and one.chat == "7"]
    assert payload_of(summary)["count"] == 2


async def test_keeping_on_says_what_waited_no_second_time(ops: Ops) -> None:
    calling = Calling(ops)
    for number in range(5):
        await calling.incident(Severity.P1, f"alert {number}")
    await calling.after()
    await keep(ops.parts)

    [summary] = [one for one in await unasked("7") if one.subject == SUMMARY]
    assert payload_of(summary)["count"] == 2
