"""How the bot bears many players: ``python -m tools.bench_chats [--json] [--players N]``.

The product runs in processes of its own with a reader of known cost, and is connected to a Discord and a Telegram on
this machine, which refuse what the real ones refuse. Measured: the first answer while 100 pictures wait, and as many
players as are asked for who post within a minute: that each gets one final answer, what the bot process needs, and how
many requests the platforms see.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from tests.chaos.driving import Product, eventually, running_product
from tests.chaos.reader import Wish
from tests.fakes.discord_rest import TOKEN as DISCORD_TOKEN
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import BOT, Message
from tests.fakes.telegram_rooms import Player as TelegramPlayer
from tests.fakes.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.fakes.telegram_server import TelegramServer, telegram_server
from tools.bench import Figure, report

WAITING, LATE_COMERS = 100, 40
MINUTE_S = 60.0
READING_S = 0.02
_PATIENCE_S = 240.0
#: Requests a second: Discord's global limit of a bot, and what Telegram's FAQ gives for messages to different chats.
DISCORD_LIMIT, TELEGRAM_LIMIT = 50, 30
_FREE = ("/webhooks/", "/interactions/")
_SHOWING = ("sendMessage", "editMessageText", "sendPhoto", "sendDocument", "editMessageReplyMarkup")


def wish(number: int) -> Wish:
    """A picture like no other."""
    return Wish(1 + number % 900, wait_s=READING_S + number * 1e-6)


@dataclass(slots=True)
class Post:
    """A player's picture, and what the bot has shown for it: when first, and the last words."""

    at: float
    shown: Callable[[], Sequence[str]]
    first: float | None = None

    @property
    def is_final(self) -> bool:
        """The list is there."""
        return any("main" in text for text in self.shown())


