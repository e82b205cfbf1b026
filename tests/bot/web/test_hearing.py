"""Who hears what on the page, and that no page can hold the others up."""

import asyncio

import pytest

from bot.web import events
from bot.web.events import Page, Pages
from tests.bot.web.conftest import House


def open_pages(*pages: Page) -> Pages:
    """Pages that are looked at."""
    found = Pages()
    for page in pages:
        found._add(page)
    return found


def heard(page: Page) -> list[bytes | None]:
    return [page.events.get_nowait() for _ in range(page.events.qsize())]


async def test_only_those_who_look_at_a_chat_hear_of_it() -> None:
    ana, ben = Page("ana", ["chat-1"]), Page("ben", ["chat-2", "ops"])
    pages = open_pages(ana, ben)
    pages.publish("chat-1", "message", {"text": "für Ana"})
    pages.publish("chat-3", "message", {"text": "for nobody"})
    assert heard(ana) == ['event: message\ndata: {"text": "für Ana"}\n\n'.encode()]
    assert heard(ben) == []
    assert [pages.watched(chat) for chat in ("chat-1", "ops", "chat-3")] == [True, True, False]


async def test_a_page_that_does_not_keep_up_starts_anew_and_waits_for_nobody() -> None:
    slow, quick = Page("slow", ["chat"]), Page("quick", ["chat"])
    pages = open_pages(slow, quick)
    for number in range(events._WAITING + 1):
        pages.publish("chat", "message", {"number": number})
        assert len(heard(quick)) == 1
    assert heard(slow) == [None]


async def test_who_signs_out_hears_no_more_and_others_do() -> None:
    first, second, other = Page("ana", ["chat"]), Page("ana", ["ops"]), Page("ben", ["chat"])
    open_pages(first, second, other).end_session("ana")
    assert [heard(one) for one in (first, second, other)] == [[None], [None], []]


async def test_of_very_many_pages_of_one_the_oldest_ends() -> None:
    own = [Page("ana", ["chat", "ops"]) for _ in range(events.PAGES_OF_ONE)]
    pages = open_pages(*own, Page("ben", ["chat"]))
    assert [heard(one) for one in own] == [[]] * len(own)
    pages._add(Page("ana", ["chat", "ops"]))
    assert [heard(one) for one in own] == [[None]] + [[]] * (len(own) - 1)


async def test_pages_that_end_leave_nothing_behind() -> None:
    first, second = Page("ana", ["chat"]), Page("ben", ["chat"])
    pages = open_pages(first, second)
    pages._remove(first)
    assert pages.watched("chat")
    pages._remove(second)
    assert not pages._by_chat


async def test_silence_is_filled_so_that_connections_stay(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BEAT_S", 0.01)
    ana = await house.guest()
    async with asyncio.timeout(20), ana.http.get(house.base + "/web/events") as response:
        async for line in response.content:
            if line == b": beat\n":
                break
