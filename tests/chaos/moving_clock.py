"""A clock of the machine that a test can move: processes look at a file for how far it is off."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import config.clock


def put_in(file: Path) -> None:
    """Have this process, and all that it imports from now on, read the time with the offset that ``file`` holds."""
    assert not any(name.startswith(("storage", "bot.", "ocr_worker", "arq")) for name in sys.modules)
    real = time.time

    def moved() -> float:
        return real() + offset(file)

    time.time = moved
    config.clock.utcnow = lambda: datetime.fromtimestamp(moved(), UTC)


def offset(file: Path) -> float:
    """Seconds that the clock is ahead."""
    return float(file.read_text()) if file.exists() else 0.0


def move(file: Path, seconds: float) -> None:
    """Set the clock of all processes at once."""
    new = file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(file)


def clock_of(file: Path) -> Callable[[], datetime]:
    """The clock as those processes see it."""
    return lambda: datetime.fromtimestamp(time.time() + offset(file), UTC)
