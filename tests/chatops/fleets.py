"""Consoles whose services are real: small processes under a supervisor, or units of a stub of systemd."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.supervision.control import controlled
from bot.supervision.part import Part, State
from bot.supervision.recent import Recent
from bot.supervision.supervisor import Scaling
from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet, open_fleet
from config.ops import parse_policy
from storage.queue import Queue, WorkerRecord
from storage.sockets import control_socket
from tests.bot.supervision.recording import FOREVER, Run, script, supervised
from tests.chatops.acting import PEOPLE, Ops

LOCAL = """
services:
  - {name: redis, back_end: local}
  - {name: bot, back_end: local, also: [backend, web], depends_on: [redis]}
  - {name: worker, back_end: local, depends_on: [redis]}
"""


def with_services(ops: Ops, services: str, control: Path, **provided: object) -> Ops:
    """The same console in a deployment of these services, lines of ``ops.yaml``."""
    policy = parse_policy(PEOPLE + services)
    fleet = open_fleet(policy.services, policy.orchestrators, control)
    parts = replace(ops.parts, policy=policy, provided={**ops.parts.provided, ORCHESTRATOR.name: fleet, **provided})
    return Ops(parts)


def fleet_of(ops: Ops) -> Fleet:
    return ops.parts.get(ORCHESTRATOR)


def small_worker(number: int) -> Part:
    return script(f"worker-{number}", FOREVER)


@asynccontextmanager
async def small_product(folder: Path, *, workers: int = 2, bot: str = FOREVER) -> AsyncIterator[Run]:
    """A supervised product of processes that only wait, which takes orders; ``bot`` is the code of its bot."""
    recent = Recent(lambda *_: None)
    parts = [script("redis", FOREVER), script("bot", bot), *map(small_worker, range(1, workers + 1))]
    async with (
        supervised(*parts, scaling=Scaling("worker", small_worker), output=recent.write) as run,
        controlled(run.supervisor, recent, control_socket(folder), folder),
    ):
        for part in parts:
            await run.reports.reached(part.name, State.READY)
        yield run


async def say_working(queue: Queue, name: str = "host/1", *, memory: int = 500_000_000, state: str = "ready") -> None:
    """A worker that lives for some seconds, and began only just now."""
    began = time.time() + 60
    await queue.say_alive(
        WorkerRecord(name, 4711, "host", "0", "stub", "stub-1", began, began, None, 0, 0, memory, state)
    )
