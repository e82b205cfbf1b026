"""Speed and memory of reading, as ratios of one run: ``python -m tools.bench [--json] [PICTURE...]``.

Ratios, because seconds tell more about a machine than about a program. What is measured, each part in a
process of its own: the whole reading of a picture 1920 pixels wide against RapidOCR, and EasyOCR where it is
installed, reading all of the same picture; memory over 30 pictures; the time from nothing to the first deck.
"""

import argparse
import io
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "bot" / "data" / "sample.jpg"
WIDTH = 1920
ROUNDS = 3
MEMORY_PICTURES = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``goal`` is the most that ``value`` should be, None where it is only told."""

    name: str
    value: float
    goal: float | None = None
    unit: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the goal, if there is one, is met."""
        return self.goal is None or self.value <= self.goal


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path, help="pictures to read; the sample by default")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--without-easyocr", action="store_true", help="leave out EasyOCR, which takes minutes")
    options = parser.parse_args()
    pictures = options.pictures or [SAMPLE]
    figures = [
        *_apart(measure_speed, pictures, not options.without_easyocr),
        *_apart(measure_memory, pictures),
        *measure_start(pictures[0]),
    ]
    if options.json:
        print(json.dumps([asdict(figure) | {"reached": figure.is_reached} for figure in figures], indent=1))
    else:
        Console().print(_table(figures))
    return 0


def report(figures: Sequence[Figure], load: float, *, as_json: bool) -> None:
    """Print figures, with the machine's load before they were measured and now."""
    after = os.getloadavg()[0]
    if as_json:
        rows = [asdict(figure) | {"reached": figure.is_reached} for figure in figures]
        print(json.dumps({"load_before": load, "load_after": after, "figures": rows}, indent=1))
    else:
        Console().print(_table(figures))
        print(f"load of {os.cpu_count()} cores: {load:.1f} before, {after:.1f} after")


def measure_speed(pictures: Sequence[Path], with_easyocr: bool) -> list[Figure]:
    """Compare reading decks with engines that read whole pages, taking turns."""
    import numpy as np
    from rapidocr import RapidOCR

    from ocr_worker.pipeline import Reader

    reader, whole_page = Reader.create("rapidocr"), RapidOCR(params={"Global.log_level": "critical"})
    pages = [_scaled(path) for path in pictures]
    ours, rapid = [], []
    for number in range(ROUNDS + 1):
        first = number == 0  # a warm-up, which does not count
        for data, pixels in pages:
            mine = _seconds(reader.read, data)
            theirs = _seconds(whole_page, np.ascontiguousarray(pixels[..., ::-1]))
            ours += [] if first else [mine]
            rapid += [] if first else [theirs]
    mine, theirs = statistics.median(ours), statistics.median(rapid)
    figures = [
        Figure("reading a deck, seconds", mine, unit="s"),
        Figure("RapidOCR reading the whole page, seconds", theirs, unit="s"),
        Figure("reading a deck / RapidOCR reading the whole page", mine / theirs, 0.7),
    ]
    easy = _easyocr_seconds(pages[0][1]) if with_easyocr else None
    if easy is not None:
        figures.append(Figure("EasyOCR reading the whole page, seconds", easy, unit="s"))
        figures.append(Figure("reading a deck / EasyOCR reading the whole page", mine / easy, 0.1))
    return figures


def measure_memory(pictures: Sequence[Path]) -> list[Figure]:
    """Read many pictures in one process: its peak, and what it holds at the end against the middle."""
    from ocr_worker.pipeline import Reader

    reader, held = Reader.create("rapidocr"), []
    for path in islice(cycle(pictures), MEMORY_PICTURES):
        _ignoring_expected(reader.read, path.read_bytes())
        held.append(_resident_mb())
    middle = statistics.median(held[MEMORY_PICTURES // 2 - 5 : MEMORY_PICTURES // 2])
    return [
        Figure(f"memory over {MEMORY_PICTURES} pictures, peak", _peak_mb(), 700, "MB"),
        Figure("memory at the end / in the middle", statistics.median(held[-5:]) / middle, 1.05),
    ]


def measure_start(picture: Path) -> Iterator[Figure]:
    """Run the command on one picture; the second time counts, when the disk is warm."""
    command = [sys.executable, "-m", "bot.cli", "convert", str(picture)]
    seconds = [_seconds(partial(subprocess.run, command, check=True, capture_output=True, cwd=ROOT)) for _ in range(2)]
    yield Figure("start to first deck, seconds", seconds[1], 5, "s")


def _easyocr_seconds(pixels: Any) -> float | None:
    """Return the time that EasyOCR's defaults take for a whole page; None where it is not installed."""
    from ocr_worker.errors import EngineUnavailable
    from ocr_worker.reading.engines.easyocr_library import load_reader

    try:
        reader = load_reader()
    except EngineUnavailable:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _seconds(reader.readtext, pixels)


def _apart(measure: Callable[..., Sequence[Figure]], *arguments: object) -> Sequence[Figure]:
    """Call ``measure`` in a fresh process, so that parts do not weigh on each other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, *arguments).result()


def _scaled(path: Path) -> tuple[bytes, Any]:
    """Return a picture at the width that is measured, as a PNG file and as pixels."""
    import numpy as np
    from PIL import Image

    with Image.open(path) as original:
        image = original.convert("RGB").resize((WIDTH, round(original.height * WIDTH / original.width)))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue(), np.asarray(image)


def _seconds(action: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    _ignoring_expected(action, *arguments)
    return time.perf_counter() - started


def _ignoring_expected(action: Callable[..., object], *arguments: object) -> None:
    """Do it; a picture without a deck costs time and memory like any other."""
    from ocr_worker.errors import Screen2DeckError

    try:
        action(*arguments)
    except Screen2DeckError as error:
        print(error, file=sys.stderr)


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _resident_mb() -> float:
    """Return what the process holds now; its peak where that is not told."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return _peak_mb()
    return int(statm.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(title="Speed and memory")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("")
    for each in figures:
        digits = 2 if each.value < 100 else 0
        goal = "" if each.goal is None else f"≤ {each.goal:g} {each.unit}".rstrip()
        mark = "" if each.goal is None else ("reached" if each.is_reached else "missed")
        table.add_row(each.name, f"{each.value:.{digits}f} {each.unit}".rstrip(), goal, mark)
    return table


if __name__ == "__main__":
    sys.exit(main())