@dataclass(slots=True)
class Crowd:
    """Players of both platforms, each with direct messages of their own."""

    discord: FakeDiscord
    telegram: TelegramServer
    posts: list[Post] = field(default_factory=list)
    _said: dict[int, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _looked_at: int = 0
    _numbers: "count[int]" = field(default_factory=count)

    async def post(self, wish: Wish) -> Post:
        """Somebody new sends a picture, on one platform and the other in turn."""
        number = next(self._numbers)
        send = self._on_discord if number % 2 else self._on_telegram
        post = await send(number, wish)
        self.posts.append(post)
        return post

    async def _on_discord(self, number: int, wish: Wish) -> Post:
        player = self.discord.player(f"player{number}")
        channel = self.discord.direct(player)
        at = time.monotonic()
        await self.discord.say(player, channel, files=[("deck.png", wish.png)])
        said = self._said[channel.id]
        return Post(at, lambda: [one.content for one in said if not one.is_deleted])

    async def _on_telegram(self, number: int, wish: Wish) -> Post:
        player = TelegramPlayer(5_000_000 + number, f"player{number}")
        room = self.telegram.private(player)
        at = time.monotonic()
        room.photo(player, wish.png)
        return Post(at, lambda: [one.text for one in room.from_bot])

    async def watch(self) -> None:
        """Note when each post was first answered."""
        while True:
            now = time.monotonic()
            messages = self.discord.world.messages
            for one in islice(list(messages.values()), self._looked_at, None):
                if one.author["id"] == str(BOT):
                    self._said[one.channel.id].append(one)
            self._looked_at = len(messages)
            for post in self.posts:
                if post.first is None and post.shown():
                    post.first = now
            await asyncio.sleep(0.02)

    def requests(self, since: float) -> dict[str, list[float]]:
        """When each platform was asked to show something."""
        telegram = [one.at for one in self.telegram.calls if one.method in _SHOWING and one.at >= since]
        world = self.discord.world
        asked = zip(world.requests, world.request_times, strict=True)
        discord = [at for line, at in asked if at >= since and not any(free in line for free in _FREE)]
        return {"Discord": discord, "Telegram": telegram}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--players", type=int, default=1000, help="how many post within a minute")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = [*asyncio.run(measure_waiting()), *asyncio.run(measure_rush(options.players))]
    report(figures, load, as_json=options.json)
    return 0


async def measure_waiting() -> list[Figure]:
    """The first answer to newcomers while many pictures wait."""
    async with _crowd() as (_, crowd):
        for number in range(WAITING):
            await crowd.post(Wish(1 + number, wait_s=1.0))
        await _until(lambda: all(post.first for post in crowd.posts), "the first are answered")
        newcomers = []
        for number in range(LATE_COMERS):
            newcomers.append(await crowd.post(wish(WAITING + number)))
            await asyncio.sleep(0.25)
        waiting = sum(not post.is_final for post in crowd.posts[:WAITING])
        await _until(lambda: all(post.first for post in newcomers), "newcomers are answered")
        return [
            Figure("pictures that still wait when the last newcomer posts", waiting),
            *_percentiles(f"first answer with {WAITING} pictures waiting", newcomers, 1000),
        ]


async def measure_rush(players: int) -> list[Figure]:
    """So many players within a minute."""
    async with _crowd() as (product, crowd):
        await crowd.post(wish(999))
        await _until(lambda: crowd.posts[0].is_final, "the first answer")
        crowd.posts.clear()
        since = time.monotonic()
        before = sum(product.bot.cpu_times()[:2])
        memory: list[int] = []
        noting = asyncio.create_task(_note_memory(product, memory))
        for number in range(players):
            await asyncio.sleep(max(0.0, since + number * MINUTE_S / players - time.monotonic()))
            await crowd.post(wish(number))
        await _until(lambda: all(post.is_final for post in crowd.posts), "everybody has a list")
        seconds = time.monotonic() - since
        spent = sum(product.bot.cpu_times()[:2]) - before
        await asyncio.sleep(3)
        noting.cancel()
        requests = crowd.requests(since)
        wrong = [post.shown() for post in crowd.posts if len(post.shown()) != 1]
        for shown in wrong[:5]:
            print(f"not one answer: {shown}", file=sys.stderr)
        problems = len(crowd.discord.world.problems)
        return [
            *_percentiles(f"{players} players in a minute: first answer", crowd.posts),
            Figure("players without exactly one message with one list", len(wrong), 0),
            Figure("from the first post to the last list", seconds, unit="s"),
            Figure("processor time of the bot process for each player", spent / players * 1000, unit="ms"),
            Figure("requests for each player, Discord", 2 * len(requests["Discord"]) / players),
            Figure("messages and edits for each player, Telegram", 2 * len(requests["Telegram"]) / players),
            Figure("peak memory of the bot process", max(memory) / 1e6, 300, "MB"),
            Figure("requests in the busiest second, Discord", _busiest(requests["Discord"]), DISCORD_LIMIT),
            Figure(
                "messages and edits in the busiest second, Telegram", _busiest(requests["Telegram"]), TELEGRAM_LIMIT
            ),
            Figure("what the platforms would have refused", problems, 0),
        ]


async def _note_memory(product: Product, seen: list[int]) -> None:
    while True:
        seen.append(product.bot.memory_info().rss)
        await asyncio.sleep(0.5)


def _busiest(times: Sequence[float]) -> int:
    return max((sum(0 <= other - at < 1 for other in times) for at in times), default=0)


def _percentiles(name: str, posts: Sequence[Post], goal_ms: float | None = None) -> list[Figure]:
    values = [((post.first or 0.0) - post.at) * 1000 for post in posts]
    cuts = statistics.quantiles(values, n=20)
    return [
        Figure(f"{name}, p50", statistics.median(values), unit="ms"),
        Figure(f"{name}, p95", cuts[18], goal_ms, "ms"),
    ]


async def _until(holds: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise RuntimeError(f"waited in vain until {what}") from None


@asynccontextmanager
async def _crowd() -> AsyncIterator[tuple[Product, Crowd]]:
    async with fake_discord() as discord, telegram_server() as telegram:
        settings = {
            "DISCORD_TOKEN": DISCORD_TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_API_URL": telegram.url,
        }
        with (
            tempfile.TemporaryDirectory(prefix="s2d-", ignore_cleanup_errors=True) as folder,
            running_product(Path(folder), None, **settings) as product,
        ):
            await eventually(lambda: "ready at http" in product.log, 120)
            await _until(lambda: discord.gateway.is_connected and telegram.count("getUpdates") > 0, "both connect")
            crowd = Crowd(discord, telegram)
            watching = asyncio.create_task(crowd.watch())
            try:
                yield product, crowd
            finally:
                watching.cancel()
                product.stop()


if __name__ == "__main__":
    sys.exit(main())
