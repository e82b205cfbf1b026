"""A console with all actions on real parts."""

import pytest

from chatops.parts import Parts
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import Ops, parts_of
from tests.chatops.things import console, process, world

__all__ = ["console", "ops", "parts", "process", "world"]


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    """What a process gives its actions, with the people of ``tests.chatops.acting``."""
    return parts_of(settings, database, queue)


@pytest.fixture
def ops(parts: Parts) -> Ops:
    """The console of one process."""
    return Ops(parts)
