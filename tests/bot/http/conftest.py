"""The HTTP API of a bot process, served on a free port, and keys for every role."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from bot.http.admin import AdminRoutes
from bot.http.alertmanager import AlertmanagerRoutes
from bot.http.api import ApiRoutes
from bot.http.describing import DescriptionRoutes
from bot.http.guarding import Guard, networks
from bot.http.health import HealthRoutes
from bot.http.metrics import MetricsRoutes
from bot.http.renewing import RenewalRoutes
from bot.http.server import serve
from bot.http.tokens import Caller, Tokens, open_tokens
from bot.operations import open_console
from bot.services import Services, open_services
from chatops.console import Console
from chatops.observing.readiness import basic_checks
from chatops.queueing.selftesting import SAMPLE, Sample
from config.settings import Settings
from storage import access
from storage.queue import Queue
from tests.making import somebody

Token = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def services(settings: Settings, queue: Queue) -> AsyncIterator[Services]:
    """The services of the process; ``queue`` has emptied Redis."""
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def tokens(services: Services) -> Tokens:
    """What makes and checks tokens there."""
    return await open_tokens(services.settings, services.clock)


@pytest.fixture
def guard(services: Services, tokens: Tokens) -> Guard:
    """What stands before the routes; requests come through a proxy that says for whom."""
    return Guard(tokens.keyring, services.clock, networks(["127.0.0.1"]))


@pytest.fixture
def console(services: Services) -> Console:
    """The console of that process, with a sample that the stand-in of a reader reads right."""
    sample = Sample("sample.jpg", b"picture", {"main": {"Relentless Rats": 60}})
    return open_console(services, {SAMPLE.name: sample})


@pytest.fixture
async def client(
    services: Services, tokens: Tokens, guard: Guard, console: Console
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client whose addresses begin at the server."""
    routes = [
        ApiRoutes(services, tokens),
        RenewalRoutes(services.clock),
        DescriptionRoutes(),
        AdminRoutes(console, tokens),
        HealthRoutes(services, tokens, basic_checks(services.database, services.queue), time.time()),
        MetricsRoutes(services, CollectorRegistry()),
        AlertmanagerRoutes(services.settings, services.clock, lambda: None),
    ]
    async with serve(routes, "127.0.0.1", 0, guard) as address, aiohttp.ClientSession(address) as session:
        yield session


@pytest.fixture
def token(services: Services, tokens: Tokens) -> Token:
    """Headers with a token of somebody with a role."""

    async def headers(role: str = "player", user: str = "player") -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.issue(Caller(await somebody(user), role))}"}

    return headers


@pytest.fixture
def key(services: Services) -> Callable[[str], Awaitable[str]]:
    """An API key for a role."""

    async def make(role: str) -> str:
        return (await access.make_key(await somebody(), "tool", role, now=services.clock()))[0]

    return make
