"""How much a chat is told in a minute, and what becomes of what finds no room."""

import asyncio
from datetime import timedelta

import pytest

from storage import outbox
from storage.budget import SUMMARY, Budget, Weight, add_within
from storage.database import transaction
from storage.records import MessageRecord, NewMessage
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")
ROUTINE, URGENT, CALL = (Budget(20, weight) for weight in Weight)


async def told(number: int, budget: Budget, *, at: float = 0, chat: str = "7", subject: str = "notice") -> bool:
    """Whether something is posted by itself."""
    message = NewMessage("discord", chat, subject, str(number), origin=f"{subject}-{number}")
    async with transaction():
        return await add_within(message, f"line {number}", budget, now=seconds(at)) is not None


async def shown(chat: str = "7") -> list[MessageRecord]:
    due = await outbox.due_messages(["discord"], now=NOW + timedelta(days=1))
    return [one for one in due if one.chat == chat]


async def test_routine_takes_a_quarter_and_urgent_all_but_what_is_kept() -> None:
    assert [await told(number, ROUTINE) for number in range(7)] == [True] * 5 + [False] * 2
    assert [await told(number, URGENT) for number in range(20, 34)] == [True] * 12 + [False] * 2
    assert len(await shown()) == 18


async def test_calls_take_a_sixth() -> None:
    assert [await told(number, CALL, subject="page") for number in range(5)] == [True] * 3 + [False] * 2
    assert await told(9, URGENT)


async def test_each_chat_has_its_own_minute_and_answers_count_for_none() -> None:
    assert [await told(number, ROUTINE) for number in range(6)][-1] is False
    assert await told(0, ROUTINE, chat="8")
    for number in range(30):
        await outbox.post(NewMessage("discord", "8", "request", str(number), origin=f"answer-{number}"), now=NOW)
    assert await told(1, ROUTINE, chat="8")


async def test_what_finds_no_room_is_a_line_of_one_summary_for_a_minute() -> None:
    for number in range(9):
        await told(number, ROUTINE, at=number)
    [summary] = [one for one in await shown() if one.subject == SUMMARY]
    assert summary.payload is not None
    assert [one["line"] for one in summary.payload["lines"]] == [f"line {number}" for number in range(5, 9)]
    assert (summary.payload["count"], summary.wanted) == (4, 4)

    await told(8, ROUTINE, at=15)  # said again by somebody who does not know
    for number in range(20, 27):
        await told(number, ROUTINE, at=75)
    summaries = [one for one in await shown() if one.subject == SUMMARY]
    assert [one.payload["count"] for one in summaries if one.payload] == [4, 2]


async def test_many_at_once_do_not_take_the_same_room() -> None:
    taken = await asyncio.gather(*(told(number, URGENT) for number in range(25)))
    assert taken.count(True) == 17
    assert len(await shown()) == 18


async def test_the_smallest_budget_tells_one_thing_at_least() -> None:
    small = [Budget(5, weight) for weight in Weight]
    for number, budget in enumerate(small):
        assert await told(number, budget, chat=str(number), subject="page")
