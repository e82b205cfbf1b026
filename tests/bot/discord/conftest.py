"""A Discord, a product that is connected to it, and somebody who plays."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from ocr_worker.cards import CardIndex
from tests.bot.discord.operations import Scene, scene_of
from tests.bot.product import Clock, Product, redis_server
from tests.fakes.deck_reader import FakeReader
from tests.fakes.discord_rest import TOKEN
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import Channel, Player


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    """Ends with the proof that nothing was done that Discord forbids."""
    async with fake_discord() as server:
        yield server
        assert server.world.problems == []


@pytest.fixture
def ana(discord: FakeDiscord) -> Player:
    """Somebody who plays."""
    return discord.player("ana")


@pytest.fixture
def table(discord: FakeDiscord) -> Channel:
    """A channel of a community."""
    return discord.channel("table")


@pytest.fixture
def reader() -> FakeReader:
    """Reads what pictures say."""
    return FakeReader()


@pytest.fixture
def settings(discord: FakeDiscord, tmp_path: Path, empty_sqlite: Path) -> Settings:
    """Of a bot on this machine's Discord; tests change them before they start the bot."""
    shutil.copy(empty_sqlite, tmp_path / "screen2deck.db")
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        discord_token=SecretStr(TOKEN),
        discord_api_url=discord.api_url,
        discord_gateway_url=discord.gateway_url,
        pictures_per_hour=50,
    )


@pytest.fixture
async def stopped(settings: Settings, index: CardIndex, reader: FakeReader, tmp_path: Path) -> AsyncIterator[Product]:
    """The product, not started."""
    async with redis_server(tmp_path) as url:
        product = Product(settings.model_copy(update={"redis_url": SecretStr(url)}), index, reader, Clock())
        yield product
        await product.stop()


@pytest.fixture
async def ops(stopped: Product, discord: FakeDiscord, tmp_path: Path) -> Scene:
    """The product with an operations channel, connected."""
    scene = scene_of(discord, stopped, tmp_path)
    await stopped.start()
    await discord.until(lambda: discord.gateway.is_connected)
    return scene


@pytest.fixture
async def product(stopped: Product, discord: FakeDiscord, table: Channel) -> Product:
    """The product, connected; channels must be made before it."""
    bot = await stopped.start()
    await discord.until(lambda: discord.gateway.is_connected or bot.running["discord"].done())
    assert discord.gateway.is_connected
    return stopped
