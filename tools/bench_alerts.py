"""Speed of the way of alerts: ``python -m tools.bench_alerts [--seconds 60]``.

A bot process on embedded parts, in a Discord on this machine: 1,000 alerts in 200 groups within a minute, and once
more all at once. Measured: how long the webhook takes, how many posts there are, in which order, and that nothing
stays unseen.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from config.clock import utcnow
from storage import cards, schema
from storage.database import open_database
from storage.embedded import EmbeddedRedis
from tests.chatops.pipeline import alert, body
from tests.fakes import discord_rest
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import Channel
from tests.integration.alerting import Sender, bot_process

GROUPS, EACH, BAD = 200, 5, 15
_FOLDED = "📦🗂"
"""How digests of cards and summaries of all else begin."""
_POLICY = """
environment: bench
places:
  - {{platform: discord, chat: "{channel}"}}
people:
  - {{name: Olga, role: operator, accounts: {{discord: "{olga}"}}}}
on_call: {{rotations: {{primary: {{members: [Olga]}}}}}}
"""


@dataclass
class Measured:
    """What came of one run."""

    times: list[float] = field(default_factory=list)
    posts: list[tuple[float, str]] = field(default_factory=list)
    unseen: int = 0
    seen_after: float = 0.0

    def lines(self, minute: float) -> list[str]:
        """In words."""
        ordered = sorted(self.times)
        within = [text for at, text in self.posts if at <= minute]
        single = [one for one in within if " · A" in one and one[0] not in _FOLDED]
        folded = [one for one in within if one[0] in _FOLDED]
        most = max((sum(at <= other < at + minute for other, _ in self.posts) for at, _ in self.posts), default=0)
        bad = [number for number, text in enumerate(within) if "P1 · A" in text and text[0] not in _FOLDED]
        return [
            f"webhook: median {statistics.median(ordered) * 1000:.0f} ms, p95 {_share(ordered, 0.95) * 1000:.0f} ms, "
            f"most {ordered[-1] * 1000:.0f} ms of {len(ordered)}",
            f"posts within the first minute: {len(within)} ({most} in the fullest), of which {len(single)} are cards, "
            f"{len(folded)} stand for many, {len(within) - len(single) - len(folded)} are calls, deadlines and others; "
            f"cards of {len(bad)} of {BAD} bad groups, the last of them post {max(bad, default=-1) + 1}",
            f"groups that no message shows: {self.unseen}, {self.seen_after:.1f} s after the last delivery",
        ]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="over how long the deliveries are spread")
    options = parser.parse_args()
    for seconds in (options.seconds, 0.0):
        print(f"{GROUPS * EACH} alerts in {GROUPS} groups, {f'over {seconds:.0f} s' if seconds else 'all at once'}:")
        print(*(f"  {line}" for line in (await run(seconds)).lines(60.0)), sep="\n")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


async def run(seconds: float) -> Measured:
    """One run with a bot of its own."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="s2d-bench-")))
        redis = EmbeddedRedis(folder)
        await redis.prepare()
        process = stack.enter_context(subprocess.Popen(redis.command(), stdout=subprocess.DEVNULL))
        stack.callback(process.kill)
        discord = await stack.enter_async_context(fake_discord())
        channel = discord.channel("operations")
        policy = folder / "ops.yaml"
        policy.write_text(_POLICY.format(channel=channel.id, olga=discord.player("olga").id))
        url = f"sqlite://{folder / 'screen2deck.db'}"
        await schema.upgrade(url)
        settings = {
            "DATA_DIR": str(folder),
            "REDIS_URL": redis.url,
            "OPS_FILE": str(policy),
            "DISCORD_TOKEN": discord_rest.TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }
        bot = stack.enter_context(bot_process(settings, folder / "log"))
        if not await bot.is_ready():
            raise SystemExit("The bot does not start.")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        sender = Sender(bot.webhook, session)
        measured = Measured()
        watching = asyncio.create_task(_watch(discord, channel, measured))
        await _send(sender, seconds)
        async with open_database(url):
            await _until_seen(measured)
        await asyncio.sleep(max(0.0, 62.0 - seconds) if measured.posts else 5.0)
        watching.cancel()
        measured.times = sender.times
        return measured


async def _send(sender: Sender, seconds: float) -> None:
    """Groups in any order, at even distances."""
    dice = random.Random(1)  # noqa: S311
    kinds = ["critical"] * BAD + ["warning"] * (GROUPS - BAD)
    dice.shuffle(kinds)
    told = [_group(number, kind) for number, kind in enumerate(kinds)]
    if not seconds:
        await asyncio.gather(*(sender.send(one) for one in told))
        return
    began = time.monotonic()
    tasks = []
    for number, one in enumerate(told):
        await asyncio.sleep(max(0.0, began + number * seconds / GROUPS - time.monotonic()))
        tasks.append(asyncio.create_task(sender.send(one)))
    await asyncio.gather(*tasks)


def _group(number: int, kind: str) -> dict[str, Any]:
    name, now = f"Alert{number:03}", utcnow()
    return body(*(alert(f"host-{one}", at=now, alertname=name, severity=kind) for one in range(EACH)))


async def _watch(discord: FakeDiscord, channel: Channel, measured: Measured) -> None:
    """Note new messages as they come."""
    began, seen = time.monotonic(), 0
    while True:
        shown = discord.visible(channel)
        measured.posts += [(time.monotonic() - began, one.content) for one in shown[seen:]]
        seen = len(shown)
        await asyncio.sleep(0.05)


async def _until_seen(measured: Measured) -> None:
    """Wait until each group has a message or stands in a digest."""
    began = time.monotonic()
    while time.monotonic() < began + 60:
        found = await cards.open_cards()
        waiting = [one for one in found if one.posted_at is None]
        in_digests = await cards.in_any_digest([one.id for one in waiting])
        measured.unseen = GROUPS - len(found) + len([one for one in waiting if one.id not in in_digests])
        measured.seen_after = time.monotonic() - began
        if not measured.unseen:
            break
        await asyncio.sleep(0.25)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    asyncio.run(main())
