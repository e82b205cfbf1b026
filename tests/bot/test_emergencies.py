"""The bot process while its database is away: people are called on the real paths of both platforms."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import emergencies as module
from bot.emergencies import Watch, emergencies
from config.settings import Settings
from storage import audit, schema
from storage.database import default_url, open_database
from storage.queue import Queue
from tests.fakes.discord_rest import TOKEN as DISCORD_TOKEN
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import Channel, Player
from tests.fakes.telegram_rooms import Player as Telegrammer
from tests.fakes.telegram_rooms import Room
from tests.fakes.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.fakes.telegram_server import TelegramServer, telegram_server
from tests.processes import eventually

pytestmark = pytest.mark.slow

POLICY = """
people:
  - {{name: Olga, role: operator, accounts: {{discord: "{discord}", telegram: "{telegram}"}}}}
on_call: {{rotations: {{primary: {{members: [Olga]}}}}}}
"""
ALERT = {
    "version": "4",
    "groupKey": "{}:{}",
    "status": "firing",
    "receiver": "bot",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DatabaseDown", "severity": "critical"},
            "annotations": {"summary": "The database does not answer"},
            "startsAt": "2026-11-01T12:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "0123456789abcdef",
        },
        {
            "status": "firing",
            "labels": {"alertname": "HighCpu", "severity": "warning"},
            "annotations": {},
            "startsAt": "2026-11-01T12:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "0123456789abcdee",
        },
    ],
}


class Clock:
    """The machine's, put forward."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@contextmanager
def no_database(folder: Path) -> Iterator[None]:
    """Nothing that can be opened where the database is."""
    path = folder / "screen2deck.db"
    kept = path.with_suffix(".kept")
    path.rename(kept)
    while not path.is_dir():  # the watch may make an empty file at the same moment
        path.unlink(missing_ok=True)
        with suppress(FileExistsError):
            path.mkdir()
    try:
        yield
    finally:
        path.rmdir()
        kept.rename(path)


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with fake_discord() as server:
        yield server


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def olga(discord: FakeDiscord) -> Player:
    return discord.player("olga")


@pytest.fixture
def channel(discord: FakeDiscord) -> Channel:
    return discord.channel("operations")


@pytest.fixture
def room(telegram: TelegramServer) -> Room:
    return telegram.private(Telegrammer(1001, "Olga"))


@pytest.fixture
def group(telegram: TelegramServer) -> Room:
    return telegram.group()


@pytest.fixture
async def watch(
    discord: FakeDiscord,
    telegram: TelegramServer,
    olga: Player,
    channel: Channel,
    room: Room,
    group: Room,
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Watch]:
    """A process that watches its database often."""
    monkeypatch.setattr(module, "LOOK_S", 0.2)
    monkeypatch.setattr(module, "_ROUND_S", 0.05)
    await schema.upgrade(default_url(tmp_path))
    policy = tmp_path / "ops.yaml"
    policy.write_text(POLICY.format(discord=olga.id, telegram=1001))
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        ops_file=policy,
        discord_token=SecretStr(DISCORD_TOKEN),
        discord_api_url=discord.api_url,
        discord_gateway_url=discord.gateway_url,
        telegram_token=SecretStr(TELEGRAM_TOKEN),
        telegram_api_url=telegram.url,
        ops_discord_channel=channel.id,
        ops_telegram_chat=group.id,
        redis_url=SecretStr(f"unix://{tmp_path}/none.sock"),
    )
    async with emergencies(settings, clock) as one:
        yield one


async def test_a_database_that_stays_away_is_said_on_both_platforms_and_when_it_is_back(
    watch: Watch,
    discord: FakeDiscord,
    olga: Player,
    channel: Channel,
    room: Room,
    group: Room,
    tmp_path: Path,
    clock: Clock,
) -> None:
    with no_database(tmp_path):
        assert await eventually(lambda: watch.away_since is not None)
        clock.ahead = timedelta(seconds=61)
        assert await eventually(lambda: watch.emergency.is_running)
        clock.ahead = timedelta(seconds=72)

        await discord.reply_in(discord.direct(olga), "Olga, you are called.")
        said = await discord.reply_in(channel, "EMERGENCY, said directly since the database is away.")
        assert said.called == [olga.id]
        assert "The database does not answer since" in said.content
        assert await eventually(lambda: bool(room.from_bot and group.from_bot))
        assert "Olga, you are called." in room.last.text
        [mention] = [one for one in group.last.raw["entities"] if one["type"] == "text_mention"]
        assert mention["user"]["id"] == 1001

    await discord.reply_in(channel, "The database answers again", count=2)
    assert await eventually(lambda: "answers again" in group.last.text)
    assert len(room.from_bot) == 1
    async with open_database(default_url(tmp_path)):
        lines = await audit.lines(10)
    assert [one.line.kind for one in lines] == ["emergency", "emergency"]
    assert "called Olga" in str(lines[0].line.details)


async def test_an_alert_that_cannot_be_stored_is_said_directly_if_it_pages(
    watch: Watch, discord: FakeDiscord, channel: Channel, tmp_path: Path, clock: Clock
) -> None:
    with no_database(tmp_path):
        assert await eventually(lambda: watch.away_since is not None)
        await watch.alert(ALERT)
        await watch.alert(ALERT)
        clock.ahead = timedelta(seconds=11)
        said = await discord.reply_in(channel, "P1 DatabaseDown: The database does not answer")
        assert "HighCpu" not in said.content
        await asyncio.sleep(0.2)
        assert len(discord.visible(channel)) == 1
        assert (tmp_path / "emergency.json").is_file()


async def test_of_several_processes_the_first_says_a_round_and_each_where_redis_is_away_too(
    watch: Watch, queue: Queue
) -> None:
    assert [await module._first(queue, "database:1") for _ in range(2)] == [True, False]
    assert [await module._claiming(watch.settings)("database:1") for _ in range(2)] == [True, True]
