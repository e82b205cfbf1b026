"""Sessions end, keys are replaced and rest, for those whom it concerns and nobody else."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.http.renewing import RenewalRoutes
from bot.http.server import serve
from chatops.jobs.security import drop_what_is_over
from storage import access, grants, outbox, people, sessions, signing
from storage.database import Database
from storage.sessions import NewSession, SessionKind, Which
from tests.chatops.acting import ALICE, BOB, OLGA, Ops
from tests.chatops.actions.test_auth import signed_in
from tests.making import NOW, somebody


async def keyed(name: str, role: str = "player") -> str:
    """Somebody with an API key, and a session that it opened."""
    person = (await people.person_with_account("api", name, name=name, now=NOW)).id
    key, record = await access.make_key(person, name, role, now=NOW)
    new = NewSession(SessionKind.TOKEN, role, "key", person=person, account=f"api:{name}", credential=str(record.id))
    await sessions.open_session(sessions.new_id(), new, life=timedelta(hours=1), now=NOW)
    return key


async def signed_in_now() -> list[str]:
    return sorted(one.account for one in await sessions.live_sessions(Which(), now=NOW))


class TestSessions:
    async def test_those_that_should_no_longer_be_are_ended(self, ops: Ops) -> None:
        await keyed("good")
        await keyed("suspended")
        [key] = [one for one in await access.keys() if one.name == "suspended"]
        await access.suspend_keys([key.id], NOW + timedelta(hours=1))
        await people.ban(await somebody("banned"), NOW + timedelta(hours=1))
        new = NewSession(SessionKind.WEB, "player", "link", person=await somebody("banned"), account="web:banned")
        await sessions.open_session("1", new, life=timedelta(hours=1), now=NOW)

        assert (await ops.done(OLGA, "auth reset-sessions")).data == {"ended": 2}
        assert await signed_in_now() == ["api:good"]
        assert await ops.refused(OLGA, "auth reset-sessions") == "No session is invalid."

    async def test_one_users_sessions_are_ended(self, ops: Ops) -> None:
        await keyed("one")
        await keyed("two")
        await ops.done(OLGA, "auth reset-sessions", scope="user:api:one")
        assert await signed_in_now() == ["api:two"]

    async def test_all_need_an_admin_a_phrase_and_spare_the_caller(self, ops: Ops) -> None:
        await keyed("one")
        await signed_in("telegram:11")  # Alice's other account
        assert "needs the role admin" in await ops.refused(OLGA, "auth reset-sessions", scope="all")
        plan = await ops.planned(ALICE, "auth reset-sessions", scope="all")
        assert plan.summary.startswith("Ends 1 sessions of 1 accounts (all)")
        await ops.done(ALICE, "auth reset-sessions", scope="all")
        assert await signed_in_now() == ["telegram:11"]

    async def test_sessions_of_keys_that_are_gone_are_invalid(self, ops: Ops) -> None:
        await keyed("good")
        new = NewSession(
            SessionKind.TOKEN, "admin", "key", person=await somebody(), account="api:risen", credential="no such key"
        )
        await sessions.open_session(sessions.new_id(), new, life=timedelta(hours=1), now=NOW)
        assert (await ops.done(OLGA, "auth reset-sessions", scope="invalid")).data == {"ended": 1}
        assert await signed_in_now() == ["api:good"]

    async def test_sessions_are_ended_by_role_and_age(self, ops: Ops) -> None:
        await keyed("viewer", "viewer")
        await keyed("player")
        await ops.done(ALICE, "auth reset-sessions", scope="role:viewer")
        assert await signed_in_now() == ["api:player"]
        assert "No session" in await ops.refused(ALICE, "auth reset-sessions", scope="older-than:2h")

    async def test_a_scope_that_is_none_is_told_what_is(self, ops: Ops) -> None:
        assert "did you mean invalid?" in await ops.refused(OLGA, "auth reset-sessions", scope="invlid")
        for wrong in ("user", "older-than:soon", "user:"):
            assert "must be" in await ops.refused(OLGA, "auth reset-sessions", scope=wrong)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    routes = RenewalRoutes(lambda: NOW)
    async with serve([routes], "127.0.0.1", 0) as address, aiohttp.ClientSession(address) as session:
        yield session


class TestUser:
    async def test_a_link_that_is_good_once_replaces_the_key(self, ops: Ops, client: aiohttp.ClientSession) -> None:
        old = await keyed("tool", "viewer")
        await somebody("77")
        answer = await ops.done(ALICE, "auth reset-user", user="api:tool", to="discord:77")
        assert answer.text.startswith("Link sent to discord:77")
        assert "/renew/" not in answer.text
        assert await access.find_key(old, now=NOW) is None
        assert await signed_in_now() == []

        messages = [one for one in await outbox.due_messages(["discord"], now=NOW) if one.address.get("direct")]
        [message] = messages
        assert message.chat == "77"
        found = re.search(r"(/api/auth/renew/\S+)", message.payload["text"])
        assert found
        async with client.get(found[1]) as response:
            assert (response.status, "Show the key" in await response.text()) == (200, True)
            assert response.headers["Referrer-Policy"] == "no-referrer"
        async with client.post(found[1]) as response:
            shown = re.search(r"<code>(s2d_\S+)</code>", await response.text())
            assert shown
        made = await access.find_key(shown[1], now=NOW)
        assert made is not None
        assert (made.name, made.role) == ("tool", "viewer")
        async with client.post(found[1]) as response:
            assert response.status == 404

    async def test_who_has_no_chat_cannot_be_sent_a_link(self, ops: Ops) -> None:
        await keyed("tool")
        assert "has no chat account to send a link to" in await ops.refused(ALICE, "auth reset-user", user="api:tool")
        await somebody("77")
        assert "never had an API key" in await ops.refused(ALICE, "auth reset-user", user="discord:77")


class TestLockdown:
    async def test_the_affected_rest_and_others_go_on(self, ops: Ops) -> None:
        mine = await keyed("leaked", "operator")
        other = await keyed("other", "player")
        await grants.grant("discord:99", "operator", reason="", by="Bob", now=NOW, expires_at=None)
        answer = await ops.done(ALICE, "auth lockdown", scope="role:operator", for_="2h", reason="leak")

        assert answer.data["keys"] == answer.data["sessions"] == answer.data["grants"] == 1
        assert await signed_in_now() == ["api:other"]
        locked = await access.find_key(mine, now=NOW)
        assert locked is not None
        assert locked.suspended_until == NOW + timedelta(hours=2)
        free = await access.find_key(other, now=NOW)
        assert free is not None
        assert free.suspended_until is None
        assert await grants.grants(now=NOW) == []
        [file] = answer.files
        assert len(json.loads(file.data)["affected"]) == 4

    async def test_it_is_undone(self, ops: Ops) -> None:
        key = await keyed("leaked")
        name = (await ops.done(ALICE, "auth lockdown", scope="api:leaked")).data["id"]
        assert (await ops.done(BOB, "auth release", id=name)).text == "1 keys are good again."
        found = await access.find_key(key, now=NOW)
        assert found is not None
        assert found.suspended_until is None
        assert "there is no lockdown" in await ops.refused(BOB, "auth release", id=name)

    async def test_a_role_or_account_that_is_none_is_told(self, ops: Ops) -> None:
        assert "there is no role king" in await ops.refused(ALICE, "auth lockdown", scope="role:king")
        assert "no account api:nobody is known" in await ops.refused(ALICE, "auth lockdown", scope="api:nobody")


async def test_what_is_over_is_dropped_by_schedule(ops: Ops) -> None:
    await ops.done(ALICE, "auth rotate-secret", grace="15m")
    ring = signing.open_ring(ops.parts.settings)
    assert len(await signing.signing_keys(ring, now=ops.now)) == 2
    ops.later(minutes=15)
    await drop_what_is_over(ops.parts)
    assert sum((await signing.ring_names()).values()) == 1
