"""What actions work with. What a deployment may lack, or another room provides, is asked for by its ``Need``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from chatops.model import NotConfigured
from config.clock import Clock
from config.ops import Policy
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Need(Generic[_T]):
    """Something of type ``_T`` that a process may not have; ``reason`` says how it would get it, in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that one process gives its actions, put together where it starts.

    ``secrets`` are the values that no answer may show. ``provided`` are what needs ask for, by their names.
    """

    settings: Settings
    policy: Policy
    database: Database
    queue: Queue
    clock: Clock
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    provided: Mapping[str, object] = field(default_factory=dict)

    def has(self, need: Need[Any]) -> bool:
        """Whether this process has it."""
        return need.name in self.provided

    def get(self, need: Need[_T]) -> _T:
        """What fills a need; raises NotConfigured with its reason."""
        if need.name not in self.provided:
            raise NotConfigured(need.reason)
        return cast(_T, self.provided[need.name])
