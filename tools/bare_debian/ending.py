"""However it ends, everything that was started, mounted and made is taken away first."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO, NoReturn

OUT_OF_TIME = 124
"""The exit code when the time is over, as timeout(1) has it; of a signal it is 128 and its number, as of a shell."""
_STOPPED_S = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


@contextmanager
def ends_in_order(minutes: float) -> Iterator[None]:
    """While it lasts, Ctrl-C, TERM, HUP and the end of that time leave through every ``finally``.

    No second one of them disturbs that. What is ignored, as under nohup, stays so.
    """

    def stop(number: int, _: FrameType | None) -> NoReturn:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if number == signal.SIGALRM:
            print(f"Stopped: the {minutes:g} minutes are over.", file=sys.stderr, flush=True)
            sys.exit(OUT_OF_TIME)
        print(f"Stopped by {signal.Signals(number).name}.", file=sys.stderr, flush=True)
        sys.exit(128 + number)

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heeded}
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def run(command: Sequence[str], by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Run a program to its end, unless it is stopped by that signal; its exit code and what it said."""
    with running(command, subprocess.PIPE, by) as process:
        said, _ = process.communicate()
    return process.returncode, said.decode("utf-8", "replace")


@contextmanager
def running(
    command: Sequence[str], output: int | IO[bytes], by: signal.Signals = signal.SIGTERM
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that is stopped at the end by that signal, by force where it does not heed it.

    The kernel sends it that signal, too, when this process is killed without a word.
    """
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", by.name, *command],  # noqa: S607  (found by PATH, as its user does)
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.send_signal(by)
        try:
            process.wait(_STOPPED_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
