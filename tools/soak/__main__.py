"""The real product under steady load: ``python -m tools.soak [--minutes N] [--rate R | --rates R,R…] [--json]``.

Started as ``screen2deck up`` with embedded parts and the real reader; programs send pictures that were never read, at
times of chance, at 70 % of the knee. The knee is looked for first, unless ``--rate`` gives the rate itself. Exit code 0
when all goals are reached, 1 otherwise.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from tools.bench import Figure, _table
from tools.load.__main__ import table as rungs_table
from tools.load.ladder import Rung, knee
from tools.soak.pictures import stock, varied
from tools.soak.product import Product, running
from tools.soak.sending import Sender
from tools.soak.verdict import MB, Minute, Soak, figures, minutes, quantile
from tools.soak.watching import Watch

MINUTES, WARM_UP, SHARE = 30.0, 4.0, 0.7
RATES = "0.05,0.1,0.15,0.2,0.25,0.3,0.4,0.5,0.6,0.8"
RUNG_S, RUNG_PICTURES = 60.0, 24
"""A rung lasts until so many pictures are to be expected, and at least so long."""
PROGRAMS = 4
_WIDTH = 190


def main() -> int:
    """Measure and print."""
    options = _options()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="s2d-soak-", ignore_cleanup_errors=True) as folder:
        rungs, rate, soak = asyncio.run(measure(Path(folder), options))
    if soak is None:
        Console().print(rungs_table(rungs))
        print("Not even the first rung was borne: there is nothing to soak at.")
        return 1
    found = figures(soak)
    if options.json:
        told = {"load_before": load, "rate": rate, "rungs": [asdict(one) for one in rungs]}
        rows = [asdict(figure) | {"reached": figure.is_reached} for figure in found]
        told |= {"minutes": [asdict(one) for one in minutes(soak)], "figures": rows, "complaints": soak.complaints[:20]}
        print(json.dumps(told, indent=1))
    else:
        _show(rungs, rate, soak, found)
        print(f"load of {os.cpu_count()} cores: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0 if all(one.is_reached for one in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=MINUTES, help="that are measured, after the warm-up")
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="minutes before, at the same rate")
    parser.add_argument("--rate", type=float, help="pictures a second; by default so much of the knee")
    parser.add_argument("--share", type=float, default=SHARE, help="of the knee")
    parser.add_argument("--rates", default=RATES, help="rungs on which the knee is looked for")
    parser.add_argument("--workers", type=int, help="by default as many as the product takes")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


async def measure(folder: Path, options: argparse.Namespace) -> tuple[list[Rung], float, Soak | None]:
    """The rungs that were climbed, the rate, and what was seen at it; None where no rung is borne."""
    _tell("drawing pictures")
    pictures = varied(stock())
    with running(folder, options.workers) as product:
        async with _connected(product, pictures) as (sender, watch):
            rungs: list[Rung] = []
            rate = options.rate
            if rate is None:
                rungs = await _climb(sender, watch, [float(one) for one in options.rates.split(",")])
                found = knee(rungs)
                if found is None:
                    return rungs, 0.0, None
                rate = options.share * found.offered
            _tell(f"warming up at {rate:g} a second for {options.warm_up:g} minutes")
            await sender.send(rate, options.warm_up * 60)
            before = product.complaints()
            soak = await _soak(sender, watch, rate, options.minutes * 60)
        complaints = product.complaints()[len(before) :]
    return rungs, rate, replace(soak, complaints=complaints)


async def _climb(sender: Sender, watch: Watch, rates: list[float]) -> list[Rung]:
    found: list[Rung] = []
    for rate in rates:
        sender.answers.clear()
        watch.begin()
        began, seconds = time.monotonic(), max(RUNG_S, RUNG_PICTURES / rate)
        await sender.send(rate, seconds)
        await sender.end()
        times = [one.ended_s for one in sender.answers if one.ended_s is not None]
        count = len(sender.answers)
        # By chance more or fewer than the rate were sent; slow is what takes longer than the rung to be done.
        done = len(times) / max(seconds, time.monotonic() - began)
        cuts = [quantile(times, share) * 1000 for share in (0.5, 0.95, 0.99)]
        errors = sum(one.is_error for one in sender.answers) / max(1, count)
        memory = max((one.memory for one in watch.samples), default=0)
        found.append(Rung(min(rate, count / seconds), done, *cuts, errors, memory))
        _tell(f"rung {rate:g}: {count} pictures, p50 {cuts[0]:.0f} ms, p95 {cuts[1]:.0f} ms, errors {errors:.0%}")
        if not found[-1].is_borne:
            break
    return found


async def _soak(sender: Sender, watch: Watch, rate: float, seconds: float) -> Soak:
    sender.answers.clear()
    watch.begin()
    began = time.monotonic()
    telling = asyncio.create_task(_tell_minutes(sender, watch, began))
    await sender.send(rate, seconds)
    ended = time.monotonic()
    telling.cancel()
    await sender.end()
    watch.samples.append(await watch.look())
    # What was sent while it warmed up is not counted, though it may have ended later.
    answers = sorted((one for one in sender.answers if one.sent >= began), key=lambda one: one.sent)
    return Soak(began, ended, answers, list(watch.samples), blind=watch.blind)


async def _tell_minutes(sender: Sender, watch: Watch, began: float) -> None:
    for number in range(1, 10_000):
        await asyncio.sleep(max(0.0, began + 60.0 * number - time.monotonic()))
        times = [one.ended_s for one in sender.answers if one.ended_s is not None and one.sent >= began]
        last = watch.samples[-1] if watch.samples else None
        errors = sum(one.is_error for one in sender.answers)
        state = "" if last is None else f", {last.jobs} waiting or read, {last.memory / MB:.0f} MB"
        _tell(f"minute {number}: {len(times)} answers, p95 {quantile(times, 0.95):.1f} s, {errors} errors{state}")


@asynccontextmanager
async def _connected(product: Product, pictures: Iterator[bytes]) -> AsyncIterator[tuple[Sender, Watch]]:
    keys = [product.key(f"soak-{number}", "player") for number in range(PROGRAMS)]
    viewer = product.key("soak-viewer", "viewer")
    async with aiohttp.ClientSession(product.address) as session:
        sender = Sender(session, keys, pictures)

        async def ask() -> dict[str, Any]:
            headers = {"Authorization": f"Bearer {await sender.token(viewer)}"}
            async with session.get("/health/detailed", headers=headers) as answer:
                answer.raise_for_status()
                told: dict[str, Any] = await answer.json()
                return told

        watch = Watch(product, ask)
        watching = asyncio.create_task(watch.run())
        try:
            yield sender, watch
        finally:
            if watching.done():
                watching.result()
            watching.cancel()


def _show(rungs: list[Rung], rate: float, soak: Soak, found: list[Figure]) -> None:
    screen = Console(width=max(_WIDTH, Console().width))
    if rungs:
        screen.print(rungs_table(rungs))
    rows = minutes(soak)
    screen.print(f"{rate:g} pictures a second, {(soak.ended - soak.began) / 60:.1f} minutes")
    screen.print(minutes_table(rows))
    screen.print(_table(found))
    for one in soak.complaints[:10]:
        screen.print(f"log: {one}", markup=False)
    for one in [one.outcome for one in soak.answers if one.is_error][:10]:
        screen.print(f"error: {one}", markup=False)
    missed = [one.name for one in found if not one.is_reached]
    screen.print(f"Missed: {'; '.join(missed)}." if missed else "Passed: every goal is reached.")


def minutes_table(rows: list[Minute]) -> Table:
    """Memory in MB, and of each role memory/handles/threads."""
    shown = Table(title="Each minute")
    roles = sorted({role for row in rows for role in row.roles})
    numbers = ("min", "sent", "errors", "p50 s", "p95 s", "p99 s", "queue", "oldest s", "MB")
    for name in (*numbers, *(f"{role} MB/fd/thr" for role in roles), "db MB", "aof MB"):
        shown.add_column(name, justify="right")
    for row in rows:
        held = [row.roles.get(role) for role in roles]
        shown.add_row(
            *(str(number) for number in (row.number, row.sent, row.errors)),
            *(f"{number:.1f}" for number in (row.p50_s, row.p95_s, row.p99_s, row.jobs, row.oldest_s)),
            f"{row.memory / MB:.0f}",
            *("" if one is None else f"{one.memory / MB:.0f}/{one.handles}/{one.threads}" for one in held),
            *(f"{size / MB:.1f}" for size in (row.database, row.redis)),
        )
    return shown


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
