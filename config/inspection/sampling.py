"""Where time goes: stacks of all threads, a hundred times a second, as a file that speedscope.app draws.

Format: https://www.speedscope.app/file-format-schema.json, type ``sampled``.
"""

import asyncio
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from types import FrameType
from typing import Any

from config.inspection.looking import short

_EVERY_S = 0.01
_IDLE = {"selectors.py", "threading.py", "queue.py", "thread.py", "connection.py"}
"""Files whose innermost call is a wait: threads that wait are not counted."""

Stack = tuple[tuple[str, str, int], ...]
"""Outermost first: function, file, line."""


async def sample(seconds: float) -> dict[str, Any]:
    """Sample this process for a while in a thread of its own; a speedscope document."""
    stacks = await asyncio.to_thread(_sample, seconds)
    return document("CPU", {stack: count * _EVERY_S for stack, count in stacks.items()}, "seconds")


def _sample(seconds: float) -> Counter[Stack]:
    own, end, found = threading.get_ident(), time.monotonic() + seconds, Counter[Stack]()
    while time.monotonic() < end:
        for ident, frame in sys._current_frames().items():
            if ident != own and not _is_idle(frame):
                found[_stack(frame)] += 1
        time.sleep(_EVERY_S)
    return found


def _is_idle(frame: FrameType) -> bool:
    return frame.f_code.co_filename.rpartition("/")[2] in _IDLE


def _stack(frame: FrameType | None) -> Stack:
    found = []
    while frame is not None:
        code = frame.f_code
        found.append((code.co_qualname, short(code.co_filename), code.co_firstlineno))
        frame = frame.f_back
    return tuple(reversed(found))


def document(name: str, weights: Mapping[Stack, float], unit: str) -> dict[str, Any]:
    """A speedscope document of stacks with their weights; ``unit`` is seconds or bytes."""
    frames: dict[tuple[str, str, int], int] = {}
    samples = [[frames.setdefault(one, len(frames)) for one in stack] for stack in weights]
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": name,
        "exporter": "screen2deck",
        "activeProfileIndex": 0,
        "shared": {"frames": [{"name": what, "file": file, "line": line} for what, file, line in frames]},
        "profiles": [
            {
                "type": "sampled",
                "name": name,
                "unit": unit,
                "startValue": 0,
                "endValue": sum(weights.values()),
                "samples": samples,
                "weights": list(weights.values()),
            }
        ],
    }


def dump(found: Mapping[str, Any]) -> bytes:
    """As a file."""
    return json.dumps(found, separators=(",", ":")).encode()
