"""What the console never does is answered with the reason and a safer way, under the names that people type."""

import pytest

from chatops.actions import registry
from chatops.not_offered import NOT_OFFERED
from storage import requests
from tests.chatops.acting import ALICE, Ops

NAMES = [(name, entry) for entry in NOT_OFFERED for name in entry.names]


@pytest.mark.parametrize(("name", "entry"), NAMES, ids=[name for name, _ in NAMES])
async def test_it_says_why_and_what_is_safer(ops: Ops, name: str, entry: object) -> None:
    said = await ops.refused(ALICE, name)
    assert "is not offered: " in said


def test_what_is_safer_is_there() -> None:
    assert {one for entry in NOT_OFFERED for one in entry.instead} - set(registry().actions) == set()


async def test_nothing_is_run_and_nothing_is_kept(ops: Ops) -> None:
    await ops.parts.queue.redis.set("s2d:witness", "here")
    outcome = await ops.order(ALICE, "host exec", words="redis-cli FLUSHALL")
    assert outcome.request is not None
    record = await ops.settled(outcome.request)
    assert (await requests.request(record.id)).arguments == {"words": "[not kept]"}
    await ops.refused(ALICE, "redis flushall")
    assert await ops.parts.queue.redis.get("s2d:witness") == b"here"


async def test_safer_ways_are_buttons(ops: Ops) -> None:
    answer = await ops.answer(ALICE, "auth reset-all-passwords")
    assert [one.action for one in answer.suggestions] == [
        "security evidence",
        "auth lockdown",
        "auth rotate-secret",
        "auth reset-user",
    ]


async def test_swap_is_explained_and_not_made(ops: Ops) -> None:
    assert "mkswap /swapfile && swapon /swapfile" in (await ops.answer(ALICE, "host swap-create")).log
