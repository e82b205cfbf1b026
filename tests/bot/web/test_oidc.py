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

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/.well-known/openid-configuration", self.about)
        app.router.add_get("/keys", self.keys)
        app.router.add_post("/token", self.token)

    async def about(self, _: web.Request) -> web.Response:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return web.json_response({"issuer": self.base, **{name: self.base + path for name, path in ends.items()}})

    async def keys(self, _: web.Request) -> web.Response:
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
def settings(settings: Settings, provider: Provider) -> Settings:
    """Of a bot that trusts it."""
    return settings.model_copy(update={"oidc_issuer": provider.base, "oidc_client_id": "screen2deck"})


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
