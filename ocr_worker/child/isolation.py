"""Cutting the child off: from the terminal's signals, from libraries that print, from a worker that is gone."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from config.parent import die_with_parent
from ocr_worker.child.messages import Channel

_OOM_SCORE = 900
"""Of 1000: the kernel, short of memory, takes the child and not the worker, nor most of what else runs."""

_NICENESS = 5
"""A little below the processes that answer people."""


def isolate() -> Channel:
    """Make this process a child that only its parent reaches; to be called before the reader is loaded."""
    die_with_parent(signal.SIGKILL)
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    _stand_back()
    return _own_channel()


def _own_channel() -> Channel:
    """The pipes of stdin and stdout as a channel of their own.

    In their place come an empty stdin and stderr, so that a library that prints, also from C, cannot break into
    the protocol.
    """
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Channel(incoming, outgoing)


def _stand_back() -> None:
    """Come after others for processor time and first when memory runs out, where the system allows it."""
    with suppress(OSError):
        os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE))
