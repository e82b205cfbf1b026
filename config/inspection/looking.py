"""A look at a running process: names and numbers, no values of variables."""

import asyncio
import gc
import sys
import threading
import time
from collections import Counter
from types import FrameType
from typing import Any

import psutil

_DEEPEST = 6
_NAP_S = 0.02


async def look() -> dict[str, Any]:
    """Threads with where they are, tasks by name, memory, open files, how late the event loop is (in ms)."""
    began = time.perf_counter()
    await asyncio.sleep(_NAP_S)
    late = max(0.0, time.perf_counter() - began - _NAP_S)
    process = psutil.Process()
    tasks = Counter(_kind(task) for task in asyncio.all_tasks())
    return {
        "memory_bytes": process.memory_info().rss,
        "threads": [{"name": one.name, "at": where(frame)} for one, frame in _threads()],
        "tasks": dict(tasks.most_common(20)),
        "files": process.num_fds() if hasattr(process, "num_fds") else None,
        "connections": len(process.net_connections(kind="inet")),
        "children": [f"{one.name()} ({one.pid})" for one in process.children()],
        "objects": sum(gc.get_count()),
        "loop_late_ms": round(late * 1000, 2),
        "uptime_seconds": round(time.time() - process.create_time(), 1),
    }


def where(frame: FrameType | None) -> str:
    """The innermost calls, innermost last, as ``file:line function``."""
    found: list[str] = []
    while frame is not None and len(found) < _DEEPEST:
        found.append(f"{short(frame.f_code.co_filename)}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found)


def short(path: str) -> str:
    """The last two parts of a path."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def _threads() -> list[tuple[threading.Thread, FrameType | None]]:
    frames = sys._current_frames()
    return [(one, frames.get(one.ident or 0)) for one in threading.enumerate()]


def _kind(task: "asyncio.Task[Any]") -> str:
    """What a task does, by the name of its coroutine: names of tasks may hold ids."""
    return str(getattr(task.get_coro(), "__qualname__", type(task).__name__))
