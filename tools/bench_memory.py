"""Memory of a worker with its reader: ``python -m tools.bench_memory [--engine NAME] [--json] [FOLDER|PICTURE...]``.

The product runs as ``screen2deck up`` starts it, with one worker and the real reader, and reads the pictures one after
the other. Ten times a second worker and reader are looked at; the most that both held together counts.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from config.tasks import beside
from tools.bench import SAMPLE, Figure, report
from tools.soak.product import Product, running
from tools.soak.sending import Sender

GOAL_MB = 950
"""What fits in a limit of 1 GB with some to spare."""

_LOOK_S = 0.1
_SETTINGS = {"READING_SECONDS": "600", "READING_MEMORY_MB": "8000"}
"""No reader is ended for what is measured here, nor because the machine is busy."""


@dataclass(slots=True)
class Peaks:
    """Bytes: the most that worker and reader held together, and the most that the reader held.

    ``resident`` counts pages that they share twice, ``proportional`` once.
    """

    resident: int = 0
    proportional: int = 0
    reader: int = 0

    def look(self, product: Product) -> None:
        """Look once."""
        resident = proportional = 0
        for process, role in product.processes().items():
            if role not in ("worker", "reader"):
                continue
            with suppress(psutil.Error):
                held = process.memory_full_info()
                resident += held.rss
                proportional += getattr(held, "pss", held.rss)
                if role == "reader":
                    self.reader = max(self.reader, held.rss)
        self.resident, self.proportional = max(self.resident, resident), max(self.proportional, proportional)

    async def watch(self, product: Product) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.to_thread(self.look, product)
            await asyncio.sleep(_LOOK_S)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path, help="pictures, or folders of them; the sample by default")
    parser.add_argument("--engine", default="auto", help="as OCR_ENGINE; auto by default")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = asyncio.run(measure(_files(options.pictures or [SAMPLE]), options.engine))
    report(figures, load, as_json=options.json)
    return 0 if all(figure.is_reached for figure in figures) else 1


async def measure(pictures: Sequence[Path], engine: str) -> list[Figure]:
    """Let the product read the pictures and watch its worker."""
    with (
        tempfile.TemporaryDirectory(prefix="s2d-memory-", ignore_cleanup_errors=True) as folder,
        running(Path(folder), 1, OCR_ENGINE=engine, **_SETTINGS) as product,
    ):
        peaks, decks = await _read(product, pictures)
    name = f"{engine}, {len(pictures)} pictures"
    return [
        Figure(f"{name}: decks", float(decks)),
        Figure(f"{name}: worker and reader, peak", peaks.resident / 1e6, GOAL_MB, "MB"),
        Figure(f"{name}: worker and reader, shared pages once, peak", peaks.proportional / 1e6, unit="MB"),
        Figure(f"{name}: reader alone, peak", peaks.reader / 1e6, unit="MB"),
    ]


async def _read(product: Product, pictures: Iterable[Path]) -> tuple[Peaks, int]:
    """The peaks, and how many pictures became decks."""
    peaks = Peaks()
    key = await asyncio.to_thread(product.key, "bench", "player")
    async with beside(peaks.watch(product)), aiohttp.ClientSession(product.address) as session:
        sender = Sender(session, [key], iter(()))
        for picture in pictures:
            await sender.convert(key, picture.read_bytes())
            outcome, held = sender.answers[-1].outcome, peaks.resident / 1e6
            print(f"{picture.name}: {outcome}, {held:.0f} MB so far", file=sys.stderr)
    return peaks, sum(answer.outcome == "done" for answer in sender.answers)


def _files(paths: Iterable[Path]) -> list[Path]:
    """Pictures as they are, those of a folder by name."""
    return [one for path in paths for one in (sorted(path.iterdir()) if path.is_dir() else [path])]


if __name__ == "__main__":
    sys.exit(main())
