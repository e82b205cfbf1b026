"""Who is signed in, whether signing in works, what a token says; keys are rotated by two persons."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import jwt
import pytest

from bot.http.api import ApiRoutes
from bot.http.guarding import Guard
from bot.http.server import serve
from bot.http.tokens import Caller, Tokens, open_tokens
from bot.services import Services, open_services
from chatops.model import Place
from config.settings import Settings
from storage import access, models, requests, sessions, signing
from storage.queue import Queue
from storage.sessions import NewSession, SessionKind
from tests.chatops.acting import ALICE, OLGA, RITA, Ops, parts_of
from tests.making import NOW, somebody

LOOKS_LIKE_ONE = "eyJhbGciOiJ9.eyJzdWIiOiJ9.AAAAAAAA"
DIRECT = Place("discord", "3", is_private=True)


@pytest.fixture
async def services(settings: Settings, queue: Queue) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def served(services: Services) -> AsyncIterator[tuple[Ops, Tokens]]:
    """A console beside a real HTTP server."""
    tokens = await open_tokens(services.settings, lambda: NOW)
    guard = Guard(tokens.keyring, lambda: NOW)
    async with serve([ApiRoutes(services, tokens)], "127.0.0.1", 0, guard) as address:
        settings = services.settings.model_copy(update={"http_port": int(address.rpartition(":")[2])})
        yield Ops(parts_of(settings, services.database, services.queue)), tokens


async def signed_in(account: str = "api:tool", role: str = "player", **more: object) -> str:
    identity = sessions.new_id()
    new = NewSession(SessionKind.TOKEN, role, "key s2d_abcdefgh", person=await somebody(), account=account, **more)  # type: ignore[arg-type]
    await sessions.open_session(identity, new, life=timedelta(minutes=15), now=NOW)
    return identity


async def test_sessions_are_listed_with_their_platforms(ops: Ops) -> None:
    assert (await ops.done(RITA, "auth sessions")).text == "Nobody is signed in; 0 API keys may sign in."
    await signed_in()
    await signed_in("web:anna")
    answer = await ops.done(RITA, "auth sessions")

    assert answer.text.startswith("2 sessions (1 api, 1 web)")
    assert answer.table is not None
    assert {row[1] for row in answer.table.rows} == {"api:tool", "web:anna"}
    assert (await ops.done(RITA, "auth sessions", user="discord:player")).data["sessions"] == 2


async def test_an_unknown_user_gets_the_nearest(ops: Ops) -> None:
    await somebody("player-one")
    said = await ops.refused(RITA, "auth sessions", user="discord:player")
    assert "Did you mean discord:player-one?" in said


async def test_signing_in_is_tried_over_http(served: tuple[Ops, Tokens]) -> None:
    ops, _ = served
    answer = await ops.done(RITA, "auth test")

    assert answer.text == "Signing in works."
    assert [(one["step"], one["status"]) for one in answer.data] == [
        ("sign in", "200"),
        ("use the token", "404"),
        ("a wrong key is refused", "401"),
    ]
    assert [one.revoked_at for one in await access.keys()] == [NOW]


async def test_without_a_server_signing_in_does_not_work(ops: Ops) -> None:
    assert await ops.refused(RITA, "auth test") == "Signing in does not work."


class TestTokens:
    async def looked_at(self, ops: Ops, token: str) -> tuple[bool, str]:
        outcome = await ops.order(OLGA, "auth token-inspect", place=DIRECT, token=token)
        assert outcome.request is not None, outcome.answer
        record = await ops.settled(outcome.request)
        assert record.answer is not None
        assert token not in str(record)
        return record.answer["ok"], record.answer["text"]

    async def test_what_it_says_and_whether_it_is_good(self, served: tuple[Ops, Tokens]) -> None:
        ops, tokens = served
        caller = Caller(await somebody(), "operator")
        good = await tokens.login(caller, NewSession(SessionKind.TOKEN, "operator", "key"))
        forged = jwt.encode({"sub": "x"}, "a" * 40, algorithm="HS256", headers={"kid": tokens.keyring.keys[0].kid})

        assert await self.looked_at(ops, good) == (True, "Good: the signature is right, and it has not expired.")
        assert await self.looked_at(ops, forged) == (False, "Not good: the signature is wrong.")
        foreign = jwt.encode({"sub": "x"}, "a" * 40, algorithm="HS256")
        assert await self.looked_at(ops, foreign) == (False, "Not good: its key is unknown, or its grace is over.")
        assert await self.looked_at(ops, "a.b.c") == (False, "This is no token: it cannot be read.")
        [one] = await models.Session.all()
        await sessions.revoke_sessions([one.id_hash], by="olga", now=NOW)
        assert "it was taken back" in (await self.looked_at(ops, good))[1]
        ops.later(minutes=15)
        assert "it has expired" in (await self.looked_at(ops, good))[1]

    async def test_a_token_is_kept_nowhere(self, ops: Ops) -> None:
        outcome = await ops.order(OLGA, "auth token-inspect", place=DIRECT, token=LOOKS_LIKE_ONE)
        assert outcome.request is not None
        await ops.settled(outcome.request)
        assert (await requests.request(outcome.request.id)).arguments == {"token": "[not kept]"}
        assert not [row for row in await models.AuditEntry.all() if "eyJ" in row.content]

    async def test_a_token_in_a_channel_has_been_seen_by_all(self, ops: Ops) -> None:
        said = await ops.refused(OLGA, "auth token-inspect", token=LOOKS_LIKE_ONE)
        assert said.startswith("A token does not belong in a channel")

    async def test_a_session_is_told_by_its_short_name(self, ops: Ops) -> None:
        identity = await signed_in(agent="curl/8")
        answer = await ops.done(OLGA, "auth token-inspect", token=sessions.hashed(identity)[:8])
        assert (answer.data["who"], answer.data["program"]) == ("api:tool", "curl/8")
        assert "No session" in await ops.refused(OLGA, "auth token-inspect", token="f" * 8)


class TestRotation:
    async def test_two_persons_rotate_and_nobody_is_signed_out(self, served: tuple[Ops, Tokens]) -> None:
        ops, tokens = served
        person = await somebody()
        key, _ = await access.make_key(person, "tool", "viewer", now=NOW)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{ops.parts.settings.http_port}") as client:

            async def token() -> str:
                async with client.post("/api/auth/login", headers={"X-API-Key": key}) as response:
                    return str((await response.json())["access_token"])

            async def status(bearer: str) -> int:
                path, headers = f"/api/ocr/status/{person}", {"Authorization": f"Bearer {bearer}"}
                async with client.get(path, headers=headers) as response:
                    return response.status

            before = await token()
            answer = await ops.done(ALICE, "auth rotate-secret", grace="15m")
            await tokens.keyring.load()
            after = await token()
            assert (await status(before), await status(after)) == (404, 404)
            assert jwt.get_unverified_header(after)["kid"] == answer.data["key"]
            assert jwt.get_unverified_header(before)["kid"] in answer.data["accepted"]

    async def test_the_plan_tells_keys_and_tokens_and_shows_no_secret(self, ops: Ops) -> None:
        await signed_in()
        plan = await ops.planned(ALICE, "auth rotate-secret")
        assert "Nobody is signed out: 1 tokens stay good." in plan.summary
        assert "run security evidence first" in plan.summary
        [key] = await signing.signing_keys(signing.open_ring(ops.parts.settings), now=NOW)
        assert key.kid in plan.summary
        assert key.secret.hex() not in str(plan)

    async def test_an_operator_may_not(self, ops: Ops) -> None:
        assert "needs the role admin" in await ops.refused(OLGA, "auth rotate-secret")
