"""Load on the HTTP API until it bends: ``python -m tools.load [--rates 2,5,10] [--seconds S] [--workers N] [--json]``.

The product runs in processes of its own with a reader of known cost; Locust sends pictures and waits for their decks.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from storage import access, people
from tests.chaos.driving import Product, players, running_product
from tests.chaos.reader import Wish
from tools.load.ladder import Rung, knee, rung

RATES = "2,5,10,20,40,80"
SECONDS = 15
KEYS = 8
READING_S = 0.02
SCENARIO = Path(__file__).with_name("locustfile.py")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", default=RATES, help="pictures a second, one rung after the other")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each rung")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reading", type=float, default=READING_S, help="seconds of processor for each picture")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    rates = [float(one) for one in options.rates.split(",")]
    rungs = climb(rates, options.seconds, options.workers, options.reading)
    if options.json:
        print(json.dumps({"load_before": load, "rungs": [asdict(one) | {"borne": one.is_borne} for one in rungs]}))
    else:
        Console().print(table(rungs))
        found = knee(rungs)
        print("Knee: below the first rung." if found is None else f"Knee: {found.offered:g} pictures a second.")
        print(f"load of {os.cpu_count()} cores: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0 if all(one.done for one in rungs) else 1


def climb(rates: list[float], seconds: int, workers: int, reading_s: float) -> list[Rung]:
    """Offer each rate for so many seconds; stops above the knee."""
    found: list[Rung] = []
    with (
        tempfile.TemporaryDirectory(prefix="s2d-load-", ignore_cleanup_errors=True) as folder,
        running_product(Path(folder), None, workers=workers, HTTP_PER_MINUTE="0") as product,
    ):
        keys = asyncio.run(_keys(product))
        for rate in rates:
            found.append(_offer(product, keys, Path(folder), rate, seconds, reading_s))
            if not found[-1].is_borne:
                break
        product.stop()
    return found


async def _keys(product: Product) -> list[str]:
    async with players(product) as ready:
        now = ready.services.clock()
        made = []
        for number in range(KEYS):
            person = await people.person_with_account("api", f"load-{number}", now=now)
            made.append((await access.make_key(person.id, f"load-{number}", "player", now=now))[0])
        return made


def _offer(product: Product, keys: list[str], folder: Path, rate: float, seconds: int, reading_s: float) -> Rung:
    """Users send one picture a second each; what is slower than that is seen as what is not done."""
    prefix = folder / f"rate-{rate:g}"
    # Each picture waits for another tiny time, which makes it one that was never read.
    picture = json.dumps(asdict(Wish(60, work_s=reading_s))).replace('"wait_s": 0.0', '"wait_s": NUMBERe-18')
    environment = {
        **os.environ,
        "S2D_LOAD_KEYS": ",".join(keys),
        "S2D_LOAD_PICTURE": picture,
    }
    command = [sys.executable, "-m", "locust", "-f", str(SCENARIO), "--headless", "--only-summary"]
    command += ["--host", f"http://127.0.0.1:{product.port}", "--csv", str(prefix), "--exit-code-on-error", "0"]
    command += ["--users", f"{rate:g}", "--spawn-rate", f"{rate:g}", "--run-time", f"{seconds}s"]
    peak, is_over = [0], threading.Event()
    watching = threading.Thread(target=_watch, args=(product, peak, is_over))
    watching.start()
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds + 120)
    is_over.set()
    watching.join()
    stats = Path(f"{prefix}_stats.csv")
    if not stats.exists():
        raise RuntimeError(f"Locust wrote nothing within {time.monotonic() - began:.0f} s: {done.stderr[-1000:]}")
    return rung(stats, rate, seconds, peak[0])


def _watch(product: Product, peak: list[int], is_over: threading.Event) -> None:
    """The most memory of all processes together, shared pages counted once."""
    while not is_over.wait(1.0):
        total = 0
        for process in product.processes():
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        peak[0] = max(peak[0], total)


def table(rungs: list[Rung]) -> Table:
    """As people read it."""
    shown = Table(title="Pictures over HTTP, until their deck is there")
    for name in ("offered /s", "done /s", "p50 ms", "p95 ms", "p99 ms", "errors", "memory MB", ""):
        shown.add_column(name, justify="right")
    for one in rungs:
        numbers = (one.offered, one.done, one.p50_ms, one.p95_ms, one.p99_ms)
        words = [f"{number:,.4g}" for number in numbers]
        shown.add_row(*words, f"{one.errors:.1%}", f"{one.memory / 1e6:.0f}", "" if one.is_borne else "not borne")
    return shown


if __name__ == "__main__":
    sys.exit(main())
