"""Several at once, twice, too late, and deaths at the worst moment: at most one execution, and an end that is told."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from chatops.console import Outcome
from storage import requests
from storage.requests import RequestRecord, Stage
from tests.chatops.things import (
    ALICE,
    ALICE_TOO,
    BOB,
    OLGA,
    OPS,
    TELEGRAM_OPS,
    VERA,
    Open,
    World,
    ended,
    kinds,
    order,
    said,
    taken,
    taken_only,
)


async def settled(record: RequestRecord, *consoles: Any) -> RequestRecord:
    """What became of it when no process runs it any more."""
    await asyncio.gather(*(console.executor.wait(record.id) for console in consoles))
    return await requests.request(record.id)


def begun(outcomes: list[Outcome]) -> int:
    return sum(one.answer is None for one in outcomes)


async def test_one_human_on_two_platforms_confirms_at_once_in_two_processes(process: Open, world: World) -> None:
    one, other = process(), process()
    record = await taken(one, ALICE, "thing push")

    outcomes = await asyncio.gather(
        one.confirm(record.id, ALICE, OPS), other.confirm(record.id, ALICE_TOO, TELEGRAM_OPS)
    )

    assert begun(list(outcomes)) == 1
    assert (await settled(record, one, other)).state is Stage.DONE
    assert len(world.done) == 20


async def test_two_who_may_approve_do_so_at_once_in_two_processes(process: Open, world: World) -> None:
    one, other = process(), process()
    record = await taken(one, OLGA, "thing burn")
    await one.confirm(record.id, OLGA, OPS, record.phrase)

    outcomes = await asyncio.gather(one.approve(record.id, ALICE, OPS), other.approve(record.id, BOB, OPS))

    assert begun(list(outcomes)) == 1
    assert (await settled(record, one, other)).state is Stage.DONE
    assert world.done == ["burnt"]
    assert (await kinds(record.id)).count("approved") == 1


async def test_yes_and_no_at_once_are_one_of_them(process: Open, world: World) -> None:
    one, other = process(), process()
    for _ in range(5):
        world.done.clear()
        record = await taken(one, OLGA, "thing push")
        await asyncio.gather(one.confirm(record.id, OLGA, OPS), other.cancel(record.id, OLGA, OPS))

        found = await settled(record, one, other)
        assert (found.state, len(world.done)) in ((Stage.DONE, 20), (Stage.CANCELLED, 0))


async def test_a_confirmation_that_comes_again_when_it_is_done_does_nothing(process: Open, world: World) -> None:
    console = process()
    record = await taken(console, OLGA, "thing push")
    await ended(console, await console.confirm(record.id, OLGA, OPS))

    again = await console.confirm(record.id, OLGA, OPS)

    assert said(again) == "It has been done already."
    assert len(world.done) == 20


async def test_an_approval_that_comes_again_when_it_is_done_does_nothing(process: Open, world: World) -> None:
    console = process()
    record = await taken(console, ALICE, "thing burn")
    await console.confirm(record.id, ALICE, OPS, record.phrase)
    await ended(console, await console.approve(record.id, BOB, OPS))

    assert said(await console.approve(record.id, BOB, OPS)) == "It has been done already."
    assert world.done == ["burnt"]


async def test_an_order_that_is_brought_to_two_processes_at_once_is_one_request(process: Open, world: World) -> None:
    one, other = process(), process()
    given = order(OLGA, "thing push", origin="discord:7:4711")

    first, second = await asyncio.gather(one.take(given), other.take(given))

    assert first.request is not None
    assert second.request is not None
    assert first.request.id == second.request.id
    assert len(await requests.latest(9)) == 1
    assert (await requests.latest(1))[0].state is Stage.PLANNED


async def test_a_process_that_dies_between_the_deed_and_its_record_does_not_have_it_done_again(
    process: Open, world: World
) -> None:
    dying, heir = process(), process()
    is_done = asyncio.Event()

    async def never(*_: Any, **__: Any) -> bool:
        is_done.set()
        await asyncio.Event().wait()
        return False

    record = await taken_only(dying, OLGA, "thing push")
    with patch("storage.requests.finish", never):
        await dying.confirm(record.id, OLGA, OPS)
        await is_done.wait()
        await dying.executor.close(within_s=0)
    assert len(world.done) == 20

    world.later(30)
    await heir.glance()
    found = await settled(record, heir)

    assert found.state is Stage.UNKNOWN
    assert found.answer is not None
    assert "may have done all, some or nothing. Check with thing look" in found.answer["text"]
    assert len(world.done) == 20
    assert (await kinds(record.id))[-1] == "ended"


async def test_two_heirs_of_a_dead_process_tell_its_end_once(process: Open, world: World) -> None:
    dying, one, other = process(), process(), process()
    world.gate.clear()
    record = await taken_only(dying, OLGA, "thing push")
    await dying.confirm(record.id, OLGA, OPS)
    await dying.executor.close(within_s=0)
    world.later(30)

    await asyncio.gather(one.glance(), other.glance())

    assert (await settled(record, one, other)).state is Stage.UNKNOWN
    assert (await kinds(record.id)).count("ended") == 1
    assert (await kinds(record.id)).count("adopted") == 1


async def test_the_same_deed_by_two_operators_runs_once_at_a_time(process: Open, world: World) -> None:
    """Two plans of the same action are two requests; the lock lets one of them begin."""
    one, other = process(), process()
    world.gate.clear()
    records = [await taken_only(one, OLGA, "thing push"), await taken_only(other, ALICE, "thing push")]
    await asyncio.gather(one.confirm(records[0].id, OLGA, OPS), other.confirm(records[1].id, ALICE, OPS))
    await asyncio.sleep(0.05)
    world.gate.set()

    states = {(await settled(record, one, other)).state for record in records}

    assert states == {Stage.DONE, Stage.REFUSED}
    assert len(world.done) == 20


async def test_a_second_person_whose_role_is_gone_when_they_press_is_nobody(process: Open, world: World) -> None:
    console = process()
    record = await taken(console, ALICE, "thing burn")
    await console.confirm(record.id, ALICE, OPS, record.phrase)

    assert "needs the role" in said(await console.approve(record.id, VERA, OPS))
    assert "You have no role here" in said(await console.approve(record.id, replace(BOB, user="99"), OPS))
    assert world.done == []
