"""A child process whose reader does what the picture's bytes say: run as a program, with the real serving loop."""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ocr_worker.cards.card import Card
from ocr_worker.child.process import Loaded, run
from ocr_worker.decks import Deck, DeckLine, Section
from ocr_worker.errors import EngineUnavailable, NoDeckFound, PictureError
from ocr_worker.stages import Stage, StageListener

COMMAND = [sys.executable, str(Path(__file__))]
MB = 1_000_000

#: What the child has allocated stays alive here.
held: list[bytearray] = []


def sleep() -> None:
    time.sleep(600)


def swell() -> None:
    """Take 20 MB, and touch them, forty times a second."""
    while True:
        held.append(bytearray(b"x") * (20 * MB))
        time.sleep(0.025)


def swallow() -> None:
    """Ask for a hundred GB at once."""
    held.append(bytearray(100_000 * MB))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(3)


def chatter() -> None:
    """Print as libraries do, from Python and from below."""
    print("garbage " * 10_000, flush=True)  # noqa: T201
    os.write(1, b"\x00\x00\x00\x05\x00\x00\x00\x00garbage")
    sys.stdin.read()


def refuse() -> None:
    raise PictureError("The picture is bad: send another one.")


def find_nothing() -> None:
    raise NoDeckFound("No decklist found in this picture.")


def fail() -> None:
    raise KeyError("a defect")


def fail_to_allocate() -> None:
    raise RuntimeError("Status Message: std::bad_alloc")


def fail_to_allocate_in_openvino() -> None:
    raise RuntimeError("Check 'ptr' failed at cpu_memory.cpp:257:\nFailed to allocate 108556464 bytes of memory")


def break_the_protocol() -> None:
    """Write into every pipe that is open, wherever the channel may be."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"no message at all")
        except OSError:
            continue
    time.sleep(600)


DEEDS: dict[bytes, Callable[[], None]] = {
    deed.__name__.encode(): deed
    for deed in (
        sleep,
        swell,
        swallow,
        die,
        leave,
        chatter,
        refuse,
        find_nothing,
        fail,
        fail_to_allocate,
        fail_to_allocate_in_openvino,
        break_the_protocol,
    )
}


class StubReader:
    """Does the deed that the picture names, then gives a deck whose warnings are what the process knows."""

    def read(self, data: bytes, on_stage: StageListener) -> Deck:
        on_stage(Stage.DECODING)
        on_stage(Stage.READING)
        DEEDS.get(data, lambda: None)()
        on_stage(Stage.MATCHING)
        line = DeckLine(60, Card("Relentless Rats"), read=f"{len(data)} bytes")
        return Deck({Section.MAIN: (line,)}, kind="arena-list", warnings=tuple(sorted(os.environ)))


def load() -> Loaded:
    """The stub, or what may happen instead, by the program's argument."""
    how = sys.argv[1] if len(sys.argv) > 1 else ""
    if how == "unavailable":
        raise EngineUnavailable("The stub engine is not installed.")
    if how == "never":
        sleep()
    if how == "broken":
        os._exit(1)
    return Loaded(StubReader(), "stub", "stub-1", date(2026, 11, 1))


if __name__ == "__main__":
    run(load)
