"""What stands before all routes: rotated keys, tokens taken back, networks kept out, who asked for what."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest

from bot.http.guarding import Guard
from bot.http.limiting import FAILURES, Rate
from bot.http.problems import Problem
from bot.http.tokens import Tokens
from bot.services import Services
from storage import access_log, blocks, sessions, signing
from storage.access_log import AccessRecord
from storage.sessions import Which
from tests.bot.http.conftest import Token
from tests.bot.http.test_api import problem

Client = aiohttp.ClientSession
Key = Callable[[str], Awaitable[str]]


async def logged_in(client: Client, key: Key, role: str = "viewer") -> dict[str, str]:
    async with client.post("/api/auth/login", json={"api_key": await key(role)}) as response:
        return {"Authorization": f"Bearer {(await response.json())['access_token']}"}


async def allowed(client: Client, headers: dict[str, str]) -> int:
    async with client.get("/health/detailed", headers=headers) as response:
        return response.status


class TestRotation:
    async def test_both_keys_are_good_until_the_grace_ends(
        self, client: Client, key: Key, tokens: Tokens, services: Services
    ) -> None:
        before = await logged_in(client, key)
        now = services.clock()
        await signing.rotate(tokens.keyring.ring, accepted_until=now + timedelta(hours=1), now=now)
        await tokens.keyring.load()
        after = await logged_in(client, key)
        assert (await allowed(client, before), await allowed(client, after)) == (200, 200)

        await signing.rotate(tokens.keyring.ring, accepted_until=now, now=now)
        await tokens.keyring.load()
        assert (await allowed(client, after), await allowed(client, await logged_in(client, key))) == (401, 200)

    async def test_a_login_leaves_a_session_and_ends_with_it(
        self, client: Client, key: Key, tokens: Tokens, services: Services
    ) -> None:
        headers = await logged_in(client, key, "operator")
        [one] = await sessions.live_sessions(Which(), now=services.clock())
        assert (one.account, one.role, one.source[:8]) == ("api:tool", "operator", "key s2d_")

        await sessions.revoke_sessions([one.id_hash], by="alice", now=services.clock())
        await tokens.keyring.load()
        assert await allowed(client, headers) == 401


class TestBlocks:
    async def test_a_blocked_network_is_refused_until_it_is_let_in(
        self, client: Client, guard: Guard, services: Services
    ) -> None:
        now = services.clock()
        made = await blocks.block(
            ip_network("203.0.113.0/24"), until=now + timedelta(hours=1), reason="scan", by="olga", now=now
        )
        await guard.load()
        async with client.get("/health", headers={"X-Forwarded-For": "203.0.113.7"}) as response:
            assert await problem(response) == (403, "blocked")
        async with client.get("/health", headers={"X-Forwarded-For": "198.51.100.1"}) as response:
            assert response.status == 200

        await guard.flush()
        assert [one.hits for one in await blocks.blocks(now=now)] == [1]
        await blocks.unblock(made.id, now=now)
        await guard.load()
        async with client.get("/health", headers={"X-Forwarded-For": "203.0.113.7"}) as response:
            assert response.status == 200

    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ("203.0.113.7", 403),
            ("10.0.0.1, 203.0.113.7", 403),  # only the nearest stranger counts: the first may be invented
            ("203.0.113.7, 198.51.100.1", 200),
            ("203.0.113.7, words", 200),
            ("::ffff:203.0.113.7", 403),
            ("", 200),
        ],
    )
    async def test_who_asks_is_what_the_trusted_proxy_says(
        self, client: Client, guard: Guard, services: Services, said: str, status: int
    ) -> None:
        now = services.clock()
        await blocks.block(ip_network("203.0.113.7"), until=now + timedelta(hours=1), reason="", by="olga", now=now)
        await guard.load()
        async with client.get("/health", headers={"X-Forwarded-For": said}) as response:
            assert response.status == status

    async def test_a_stranger_cannot_say_that_it_asks_for_another(
        self, client: Client, guard: Guard, services: Services
    ) -> None:
        now = services.clock()
        await blocks.block(ip_network("203.0.113.7"), until=now + timedelta(hours=1), reason="", by="olga", now=now)
        await guard.load()
        guard.proxies = ()
        async with client.get("/health", headers={"X-Forwarded-For": "203.0.113.7"}) as response:
            assert response.status == 200


class TestAccessLog:
    async def kept(self, guard: Guard, services: Services) -> list[AccessRecord]:
        await guard.flush()
        return await access_log.entries(since=services.clock() - timedelta(minutes=5))

    async def test_requests_are_kept_with_route_status_and_person(
        self, client: Client, guard: Guard, services: Services, token: Token
    ) -> None:
        headers = {**await token("player"), "X-Forwarded-For": "198.51.100.1"}
        async with client.get("/api/ocr/status/words?token=hidden", headers=headers):
            pass
        async with client.get("/wp-login.php?user=admin"):
            pass
        none, status = await self.kept(guard, services)

        assert (status.address, status.method, status.route, status.status) == (
            "198.51.100.1",
            "GET",
            "/api/ocr/status/{id}",
            404,
        )
        assert len(status.person) == 36
        assert (none.route, none.status, none.person) == ("(none) /wp-login.php", 404, "")

    async def test_machines_that_ask_every_few_seconds_are_kept_when_it_fails(
        self, client: Client, guard: Guard, services: Services
    ) -> None:
        for path in ("/health", "/metrics", "/health/ready"):
            async with client.get(path):
                pass
        assert [one.route for one in await self.kept(guard, services)] == ["/health/ready"]
        assert (await self.kept(guard, services))[0].status == 503


class TestLimits:
    async def test_an_address_that_asks_too_often_is_told_when_to_come_back(self, client: Client, guard: Guard) -> None:
        guard.rate.per_minute = 3
        stranger, other = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "198.51.100.2"}
        seen = []
        for _ in range(4):
            async with client.get("/api/unknown", headers=stranger) as response:
                seen.append((await problem(response))[0])
        assert seen == [404, 404, 404, 429]
        assert response.headers["Retry-After"] == "20"
        for path, headers, status in (
            ("/api/unknown", other, 404),
            ("/api/unknown", {}, 404),  # this machine itself
            ("/health", stranger, 200),  # probes are not counted
        ):
            async with client.get(path, headers=headers) as response:
                assert response.status == status

    async def test_addresses_of_one_ipv6_network_are_one(self, client: Client, guard: Guard) -> None:
        guard.rate.per_minute = 1
        for last, status in (("1", 404), ("2", 429)):
            async with client.get("/x", headers={"X-Forwarded-For": f"2001:db8::{last}"}) as response:
                assert response.status == status

    async def test_an_owner_of_keys_is_limited_wherever_they_ask_from(
        self, client: Client, tokens: Tokens, token: Token
    ) -> None:
        tokens.rate.per_minute = 2
        headers = await token("viewer")
        assert [await allowed(client, headers) for _ in range(3)] == [200, 200, 429]
        assert await allowed(client, await token("viewer", "another")) == 200

    async def test_who_guesses_keys_must_wait_and_others_need_not(self, client: Client, key: Key) -> None:
        guesser = {"X-Forwarded-For": "198.51.100.1", "X-API-Key": "s2d_guess"}
        seen = []
        for _ in range(FAILURES + 1):
            async with client.post("/api/auth/login", headers=guesser) as response:
                seen.append(response.status)
        assert seen == [401] * FAILURES + [429]
        assert await allowed(client, await logged_in(client, key)) == 200

    def test_a_bucket_fills_again(self) -> None:
        now = 0.0
        rate = Rate(2, lambda: now)
        for at, is_taken in ((0, True), (0, True), (0, False), (29, False), (31, True), (31, False), (1000, True)):
            now = float(at)
            with contextlib.nullcontext() if is_taken else pytest.raises(Problem, match="2 a minute"):
                rate.take("one")

    def test_strangers_cannot_fill_the_memory(self) -> None:
        rate = Rate(1)
        for number in range(20_005):
            rate.take(str(number))
        rate.take("0")  # forgotten, so it may
        with pytest.raises(Problem):
            rate.take("20004")
