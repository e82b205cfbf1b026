"""How many threads an engine takes."""

import os

MOST = 2
"""Recognition hardly gains from more threads: a worker for every two cores reads more pictures."""


def default_threads() -> int:
    """Two, or one where this process may use a single core."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    return min(MOST, cores)
