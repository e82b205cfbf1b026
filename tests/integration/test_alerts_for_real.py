"""Alerts all the way: a real Prometheus, real Alertmanagers, the bot in its own process, both chat platforms."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from bot.addresses import database_url
from chatops.alerting.alertmanager import Alertmanager
from config.clock import utcnow
from config.settings import Settings
from storage import alerts, cards, incidents, outbox, schema
from storage.alert_records import AlertState
from storage.budget import DIGEST
from storage.database import open_database
from storage.embedded import EmbeddedRedis
from storage.incidents import CARD, IncidentState
from tests.chatops.pipeline import alert, body
from tests.fakes import discord_rest, telegram_server
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import Channel, Message, Player
from tests.fakes.telegram_rooms import Room
from tests.fakes.telegram_server import TelegramServer
from tests.integration.alerting import (
    BotProcess,
    Sender,
    alertmanager,
    bad_way,
    bot_process,
    free_port,
    needed,
    prometheus,
)

pytestmark = pytest.mark.slow

_POLICY = """
environment: prod
people:
  - {{name: Olga, role: operator, accounts: {{discord: "{olga}", telegram: "2003"}}}}
places:
  - {{platform: discord, chat: "{channel}"}}
  - {{platform: telegram, chat: "{room}"}}
alerts: {{group_interval: 2s}}
"""
PATIENCE_S = 60.0


@dataclass
class Chats:
    """Both platforms with their operations channels, and settings of a bot that is in both."""

    discord: FakeDiscord
    channel: Channel
    olga: Player
    telegram: TelegramServer
    room: Room
    settings: dict[str, str]
    folder: Path

    def cards(self) -> list[Message]:
        """Cards on Discord."""
        return [one for one in self.discord.visible(self.channel) if " · A" in one.content.partition("\n")[0]]

    def on_telegram(self, *words: str) -> bool:
        """Whether one message there has all words."""
        return any(all(word in one.text for word in words) for one in self.room.from_bot)


@pytest.fixture
async def chats(tmp_path: Path, redis_server: EmbeddedRedis) -> AsyncIterator[Chats]:
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(fake_discord())
        telegram = await stack.enter_async_context(telegram_server.telegram_server())
        channel, olga, room = discord.channel("operations"), discord.player("olga"), telegram.group(1)
        policy = tmp_path / "ops.yaml"
        policy.write_text(_POLICY.format(olga=olga.id, channel=channel.id, room=room.id))
        settings = {
            "DATA_DIR": str(tmp_path),
            "REDIS_URL": redis_server.url,
            "OPS_FILE": str(policy),
            "DISCORD_TOKEN": discord_rest.TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "TELEGRAM_TOKEN": telegram_server.TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "PICTURES_PER_HOUR": "50",
        }
        await schema.upgrade(f"sqlite://{tmp_path / 'screen2deck.db'}")
        yield Chats(discord, channel, olga, telegram, room, settings, tmp_path)


async def eventually(holds: Callable[[], object], what: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not holds():
        assert asyncio.get_running_loop().time() < end, what()
        await asyncio.sleep(0.05)


async def shows(chats: Chats, message: Message, *words: str) -> None:
    """A message of Discord has all words."""
    await eventually(
        lambda: all(word in message.content.replace("\\", "") for word in words), lambda: (words, message.content)
    )


@needed("prometheus", "prometheus-alertmanager")
async def test_from_a_figure_to_both_chats_and_back(chats: Chats, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        url = f"http://127.0.0.1:{port}/webhooks/alertmanager"
        am = await stack.enter_async_context(alertmanager(tmp_path / "am", url))
        figures, prom = await stack.enter_async_context(prometheus(tmp_path / "prometheus", am))
        bot = BotProcess({**chats.settings, "ALERTMANAGER_URL": am, "PROMETHEUS_URL": prom}, tmp_path / "bot.log", port)
        stack.callback(bot.kill)
        bot.start()
        assert await bot.is_ready()
        await eventually(lambda: chats.discord.gateway.is_connected, lambda: "Discord")

        figures.queue = 900
        await eventually(chats.cards, lambda: (tmp_path / "bot.log").read_text()[-2000:])
        [card] = chats.cards()
        await shows(
            chats,
            card,
            "🟠 P1 · A1 · QueueBacklog",
            "900 pictures wait",
            "Runbook: <https://runbooks.example.org/queue>",
        )
        await eventually(lambda: chats.on_telegram("QueueBacklog", "900 pictures wait"), lambda: "Telegram")

        await chats.discord.press(chats.olga, card, "Acknowledge")
        await shows(chats, card, "acknowledged by Olga")
        await eventually(lambda: chats.on_telegram("acknowledged by Olga"), lambda: "Telegram")

        client = Alertmanager.of(am)
        await chats.discord.press(chats.olga, card, "Silence 1 h")
        await eventually(lambda: _with(chats, "Mutes 1 alert of 1 firing now"), lambda: "a plan")
        await chats.discord.press(chats.olga, _with(chats, "Mutes 1 alert of 1 firing now")[0], "Confirm")
        await eventually(lambda: _with(chats, "Muted until"), lambda: "the silence")
        [silence] = await client.silences()
        assert (silence.state, silence.created_by) == ("active", f"discord:{chats.olga.id} via screen2deck-bot")
        assert [one.state for one in await client.alerts()] == ["suppressed"]

        await chats.discord.press(chats.olga, _with(chats, "Muted until")[0], "Undo")
        await eventually(lambda: _with(chats, "is told again"), lambda: "the end of the silence")
        assert [one.state for one in await client.silences()] == ["expired"]

        figures.queue = 0
        await shows(chats, card, "🟢 P1", "No longer reported", "resolved by Alertmanager")
        await eventually(lambda: chats.on_telegram("🟢 P1", "No longer reported"), lambda: "Telegram")
        assert len(chats.cards()) == 1
        assert "fault" not in (tmp_path / "bot.log").read_text()


def _with(chats: Chats, text: str) -> list[Message]:
    return [one for one in chats.discord.visible(chats.channel) if text in one.content.replace("\\", "")]


@needed("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("is_cluster", [True, False], ids=["cluster", "parted"])
async def test_a_pair_behind_a_way_that_drops_and_repeats(chats: Chats, tmp_path: Path, is_cluster: bool) -> None:
    """One card and one incident, whatever the pair says how often; parted, both say everything."""
    async with AsyncExitStack() as stack:
        bot = stack.enter_context(bot_process(chats.settings, tmp_path / "bot.log"))
        assert await bot.is_ready()
        way, url = await stack.enter_async_context(bad_way(bot.webhook, seed=7))
        first, second = (free_port(), free_port()) if is_cluster else (0, 0)
        one = await stack.enter_async_context(alertmanager(tmp_path / "a", url, cluster=first))
        two = await stack.enter_async_context(alertmanager(tmp_path / "b", url, cluster=second, peer=first))
        figures, _ = await stack.enter_async_context(prometheus(tmp_path / "prometheus", one, two))

        figures.queue = 900
        await eventually(chats.cards, lambda: "a card")
        [card] = chats.cards()
        await asyncio.sleep(6)
        figures.queue = 0
        await shows(chats, card, "🟢 P1")
        way.is_good = True
        await asyncio.sleep(8)  # what was held up arrives, and counts for nothing

        assert len(chats.cards()) == 1
        await shows(chats, card, "🟢 P1")
        async with open_database(f"sqlite://{tmp_path / 'screen2deck.db'}"):
            [incident] = await incidents.incidents()
        assert incident.state is IncidentState.RESOLVED


@pytest.mark.parametrize("seed", range(4))
async def test_kill_9_at_any_moment_loses_no_alert(chats: Chats, tmp_path: Path, seed: int) -> None:
    """The sender tries until it is told that all is well; then every alert is seen, once, or twice at most."""
    dice = random.Random(seed)
    count = 15
    with bot_process(chats.settings, tmp_path / "bot.log") as bot:
        assert await bot.is_ready()
        async with aiohttp.ClientSession() as session:
            sender = Sender(bot.webhook, session)
            sending = asyncio.create_task(_send_all(sender, count, dice))
            for _ in range(3):
                await asyncio.sleep(dice.uniform(0.02, 1.2))
                bot.kill()
                bot.start()
                if dice.random() < 0.6:
                    assert await bot.is_ready()
            assert await bot.is_ready()
            await asyncio.wait_for(sending, PATIENCE_S)

        def seen(number: int) -> int:
            return sum(f"Alert{number:03}" in one.content for one in chats.cards())

        await eventually(lambda: all(seen(one) for one in range(count)), lambda: [seen(one) for one in range(count)])
        assert max(seen(one) for one in range(count)) <= 2
        await eventually(
            lambda: all(chats.on_telegram(f"Alert{one:03}") for one in range(count)),
            lambda: [one for one in range(count) if not chats.on_telegram(f"Alert{one:03}")],
        )
    async with open_database(database_url(Settings(_env_file=None, data_dir=tmp_path))):
        assert len(await incidents.incidents()) == count


@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_a_storm_with_kill_9_keeps_every_alert_that_was_accepted(chats: Chats, tmp_path: Path, seed: int) -> None:
    """Forty groups at once, which fire, end in part or whole and fire again, while the bot dies five times."""
    dice = random.Random(seed)
    stories = [_story(number, dice) for number in range(40)]
    with bot_process(chats.settings, tmp_path / "bot.log") as bot:
        assert await bot.is_ready()
        async with aiohttp.ClientSession() as session:
            sender = Sender(bot.webhook, session)
            sending = asyncio.gather(*(_tell(sender, story, random.Random(dice.random())) for story in stories))
            for _ in range(5):
                await asyncio.sleep(dice.uniform(0.01, 1.5))
                bot.kill()
                bot.start()
                if dice.random() < 0.7:
                    assert await bot.is_ready()
            assert await bot.is_ready()
            await asyncio.wait_for(sending, 3 * PATIENCE_S)
        async with open_database(f"sqlite://{tmp_path / 'screen2deck.db'}"):
            expected = {one["fingerprint"]: one["status"] for story in stories for told in story for one in told}
            await _settled(lambda: f"seed {seed}", len(stories))
            assert await alerts.failed_count() == 0, f"seed {seed}"
            known = {one.fingerprint: one for one in await alerts.alerts_in(list(AlertState))}
            assert {name: one.state.value for name, one in known.items()} == expected, f"seed {seed}"
            fired = [one for one in known.values() if one.episode]
            on = await alerts.cards_of_alerts([one.id for one in fired])
            unseen = [one.name for one in fired if not await _is_seen(on.get(one.id, set()))]
            assert unseen == [], f"seed {seed}"
            named = {one.name: (await cards.card(next(iter(on[one.id])))).name for one in fired}
    text = "\n".join(one.content for one in chats.discord.visible(chats.channel))
    digested = "List all" in text or "came at once" in text
    assert all(card in text or digested for card in named.values()), f"seed {seed}"


Story = list[list[dict[str, Any]]]


def _story(number: int, dice: random.Random) -> Story:
    """What is told of one group, one delivery after the other, so that the last word on each alert counts."""
    at, severity = utcnow(), dice.choice(["critical", "warning", "warning"])
    names = ["a", "b", "c"]

    def told(ended: set[str], start: datetime) -> list[dict[str, Any]]:
        end = start + timedelta(seconds=1)
        labels = {"alertname": f"Storm{number:02}", "severity": severity}
        return [alert(one, at=start, ended=end if one in ended else None, **labels) for one in names]

    story = [told(set(), at)]
    if dice.random() < 0.6:
        story.append(told(set(dice.sample(names, dice.randint(1, 3))), at))
        if dice.random() < 0.4:
            story.append(told(set(), at + timedelta(seconds=2)))
    return story


async def _tell(sender: Sender, story: Story, dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(0, 3))
    for told in story:
        await sender.send(body(*told))
        if dice.random() < 0.3:
            await sender.send(body(*told) | {"externalURL": "http://am-b:9093"})
        await asyncio.sleep(dice.uniform(0, 0.5))


async def _settled(what: Callable[[], object], count: int) -> None:
    """Everything is folded and in some message that a chat shows."""
    end = asyncio.get_running_loop().time() + 3 * PATIENCE_S
    while True:
        waiting = await alerts.waiting_deliveries()
        open_ = [one.id for one in await cards.unposted_cards()]
        missing = set(open_) - await cards.in_any_digest(open_)
        late = [
            one
            for one in await outbox.due_messages(["discord"], now=utcnow() + timedelta(hours=1))
            if not one.delivered
        ]
        if not waiting and not missing and not late:
            return
        assert asyncio.get_running_loop().time() < end, (what(), len(waiting), len(missing), len(late), count)
        await asyncio.sleep(0.2)


async def _is_seen(on: set[UUID]) -> bool:
    """Whether a chat was shown one of these cards, by itself or in a digest."""
    for card in on:
        shown = await outbox.messages_of(CARD, str(card))
        shown += [
            one for digest in await cards.digests_of(card) for one in await outbox.messages_of(DIGEST, str(digest))
        ]
        if any(one.delivered and one.platform == "discord" for one in shown):
            return True
    return False


async def test_case_02_two_processes_in_the_same_instant(chats: Chats, tmp_path: Path) -> None:
    """Two bots on one database, each told by its Alertmanager of a pair; neither has a chat of its own."""
    alone = {name: one for name, one in chats.settings.items() if not name.startswith(("DISCORD", "TELEGRAM"))}
    with bot_process(alone, tmp_path / "a.log") as one, bot_process(alone, tmp_path / "b.log") as two:
        assert await one.is_ready()
        assert await two.is_ready()
        async with aiohttp.ClientSession() as session:
            for number in range(10):
                told = body(alert("a", at=utcnow(), alertname=f"Alert{number}", severity="critical"))
                members = [(one, "http://am-a:9093"), (two, "http://am-b:9093")]
                await asyncio.gather(
                    *(Sender(bot.webhook, session).send(told | {"externalURL": url}) for bot, url in members)
                )
        async with open_database(f"sqlite://{tmp_path / 'screen2deck.db'}"):
            end = asyncio.get_running_loop().time() + PATIENCE_S
            while await alerts.waiting_deliveries() or await cards.unposted_cards():
                assert asyncio.get_running_loop().time() < end
                await asyncio.sleep(0.1)
            assert len(await incidents.incidents()) == 10
            assert await alerts.open_episode_count() == 10
            shown = [await outbox.messages_of(CARD, str(card.id)) for card in await cards.open_cards()]
            assert len(shown) == 10
            for messages in shown:
                places = [(message.platform, message.chat) for message in messages]
                assert len(places) == len(set(places)) >= 2


async def _send_all(sender: Sender, count: int, dice: random.Random) -> None:
    """Fifteen groups within a second or two, some of them twice."""
    for number in range(count):
        told = body(alert("a", at=utcnow(), alertname=f"Alert{number:03}", severity="critical"))
        await sender.send(told)
        if dice.random() < 0.3:
            await sender.send(told)
        await asyncio.sleep(dice.uniform(0, 0.2))
