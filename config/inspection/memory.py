"""Where memory goes: what this process allocates while it is looked at (tracemalloc of the standard library)."""

import asyncio
import threading
import tracemalloc
from typing import Any

from config.inspection.looking import short
from config.inspection.sampling import Stack, document

_FRAMES = 12
_one_at_a_time = threading.Lock()


class BusyError(Exception):
    """Somebody looks already."""


async def growth(seconds: float, top: int) -> dict[str, Any]:
    """Allocations of the next seconds that are still held then, largest first; and all of them as a document.

    Everything that allocates is slower meanwhile, by a half to three times. Raises BusyError.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise BusyError("memory is being looked at already")
    try:
        tracemalloc.start(_FRAMES)
        await asyncio.sleep(seconds)
        traced, peak = tracemalloc.get_traced_memory()
        snapshot = await asyncio.to_thread(tracemalloc.take_snapshot)
    finally:
        tracemalloc.stop()
        _one_at_a_time.release()
    found = snapshot.filter_traces((tracemalloc.Filter(False, tracemalloc.__file__),))
    lines = found.statistics("lineno")[:top]
    return {
        "traced_bytes": traced,
        "peak_bytes": peak,
        "sites": [
            {
                "at": f"{short(one.traceback[0].filename)}:{one.traceback[0].lineno}",
                "bytes": one.size,
                "count": one.count,
            }
            for one in lines
        ],
        "document": document("memory", _weights(found), "bytes"),
    }


def _place(frame: tracemalloc.Frame) -> str:
    return f"{short(frame.filename)}:{frame.lineno}"


def _weights(snapshot: tracemalloc.Snapshot) -> dict[Stack, float]:
    return {
        tuple((f"line {one.lineno}", short(one.filename), one.lineno) for one in found.traceback): float(found.size)
        for found in snapshot.statistics("traceback")[:2000]
    }
