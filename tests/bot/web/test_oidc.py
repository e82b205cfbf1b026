"""Signing in by an OpenID provider that speaks the protocol on this machine."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from bot.http.problems import Problem
from bot.http.server import serve
from bot.web.limits import COOKIE
from bot.web.oidc import Provider as Trusted
from config.settings import Settings
from tests.bot.web.conftest import Browser, House


@dataclass
class Provider:
    """Signs in whoever asks as ``alice``; ``lies`` replaces claims of its tokens."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}))
    lies: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    published: Any = None
    says: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Status and body that it answers instead, by path."""

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/.well-known/openid-configuration", self.about)
        app.router.add_get("/keys", self.keys)
        app.router.add_post("/token", self.token)

    async def about(self, request: web.Request) -> web.Response:
        if request.path in self.says:
            status, text = self.says[request.path]
            return web.Response(status=status, text=text)
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return web.json_response({"issuer": self.base, **{name: self.base + path for name, path in ends.items()}})

    async def keys(self, request: web.Request) -> web.Response:
        if request.path in self.says:
            return web.Response(status=self.says[request.path][0])
        return web.json_response(self.published or KeySet([self.key]).as_dict(private=False))

    def authorise(self, address: str) -> str:
        """What a person does there: the code that comes of it."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        self.asked["the-code"] = query
        return "the-code"

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.asked.pop(str(form["code"]), None)
        if asked is None or create_s256_code_challenge(str(form["code_verifier"])) != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.base, "sub": "alice", "aud": asked["client_id"], "nonce": asked["nonce"], "iat": now}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, "exp": now + 60, **self.lies}, self.key)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": signed})


@asynccontextmanager
async def providing() -> AsyncIterator[Provider]:
    provider = Provider()
    async with serve([provider], "127.0.0.1", 0) as address:
        provider.base = address
        yield provider


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A provider of the test's own."""
    async with providing() as found:
        yield found


@pytest.fixture
def claim() -> str:
    """What names a user; tests parametrise it."""
    return "sub"


@pytest.fixture
def settings(settings: Settings, provider: Provider, claim: str) -> Settings:
    """Of a bot that trusts it."""
    trust = {"oidc_issuer": provider.base, "oidc_client_id": "screen2deck", "oidc_claim": claim}
    return settings.model_copy(update=trust)


async def sign_in(browser: Browser, provider: Provider, state: str | None = None) -> tuple[int, str]:
    """Go there and come back; the status and the page."""
    async with browser.http.get(f"{browser.base}/web/oidc", allow_redirects=False) as response:
        assert response.status == 302
        address = response.headers["Location"]
    code = provider.authorise(address)
    given = state or parse_qs(urlsplit(address).query)["state"][0]
    back = f"{browser.base}/web/oidc/back"
    async with browser.http.get(back, params={"code": code, "state": given}, allow_redirects=False) as response:
        return response.status, await response.text()


async def test_whom_the_provider_vouches_for_has_their_role(house: House, provider: Provider) -> None:
    alice = house.browser()
    status, page = await sign_in(alice, provider)
    assert (status, "Screen2Deck" in page) == (200, True)
    about = await alice.enter()
    assert (about["user"], about["role"]) == ("alice", "admin")


async def test_a_state_that_is_not_ours_is_refused(house: House, provider: Provider) -> None:
    alice = house.browser()
    status, page = await sign_in(alice, provider, state="guessed")
    assert (status, "begin again" in page) == (401, True)
    assert COOKIE not in {one.key for one in alice.http.cookie_jar}


@pytest.mark.parametrize(
    "lie",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"nonce": "another"}, {"exp": 1}, {"sub": ""}],
    ids=lambda lie: next(iter(lie)),
)
async def test_a_token_that_is_not_for_us_is_refused(house: House, provider: Provider, lie: dict[str, Any]) -> None:
    provider.lies = lie
    status, _ = await sign_in(house.browser(), provider)
    assert status == 401


async def test_a_token_of_another_key_is_refused(house: House, provider: Provider) -> None:
    published = KeySet([provider.key]).as_dict(private=False)
    provider.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    provider.published = published
    status, _ = await sign_in(house.browser(), provider)
    assert status == 401


async def test_a_provider_that_is_away_is_said(house: House, provider: Provider) -> None:
    away = house.product.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    with pytest.raises(Problem, match="does not answer"):
        await Trusted(away)._discover()


@pytest.mark.parametrize("claim", ["email"])
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "ana@example.org", "email_verified": True}, 200),
        ({"email": "ana@example.org", "email_verified": False}, 401),
        ({"email": "ana@example.org"}, 401),
        ({"email": ["ana@example.org"], "email_verified": True}, 401),
        ({"email_verified": True}, 401),
    ],
    ids=["verified", "not verified", "nothing is said of that", "no text", "none"],
)
async def test_an_address_counts_only_where_it_is_verified(
    house: House, provider: Provider, claims: dict[str, Any], status: int
) -> None:
    provider.lies = claims
    ana = house.browser()
    assert (await sign_in(ana, provider))[0] == status
    assert (COOKIE in {one.key for one in ana.http.cookie_jar}) == (status == 200)


async def test_who_says_no_there_is_not_signed_in(house: House, provider: Provider) -> None:
    ana = house.browser()
    async with ana.http.get(f"{house.base}/web/oidc", allow_redirects=False) as response:
        state = parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]
    answer = await ana.ask(f"/web/oidc/back?state={state}&error=access_denied", 401)
    assert (answer["code"], COOKIE in {one.key for one in ana.http.cookie_jar}) == ("oidc_refused", False)


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (200, '{"issuer": "https://evil.example"}', "oidc_issuer"),
        (200, '["no object"]', "oidc_away"),
        (200, "<html>", "oidc_away"),
        (500, "", "oidc_refused"),
        (302, "", "oidc_away"),
    ],
)
async def test_a_provider_that_answers_oddly_is_not_trusted(
    house: House, provider: Provider, status: int, text: str, code: str
) -> None:
    provider.says["/.well-known/openid-configuration"] = status, text
    assert (await house.browser().ask("/web/oidc", 502))["code"] == code


async def test_without_the_keys_nobody_is_signed_in(house: House, provider: Provider) -> None:
    provider.says["/keys"] = 500, ""
    assert (await sign_in(house.browser(), provider))[0] == 502
