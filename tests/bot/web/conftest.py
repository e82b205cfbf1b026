"""A product whose only skin is the page, on a free port, and people who look at it."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.addresses import database_url
from bot.web.limits import LINK_LIFE
from bot.web.linking import make_link
from config.settings import Settings
from ocr_worker.cards import CardIndex
from storage.database import Database, open_database
from tests.bot.product import Bot, Clock, Product, redis_server
from tests.fakes.deck_reader import FakeReader, picture

PEOPLE = """
environment: test
terminal: admin
people:
  - {name: Alice, role: admin, accounts: {web: alice}}
  - {name: Bob, role: admin, accounts: {web: bob}}
  - {name: Vera, role: viewer, accounts: {web: vera}}
"""
PATIENCE_S = 20.0


@dataclass
class Browser:
    """Somebody's browser: their cookies, and what the page's scripts would send."""

    base: str
    http: aiohttp.ClientSession
    about: dict[str, Any] = field(default_factory=dict)

    async def ask(self, path: str, status: int = 200, **headers: str) -> Any:
        """Look at something."""
        async with self.http.get(self.base + path, headers=headers) as response:
            assert response.status == status, await response.text()
            return await response.json(content_type=None)

    async def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """Do something from our own page; ``headers`` replace its."""
        own = {"X-CSRF-Token": self.about.get("csrf", ""), "Origin": self.base}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind: dict[str, Any] = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body or {}}
        async with self.http.post(self.base + path, headers={**own, **named}, **kind) as response:
            assert response.status == status, await response.text()
            return await response.json(content_type=None)

    async def enter(self, **proof: str) -> dict[str, Any]:
        """Sign in, or come as a guest."""
        self.about = await self.post("/web/enter" if proof else "/web/session", proof)
        return self.about

    async def send(self, *pictures: bytes, text: str = "", name: str = "deck.png", status: int = 200) -> Any:
        """Post pictures and a text."""
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for data in pictures:
            form.add_field("file", io.BytesIO(data), filename=name, content_type="image/png")
        form.add_field("text", text)
        return await self.post("/web/posts", form, status)

    async def press(self, message: dict[str, Any], label: str, **values: str) -> dict[str, Any]:
        """Press a button, or choose an option, by the beginning of its label."""
        found: dict[str, Any] = await self.post("/web/presses", self.pressing(message, label, **values))
        return found

    def pressing(self, message: dict[str, Any], label: str, **values: str) -> dict[str, Any]:
        """What the page would send for that."""
        buttons = [one for row in message["choices"] for one in row]
        buttons += [one for select in message["selects"] for one in select["options"]]
        token = next(one["token"] for one in buttons if one["label"].startswith(label))
        return {"chat": message.get("chat", self.about["chat"]), "token": token, "values": values}

    async def order(self, text: str) -> dict[str, Any]:
        """Write in the operations channel."""
        found: dict[str, Any] = await self.post("/web/orders", {"text": text})
        return found

    async def shows(self, *words: str, chat: str = "") -> dict[str, Any]:
        """The newest message of a chat that has all these words, when there is one."""
        place, seen = chat or self.about["chat"], []
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen = await self.ask(f"/web/chats/{place}")
                for one in reversed(seen):
                    said = f"{one['text']}\n{one['block']}".lower()
                    if all(word.lower() in said for word in words) and not one["working"]:
                        return {**one, "chat": place}
                await asyncio.sleep(0.05)

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """What the page hears."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with self.http.get(self.base + "/web/events", timeout=timeout) as response:
            assert response.status == 200
            kind = ""
            async for line in response.content:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    yield kind, json.loads(text.removeprefix("data: "))


@dataclass
class House:
    """The product with its page: ``browser()`` is somebody new."""

    product: Product
    bot: Bot
    base: str
    browsers: list[aiohttp.ClientSession] = field(default_factory=list)

    def browser(self) -> Browser:
        """With no cookies yet."""
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.browsers.append(http)
        return Browser(self.base, http)

    async def guest(self) -> Browser:
        """A player without an account."""
        browser = self.browser()
        await browser.enter()
        return browser

    async def named(self, user: str = "") -> Browser:
        """Somebody whom a one-time link signs in; the server's operator without a name."""
        browser = self.browser()
        await browser.enter(code=await self.code(user))
        return browser

    async def code(self, user: str = "") -> str:
        """Of a fresh link."""
        async with self.storage():
            link = await make_link(self.base, user, life=LINK_LIFE, now=self.product.clock())
        return link.partition("#enter=")[2]

    def storage(self) -> AbstractAsyncContextManager[Database]:
        """The database, for what is done on the server's own terminal."""
        return open_database(database_url(self.product.settings))


@pytest.fixture
def limits() -> dict[str, int]:
    """What people may send; tests parametrise it."""
    return {"pictures_per_hour": 50}


@pytest.fixture
def settings(tmp_path: Path, empty_sqlite: Path, limits: dict[str, int]) -> Settings:
    """Of a bot with nothing but the page."""
    shutil.copy(empty_sqlite, tmp_path / "screen2deck.db")
    (tmp_path / "ops.yaml").write_text(PEOPLE, encoding="utf-8")
    return Settings(_env_file=None, data_dir=tmp_path, ops_file=tmp_path / "ops.yaml", **limits)


@pytest.fixture
def reader() -> FakeReader:
    """Reads what pictures say."""
    return FakeReader()


@pytest.fixture
async def house(settings: Settings, index: CardIndex, reader: FakeReader, tmp_path: Path) -> AsyncIterator[House]:
    """A product that people look at."""
    async with redis_server(tmp_path) as url:
        with_redis = settings.model_copy(update={"redis_url": SecretStr(url)})
        product = Product(with_redis, index, reader, Clock(), serves_page=True)
        bot = await product.start()
        found = House(product, bot, bot.address)
        try:
            yield found
        finally:
            for http in found.browsers:
                await http.close()
            await product.stop()


Picture = Callable[..., bytes]


@pytest.fixture
def draw() -> Picture:
    """Pictures that say what is to be read."""
    return picture
