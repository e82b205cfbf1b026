"""Processes that do not outlive the one that started them, even when that is killed without warning."""

import os
import signal
import sys
import threading
import time
from collections.abc import MutableMapping

PARENT_VARIABLE = "SCREEN2DECK_PARENT_PID"
"""Under this name a supervisor hands its process id to the parts that it starts."""

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.5


def die_with_parent(by: signal.Signals = signal.SIGKILL, parent: int | None = None, poll_s: float = _POLL_S) -> None:
    """Have this process ended by the signal ``by`` as soon as its parent is gone; to be called first of all.

    ``parent`` is the process id of the one that started it. Without it the supervisor's is taken from the
    environment; where there is none, nobody supervises this process and nothing happens. Where the kernel cannot
    do it, a thread looks every ``poll_s`` seconds. On Linux a parent is the *thread* that started the child.
    """
    expected = taken_parent(os.environ) if parent is None else parent
    if expected is None:
        return
    if not ask_kernel(by):
        threading.Thread(target=_watch, args=(expected, by, poll_s), name="parent-watch", daemon=True).start()
    # It may have died before the kernel was asked.
    _end_without(expected, by)


def taken_parent(environment: MutableMapping[str, str]) -> int | None:
    """Remove the supervisor's process id from ``environment`` and return it, None where it names none.

    It must not reach the children of this process: their parent is another.
    """
    value = environment.pop(PARENT_VARIABLE, "")
    return int(value) if value.isdecimal() else None


def ask_kernel(by: signal.Signals) -> bool:
    """Tell the kernel to send ``by`` to this process when its parent ends; return whether it will."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0) == 0)


def _watch(parent: int, by: signal.Signals, poll_s: float) -> None:
    while True:
        _end_without(parent, by)
        time.sleep(poll_s)


def _end_without(parent: int, by: signal.Signals) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), by)
