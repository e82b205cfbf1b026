"""Time, passed in wherever it decides something."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware time in UTC. Databases compare times as text: no other zone may reach them."""


def utcnow() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)
