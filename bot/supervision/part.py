"""What the product consists of on one machine: processes, how each is started and when each is stopped."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """How a part is; the words are those that people see."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


Report = Callable[[str, State, str], None]
"""Takes a part's name, its state, and words on why, which may be empty."""


@dataclass(frozen=True)
class Part:
    """One process that is kept alive.

    ``environment`` comes on top of the supervisor's own. Parts are stopped by rising ``stop_order``, those of one
    number together; each has ``stop_within_s`` seconds after SIGTERM before it is killed. ``is_ready`` tells when
    it can be used, an OSError of it means not yet; without it a part is ready at once. What follows a part that
    ``others_wait`` for is started when that is ready, or after ``ready_within_s`` seconds.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], Awaitable[bool]] | None = None
    others_wait: bool = True
    ready_within_s: float = 30.0
    stop_within_s: float = 10.0
    stop_order: int = 0


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of the product; it calls ``config.parent.die_with_parent`` itself."""
    # -P: a folder named config where the user happens to stand is none of the product's.
    return [sys.executable, "-P", "-m", module, *arguments]


def foreign_command(command: Sequence[str]) -> list[str]:
    """Return the command that runs a program which knows nothing of its supervisor, and ends it with that."""
    return python_command("bot.supervision.launch", "--", *command)
