"""A process that ends with the one that started it, even when that one is killed."""

import ctypes
import os
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 1.0


def die_with_parent(signal: int, expected_parent: int | None = None) -> None:
    """Let this process get ``signal`` when its parent is gone; ``expected_parent`` is the parent's process id.

    With the id, a parent that died before this call counts too. On Linux the kernel sends the signal, when the
    *thread* that started this process ends; elsewhere a thread of this process looks once a second.
    """
    parent = os.getppid() if expected_parent is None else expected_parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal)
    else:
        threading.Thread(target=_watch, args=(signal, parent), daemon=True).start()


def _watch(signal: int, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os.kill(os.getpid(), signal)
