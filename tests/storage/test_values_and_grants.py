"""What actions set, and roles that they give."""

import pytest

from storage import grants, values
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")


async def test_a_value_is_what_it_was_set_to_last() -> None:
    assert await values.value("maintenance") is None

    await values.set_value("maintenance", {"mode": "soft"}, by="alice", now=NOW)
    await values.set_value("maintenance", {"mode": "hard"}, by="bob", now=NOW)

    assert await values.value("maintenance") == {"mode": "hard"}


@pytest.mark.parametrize("new", ["words", "2026-11-01T12:00:00+00:00", "1", "", "null", 1.5, True, [1, "x"]])
async def test_a_value_may_be_anything_that_json_is(new: object) -> None:
    await values.set_value("x", new, by="alice", now=NOW)
    await values.set_value("x", new, by="alice", now=NOW)
    assert await values.value("x") == new


async def test_values_of_a_kind_are_found_by_their_prefix() -> None:
    await values.set_value("threshold.cpu", 1, by="alice", now=NOW)
    await values.set_value("threshold.memory", 2, by="alice", now=NOW)
    await values.set_value("other", 3, by="alice", now=NOW)

    assert await values.values("threshold.") == {"threshold.cpu": 1, "threshold.memory": 2}


async def test_a_value_is_unset_once() -> None:
    await values.set_value("x", 1, by="alice", now=NOW)

    assert await values.remove_value("x")
    assert not await values.remove_value("x")
    assert await values.value("x") is None


async def test_a_grant_holds_until_its_time_is_over_or_it_is_taken_back() -> None:
    await grants.grant("discord:1", "operator", reason="on call", by="alice", now=NOW, expires_at=seconds(60))
    await grants.grant("discord:2", "viewer", reason="", by="alice", now=NOW, expires_at=None)

    assert [one.human for one in await grants.grants(now=seconds(59))] == ["discord:1", "discord:2"]
    assert [one.human for one in await grants.grants(now=seconds(60))] == ["discord:2"]

    assert await grants.revoke("discord:2", now=seconds(61)) == 1
    assert await grants.grants(now=seconds(62)) == []
    assert await grants.revoke("discord:2", now=seconds(63)) == 0
