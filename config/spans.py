"""Spans of time as people write them: ``90s``, ``5m``, ``1h30m``, ``7d``."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
_LONGEST_S = 10 * 365 * 86400


def duration(text: str) -> timedelta:
    """``1h30m`` as a span; raises ValueError."""
    cleaned = text.strip().lower().replace(" ", "")
    if not _DURATION.fullmatch(cleaned):
        raise ValueError(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", cleaned)
    seconds = sum(float(count) * _UNITS[unit] for count, unit in parts)
    if seconds > _LONGEST_S:
        raise ValueError(text)
    return timedelta(seconds=seconds)


def _read(value: Any) -> timedelta:
    try:
        found = value if isinstance(value, timedelta) else duration(str(value))
    except ValueError:
        found = timedelta()
    if found <= timedelta():
        raise ValueError("a time such as 90s, 5m, 1h30m or 2d is expected")
    return found


Span = Annotated[timedelta, BeforeValidator(_read)]
"""A span of ``ops.yaml``, longer than nothing."""
