"""One Redis for all tests of a run; a database, a Telegram and a product for each."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from config.settings import Settings
from ocr_worker.cards import CardIndex
from storage import schema
from storage.embedded import EmbeddedRedis
from tests.bot.telegram.operations import Scene, scene_of
from tests.bot.telegram.product import Product, working
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TOKEN, TelegramServer, telegram_server
from tests.processes import until


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("valkey"))
    asyncio.run(server.prepare())
    with subprocess.Popen(server.command(), stdout=subprocess.DEVNULL) as process:
        try:
            assert until(lambda: asyncio.run(server.is_up()))
            yield server.url
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    asyncio.run(schema.upgrade(f"sqlite://{path}"))
    return path


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """A Telegram of the test's own."""
    async with telegram_server() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, valkey: str, empty_database: Path, telegram: TelegramServer) -> Settings:
    """Settings of a bot that is connected to that Telegram alone."""
    shutil.copy(empty_database, tmp_path / "screen2deck.db")
    with redis.from_url(valkey) as client:
        client.flushall()
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        redis_url=valkey,
        database_url=None,
        http_port=0,
        discord_token=None,
        telegram_token=TOKEN,
        telegram_api_url=telegram.url,
        pictures_per_hour=50,
        pictures_at_once=20,
    )


@pytest.fixture
async def stopped(
    settings: Settings, telegram: TelegramServer, index: CardIndex, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Product]:
    """The product before the bot is started."""
    monkeypatch.setattr("bot.library.load_index", lambda _: index)
    async with working(Product(settings, telegram)) as product:
        yield product


@pytest.fixture
async def ops(stopped: Product, telegram: TelegramServer, tmp_path: Path) -> Scene:
    """The product with an operations group, running."""
    scene = scene_of(telegram, stopped, tmp_path)
    await stopped.start()
    return scene


@pytest.fixture
async def product(stopped: Product) -> Product:
    """The product, with the bot running."""
    await stopped.start()
    return stopped


@pytest.fixture
def anna() -> Player:
    """A player."""
    return Player(1001)


@pytest.fixture
def bert() -> Player:
    """Another."""
    return Player(1002, "Bert")


@pytest.fixture
def room(telegram: TelegramServer, anna: Player) -> Room:
    """Anna's chat with the bot."""
    return telegram.private(anna)
