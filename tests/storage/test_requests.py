"""Requests of the console: done once, seen by their messages, taken over from processes that died."""

import asyncio
from uuid import uuid4

import pytest

from storage import audit, outbox, requests
from storage.audit import AuditLine
from storage.errors import NotStored
from storage.records import NewMessage
from storage.requests import SUBJECT, RequestRecord, Stage, StoredFile
from tests.making import NOW, ops_request, seconds

pytestmark = pytest.mark.usefixtures("database")

LINE = AuditLine("confirmed", "queue purge", "alice", NOW)


async def kept(**changes: object) -> RequestRecord:
    asked = ops_request(uuid4().hex, **changes)
    message = NewMessage("fake", "chat", SUBJECT, str(asked.id))
    assert await requests.create(asked, message)
    return asked


async def test_what_was_kept_comes_back() -> None:
    asked = await kept(plan={"items": ["a"]}, expires_at=seconds(60), progress=["one"])

    found = await requests.request(asked.id)

    assert (found.arguments, found.plan, found.state) == ({"count": "3"}, {"items": ["a"]}, Stage.PLANNED)
    assert found.expires_at == seconds(60)
    assert await requests.request_of(asked.origin) == found
    assert await requests.find(str(asked.id)[:8]) == found


async def test_what_is_told_twice_is_kept_once() -> None:
    asked = await kept()
    again = ops_request(asked.origin)

    assert not await requests.create(again, NewMessage("fake", "chat", SUBJECT, str(again.id)))

    assert await outbox.messages_of(SUBJECT, str(again.id)) == []
    with pytest.raises(NotStored):
        await requests.request(again.id)


async def test_of_many_who_move_it_one_does_and_the_trail_says_so_once() -> None:
    asked = await kept()

    moves = [
        requests.move(asked.id, [Stage.PLANNED], Stage.RUNNING, now=NOW, line=LINE, executor=str(number))
        for number in range(8)
    ]

    assert sorted(await asyncio.gather(*moves)) == [False] * 7 + [True]
    assert len(await audit.lines(10)) == 1


async def test_each_move_makes_its_message_due() -> None:
    asked = await kept()

    await requests.move(asked.id, [Stage.PLANNED], Stage.CANCELLED, now=NOW)

    [message] = await outbox.messages_of(SUBJECT, str(asked.id))
    assert (message.wanted, message.is_final) == (2, True)


async def test_an_end_has_its_answer_and_files() -> None:
    asked = await kept(state=Stage.RUNNING, executor="me")
    files = [StoredFile("a.txt", b"first"), StoredFile("b.png", b"\x89PNG", "image/png")]

    assert await requests.finish(asked.id, Stage.DONE, {"text": "so"}, files, executor="me", now=seconds(3))

    found = await requests.request(asked.id)
    assert (found.state, found.answer, found.ended_at) == (Stage.DONE, {"text": "so"}, seconds(3))
    assert await requests.files_of(asked.id) == files


async def test_who_does_not_run_it_does_not_end_it() -> None:
    asked = await kept(state=Stage.RUNNING, executor="me")

    assert not await requests.finish(asked.id, Stage.DONE, {}, executor="other", now=NOW, line=LINE)

    assert (await requests.request(asked.id)).state is Stage.RUNNING
    assert await audit.lines(10) == []


async def test_what_is_not_heard_of_is_taken_over_once() -> None:
    silent = await kept(state=Stage.RUNNING, executor="dead", alive_at=NOW)
    await kept(state=Stage.RUNNING, executor="living", alive_at=NOW)
    await requests.say_alive("living", now=seconds(20))

    assert [one.id for one in await requests.abandoned(seconds(10))] == [silent.id]
    takes = [requests.adopt(silent.id, "dead", f"heir {number}", now=seconds(21), line=LINE) for number in range(4)]

    assert sorted(await asyncio.gather(*takes)) == [False, False, False, True]
    assert await requests.abandoned(seconds(10)) == []


async def test_what_nobody_confirms_is_overdue() -> None:
    asked = await kept(expires_at=seconds(60))
    await kept(state=Stage.DONE, expires_at=seconds(60))

    assert await requests.overdue(seconds(59)) == []
    assert [one.id for one in await requests.overdue(seconds(60))] == [asked.id]


async def test_a_lock_has_one_owner_until_it_is_given_back_or_runs_out() -> None:
    assert await requests.take_lock("x", "a", now=NOW, until=seconds(60)) == "a"
    assert await requests.take_lock("x", "b", now=seconds(1), until=seconds(61)) == "a"
    assert await requests.take_lock("y", "b", now=seconds(1), until=seconds(61)) == "b"

    await requests.give_lock("x", "b")
    assert await requests.take_lock("x", "b", now=seconds(2), until=seconds(62)) == "a"

    await requests.give_lock("x", "a")
    assert await requests.take_lock("x", "b", now=seconds(3), until=seconds(60)) == "b"
    assert await requests.take_lock("x", "c", now=seconds(60), until=seconds(90)) == "c"


async def test_of_many_who_take_a_lock_one_has_it() -> None:
    takers = [requests.take_lock("x", str(number), now=NOW, until=seconds(60)) for number in range(8)]

    assert len(set(await asyncio.gather(*takers))) == 1


async def test_old_requests_go_and_open_ones_stay() -> None:
    ended = await kept(state=Stage.RUNNING, executor="me")
    await requests.finish(ended.id, Stage.DONE, {}, [StoredFile("a", b"b")], executor="me", now=NOW)
    waiting = await kept()

    await requests.remove_requests(seconds(1))

    assert [one.id for one in await requests.latest(10)] == [waiting.id]
    assert await requests.files_of(ended.id) == []
