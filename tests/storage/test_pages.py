"""Pages: made once, each round said by one process, until somebody acknowledges."""

from datetime import timedelta
from uuid import uuid4

import pytest

from storage import outbox, pages
from storage.pages import Fate, NewPage, PageRecord, Send
from storage.records import NewMessage
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")
LATE = timedelta(seconds=30)


async def made(key: str = "one", **changes: object) -> PageRecord:
    page = await pages.open_page(NewPage(key, "primary", "OCR is down", "alerts", **changes), now=NOW)  # type: ignore[arg-type]
    assert page is not None
    return page


def send(page: PageRecord, human: str = "Alice", platform: str = "discord") -> Send:
    origin = f"page:{page.id}:{human}:{platform}:{page.round}"
    return Send(human, NewMessage(platform, f"{human}-{platform}", pages.SUBJECT, str(page.id), origin=origin))


async def said(page: PageRecord, *sends: Send) -> None:
    assert await pages.say_round(page, sends, seconds(300), now=NOW)


async def test_a_page_is_made_once_for_its_key_and_due_at_once() -> None:
    page = await made()
    assert await pages.open_page(NewPage("one", "primary", "again", "alerts"), now=NOW) is None
    assert [one.id for one in await pages.due(NOW)] == [page.id]


async def test_a_round_is_said_once() -> None:
    page = await made()
    await said(page, send(page), send(page, platform="telegram"))
    assert not await pages.say_round(page, [send(page)], seconds(300), now=NOW)

    assert await pages.due(seconds(299)) == []
    [again] = await pages.due(seconds(300))
    assert again.round == 1
    assert len(await outbox.messages_of(pages.SUBJECT, str(page.id))) == 2


async def test_the_worst_are_said_first() -> None:
    await made("b", severity="P1")
    await made("a", severity="P0")
    assert [one.severity for one in await pages.due(NOW)] == ["P0", "P1"]


async def test_the_first_who_acknowledges_ends_it_and_its_messages_say_so() -> None:
    page = await made()
    await said(page, send(page))
    assert await pages.acknowledge(page.id, "Bob", now=seconds(60))
    assert not await pages.acknowledge(page.id, "Alice", now=seconds(61))

    found = await pages.page(page.id)
    assert (found.acknowledged_by, found.next_at) == ("Bob", None)
    assert await pages.due(seconds(1000)) == []
    [message] = await outbox.messages_of(pages.SUBJECT, str(page.id))
    assert (message.wanted, message.is_final) == (2, True)


async def test_what_ended_is_not_said_any_more_by_whoever_was_about_to() -> None:
    page = await made()
    await pages.end(page.id, "resolved", now=NOW)
    assert not await pages.say_round(page, [send(page)], seconds(300), now=NOW)
    assert not await pages.escalate(page.id, 1, now=NOW)


async def test_an_escalation_is_due_at_once() -> None:
    page = await made()
    await said(page, send(page))
    assert await pages.escalate(page.id, 1, now=seconds(10))
    assert not await pages.escalate(page.id, 1, now=seconds(11))
    assert [one.level for one in await pages.due(seconds(10))] == [1]


async def test_what_became_of_messages_is_noted_once() -> None:
    page = await made()
    await said(page, send(page), send(page, platform="telegram"), send(page, "Bob"))
    arrived, refused, _ = await outbox.messages_of(pages.SUBJECT, str(page.id))
    assert await pages.news(seconds(29), LATE) == []

    await outbox.mark_delivered(arrived.id, 1, {"id": 1}, now=NOW)
    await outbox.give_up(refused.id, "the bot was blocked", now=NOW)
    news = await pages.news(seconds(30), LATE)
    assert {one.id: one.fate for one in news} | {arrived.id: Fate.DELIVERED, refused.id: Fate.FAILED} == {
        one.id: one.fate for one in news
    }
    assert sorted(one.fate for one in news) == [Fate.DELIVERED, Fate.FAILED, Fate.LATE]
    assert [await pages.settle(one, now=seconds(30)) for one in news] == [True] * 3
    assert [await pages.settle(one, now=seconds(30)) for one in news] == [False] * 3


async def test_somebody_is_unreached_when_none_of_their_messages_may_still_arrive() -> None:
    page = await made()
    await said(page, send(page), send(page, platform="telegram"), send(page, "Bob"))
    for message in await outbox.messages_of(pages.SUBJECT, str(page.id)):
        if not message.chat.startswith("Alice-telegram"):
            await outbox.give_up(message.id, "blocked", now=NOW)
    for one in await pages.news(NOW, LATE):
        await pages.settle(one, now=NOW)
    assert await pages.unreached(page.id, ["Alice", "Bob"]) == {"Bob"}


async def test_pages_of_an_incident_are_found() -> None:
    incident = uuid4()
    page = await made(incident=incident)
    await said(page, send(page))
    await pages.end(page.id, "resolved", now=NOW)
    assert [one.id for one in await pages.pages_of(incident)] == [page.id]
