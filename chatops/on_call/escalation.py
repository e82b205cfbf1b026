"""How a page goes on while nobody acknowledges it. Pure: all follows from when it began."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chatops.on_call.duty import Known
from config.ops_oncall import Paging, Target

Level = Literal[0, 1, 2]
"""The one who is meant; then the secondary (or the primary) too; then all admins too."""


def level_at(opened_at: datetime, paging: Paging, now: datetime) -> Level:
    """How far it has come by itself."""
    if now - opened_at >= paging.admins_after:
        return 2
    return 1 if now - opened_at >= paging.secondary_after else 0


def next_at(opened_at: datetime, paging: Paging, now: datetime) -> datetime:
    """When it is said next: at each repetition, and when it escalates. What was missed meanwhile is said once."""
    repeated = opened_at + paging.repeat * ((now - opened_at) // paging.repeat + 1)
    steps = [opened_at + after for after in (paging.secondary_after, paging.admins_after)]
    return min([repeated, *(at for at in steps if at > now)])


def called(known: Known, target: Target, level: int, at: datetime) -> tuple[list[str], int]:
    """Whom a round calls, each once, and at which level: where nobody is there at one, the next is taken."""
    second: Target = "primary" if target != "primary" else "secondary"
    steps = [known.humans(target, at), known.humans(second, at), known.admins()]
    while level < 2 and not any(steps[: level + 1]):
        level += 1
    return _once([human for step in steps[: level + 1] for human in step]), level


def _once(humans: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(humans))
