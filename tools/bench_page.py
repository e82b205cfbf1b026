"""What open pages cost: ``python -m tools.bench_page``.

The product runs in processes of its own with a reader of known cost. A player's answer is timed with no page open and
with 200, in turns; the bot process's memory is looked at before and after. The weight of the page is that of its
files, compressed, as browsers ask for them.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from rich.console import Console

from bot.web.pages import assets
from tests.chaos.driving import Product, eventually, running_product
from tests.chaos.reader import Wish
from tools.bench import Figure, _table

PAGES, ROUNDS, ANSWERS = 200, 2, 30


def main() -> int:
    """Measure and print."""
    weight = sum(min(len(one.body), len(one.packed)) for one in assets().values()) / 1000
    figures = [Figure("the page, compressed", weight, 150, "kB"), *asyncio.run(measure())]
    Console().print(_table(figures))
    return 0


async def measure() -> list[Figure]:
    """Answers and memory."""
    with (
        tempfile.TemporaryDirectory(prefix="s2d-", ignore_cleanup_errors=True) as folder,
        running_product(Path(folder), PICTURES_PER_HOUR="100000", PICTURES_AT_ONCE="1000") as product,
    ):
        await eventually(lambda: "ready at http" in product.log, 120)
        base = f"http://127.0.0.1:{product.port}"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as player:
            about = await _enter(player, base)
            await _answers(player, base, about, 5)
            before = _memory(product)
            alone: list[float] = []
            crowded: list[float] = []
            for _ in range(ROUNDS):
                alone += await _answers(player, base, about, ANSWERS)
                async with AsyncExitStack() as stack:
                    await _open_pages(stack, base)
                    crowded += await _answers(player, base, about, ANSWERS)
                    after = _memory(product)
    return [
        Figure(f"a player's answer with {PAGES} pages open / with none, medians", _ratio(crowded, alone), 1.1),
        Figure(f"memory of the bot process for {PAGES} open pages", (after - before) / 1e6, 100, "MB"),
    ]


def _ratio(ones: list[float], others: list[float]) -> float:
    return statistics.median(ones) / statistics.median(others)


def _memory(product: Product) -> int:
    return int(product.bot.memory_info().rss)


async def _open_pages(stack: AsyncExitStack, base: str) -> None:
    """Guests who look: each has a session and an event stream of its own."""
    for _ in range(PAGES // 8):
        guest = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), connector=aiohttp.TCPConnector(limit=0))
        )
        await _enter(guest, base)
        for _ in range(8):
            await stack.enter_async_context(guest.get(f"{base}/web/events"))


async def _enter(session: aiohttp.ClientSession, base: str) -> dict[str, str]:
    while True:
        async with session.post(f"{base}/web/session", json={}, headers={"Origin": base}) as response:
            if response.status == 200:
                found: dict[str, str] = await response.json()
                return found
        await asyncio.sleep(1)


_numbers = iter(range(10**6))


async def _answers(session: aiohttp.ClientSession, base: str, about: dict[str, str], count: int) -> list[float]:
    """Seconds from a picture's being sent to its list's being told."""
    found = []
    headers = {"Origin": base, "X-CSRF-Token": about["csrf"]}
    async with session.get(f"{base}/web/events") as events:
        for _ in range(count):
            form = aiohttp.FormData()
            number = next(_numbers)
            form.add_field("file", Wish(1 + number % 900, wait_s=0.02 + number * 1e-6).png, filename="deck.png")
            start = time.perf_counter()
            async with session.post(f"{base}/web/posts", data=form, headers=headers) as response:
                response.raise_for_status()
            async for line in events.content:
                if line.startswith(b"data: ") and " main" in json.dumps(json.loads(line[6:])):
                    break
            found.append(time.perf_counter() - start)
    return found


if __name__ == "__main__":
    sys.exit(main())
