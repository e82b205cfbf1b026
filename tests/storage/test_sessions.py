"""Sessions are found by an id that only their holder has, and end when somebody says so."""

from datetime import timedelta

import pytest

from storage import codes, sessions
from storage.sessions import NewSession, SessionKind, Which
from tests.making import NOW, seconds, somebody

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("database")


async def signed_in(user: str = "player", **changes: object) -> str:
    identity = sessions.new_id()
    fields = {"kind": SessionKind.WEB, "role": "player", "source": "link", "person": await somebody(user)}
    new = NewSession(**{**fields, "account": f"web:{user}", **changes})  # type: ignore[arg-type]
    await sessions.open_session(identity, new, life=HOUR, now=NOW)
    return identity


async def test_a_session_is_good_until_its_time_is_over() -> None:
    identity = await signed_in()
    found = await sessions.session(identity, now=seconds(3599))

    assert found is not None
    assert (found.role, found.source, found.account) == ("player", "link", "web:player")
    assert identity not in repr(found)
    assert await sessions.session(identity, now=seconds(3600)) is None
    assert await sessions.session("guessed", now=NOW) is None


async def test_that_it_is_used_is_noted() -> None:
    identity = await signed_in()
    await sessions.session(identity, now=seconds(600))
    [found] = await sessions.live_sessions(Which(), now=seconds(601))
    assert found.used_at == seconds(600)


async def test_an_ended_session_is_good_no_more() -> None:
    identity, other = await signed_in(), await signed_in("other")
    assert await sessions.revoke_sessions([sessions.hashed(identity)], by="alice", now=NOW) == 1
    assert await sessions.revoke_sessions([sessions.hashed(identity)], by="alice", now=NOW) == 0

    assert await sessions.session(identity, now=NOW) is None
    assert await sessions.session(other, now=NOW) is not None


async def test_those_that_are_meant_are_found_by_owner_kind_and_use() -> None:
    await signed_in("one")
    await signed_in("two", kind=SessionKind.TOKEN, role="operator", account="api:two")
    nobody = await somebody("three")

    async def meant(**which: object) -> list[str]:
        return sorted(one.account for one in await sessions.live_sessions(Which(**which), now=NOW))  # type: ignore[arg-type]

    assert await meant() == ["api:two", "web:one"]
    assert await meant(platform="web") == ["web:one"]
    assert await meant(kind=SessionKind.TOKEN) == ["api:two"]
    assert await meant(role="operator") == ["api:two"]
    assert await meant(used_before=seconds(1)) == ["api:two", "web:one"]
    assert await meant(used_before=NOW) == []
    assert await meant(persons=[nobody]) == []
    assert await meant(persons=[await somebody("one"), nobody]) == ["web:one"]
    assert await meant(accounts=["api:two"]) == ["api:two"]


async def test_taken_back_tokens_are_known_until_they_would_have_ended() -> None:
    identity = await signed_in(kind=SessionKind.TOKEN)
    await sessions.revoke_sessions([sessions.hashed(identity)], by="alice", now=NOW)

    assert await sessions.revoked_tokens(now=seconds(3599)) == {sessions.hashed(identity)}
    assert await sessions.revoked_tokens(now=seconds(3600)) == frozenset()
    assert await sessions.remove_sessions(seconds(3601)) == 1


async def test_a_code_is_good_once_and_the_newest_only() -> None:
    person = await somebody()
    old = await codes.make_code("renew", person, {}, by="alice", life=HOUR, now=NOW)
    new = await codes.make_code("renew", person, {"role": "viewer"}, by="alice", life=HOUR, now=NOW)

    assert await codes.code(old, "renew", now=NOW) is None
    assert await codes.code(new, "sign-in", now=NOW) is None
    assert await codes.use_code(new, "renew", now=seconds(3600)) is None
    used = await codes.use_code(new, "renew", now=NOW)
    assert used is not None
    assert used.details == {"role": "viewer"}
    assert await codes.use_code(new, "renew", now=NOW) is None
