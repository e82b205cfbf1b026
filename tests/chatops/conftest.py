"""A console with all actions on real parts."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager
from chatops.backups.postgres import postgres_of
from chatops.parts import Parts
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import Ops, parts_of
from tests.chatops.pipeline import Pipeline
from tests.chatops.things import console, process, world
from tests.fakes.alertmanager import FakeAlertmanager, served

__all__ = ["console", "ops", "parts", "process", "world"]


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    """What a process gives its actions, with the people of ``tests.chatops.acting``."""
    return parts_of(settings, database, queue, provided=postgres_of(database.url))


@pytest.fixture
def ops(parts: Parts) -> Ops:
    """The console of one process."""
    return Ops(parts)


@pytest.fixture
def pipeline(ops: Ops) -> Pipeline:
    """What that console's process does with deliveries of Alertmanager."""
    return Pipeline(ops)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAlertmanager]:
    """A small Alertmanager."""
    async with served(FakeAlertmanager()) as found:
        yield found


@pytest.fixture
def asking(parts: Parts, fake: FakeAlertmanager) -> Pipeline:
    """With an Alertmanager that can be asked."""
    return Pipeline(Ops(replace(parts, provided={ALERTMANAGER.name: Alertmanager.of(fake.address)})))
