"""Actions on a small world, and the console of processes that act on it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any
from unittest.mock import patch
from uuid import UUID

import pytest

from chatops.console import Console, Outcome, start_console, suggestion
from chatops.model import Actor, Answer, Confirmation, NotPossible, Order, Place, Plan, Risk
from chatops.parameters import Integer, Text
from chatops.parts import Need, Parts
from chatops.registry import Action, Registry, action
from chatops.run import Run
from config.ops import Policy, Role, parse_policy
from config.settings import Settings
from storage import audit, requests
from storage.database import Database
from storage.errors import DatabaseUnreachable
from storage.queue import Queue
from storage.records import NewMessage
from storage.requests import SUBJECT, RequestRecord
from tests.making import NOW

POLICY = parse_policy(
    """
environment: prod
terminal: null
people:
  - {name: Alice, role: admin, accounts: {discord: "1", telegram: "11"}}
  - {name: Bob, role: admin, accounts: {discord: "2", telegram: "12"}}
  - {name: Olga, role: operator, accounts: {discord: "3"}}
  - {name: Vera, role: viewer, accounts: {discord: "5"}}
groups:
  - {platform: discord, group: "900", role: admin}
places:
  - {platform: discord, chat: "7"}
  - {platform: telegram, chat: "-70"}
"""
)
OPS = Place("discord", "7")
TELEGRAM_OPS = Place("telegram", "-70")
ALICE, ALICE_TOO = Actor("discord", "1", "alice"), Actor("telegram", "11", "alice")
BOB, OLGA, VERA = Actor("discord", "2"), Actor("discord", "3"), Actor("discord", "5")
BY_GROUP = Actor("discord", "77", "somebody", frozenset({"900"}))
STRANGER = Actor("discord", "666")
LACKING: Need[object] = Need("lacking", "Set LACKING to have it.")


@dataclass
class World:
    """What the test actions act on."""

    items: list[str] = field(default_factory=lambda: [f"job {number}" for number in range(20)])
    done: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def actions(world: World) -> Registry:
    """A small chapter."""
    yes, phrase, two = Confirmation.BUTTON, Confirmation.PHRASE, Confirmation.TWO_PERSONS

    @action("thing look", role=Role.VIEWER)
    async def look(run: Run, n: Annotated[int, Integer(1, 5)] = 1) -> Answer:
        """Look."""
        return Answer(f"{n} seen, {run.role.value}", suggestions=(suggestion("thing push", "Push"),))

    @action("thing push", role=Role.OPERATOR, risk=Risk.DANGEROUS, confirm=yes, check="thing look")
    async def push(run: Run, why: Annotated[str, Text()] = "") -> Answer:
        """Push."""
        await world.gate.wait()
        world.done.extend(run.plan.items if run.plan else ())
        return Answer(f"Pushed {len(world.done)}.")

    @push.plan
    async def plan_push(run: Run, why: str = "") -> Plan:
        if not world.items:
            raise NotPossible("There is nothing to push.")
        return Plan(f"Pushes {len(world.items)} jobs.", tuple(world.items))

    @action("thing drop", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=phrase)
    async def drop(run: Run) -> Answer:
        """Drop."""
        world.done.append("dropped")
        return Answer("Dropped.")

    @drop.plan
    async def plan_drop(run: Run) -> Plan:
        return Plan("Drops it.", target="worker")

    @action("thing burn", role=Role.OPERATOR, risk=Risk.DESTRUCTIVE, confirm=two)
    async def burn(run: Run) -> Answer:
        """Burn."""
        world.done.append("burnt")
        return Answer("Burnt.")

    @burn.plan
    async def plan_burn(run: Run) -> Plan:
        return Plan("Burns it.", tuple(world.items), role="admin" if len(world.items) > 50 else None)

    @action("thing sleep", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(seconds=0.05), check="thing look")
    async def sleep(run: Run) -> Answer:
        """Sleep."""
        await asyncio.sleep(60)
        return Answer("Awake.")

    @action("thing fail", role=Role.OPERATOR, risk=Risk.WRITE)
    async def fail(run: Run) -> Answer:
        """Fail."""
        raise ZeroDivisionError("postgres://user:hunter2hunter2@host/db")

    @action("thing tell", role=Role.VIEWER, risk=Risk.WRITE)
    async def tell(run: Run) -> Answer:
        """Tell secrets."""
        await run.step("the token is correct-horse-battery")
        await asyncio.sleep(0.05)
        return Answer("correct-horse-battery", data={"dsn": "postgres://u:hunter2hunter2@h/d"})

    @action("thing lack", role=Role.VIEWER, needs=(LACKING,))
    async def lack(run: Run) -> Answer:
        """Need what is not there."""
        return Answer("?")

    @action("thing forgotten")
    async def forgotten(run: Run) -> Answer:
        """Forget the role."""
        return Answer("!")

    chapter = ModuleType("chapter")
    vars(chapter).update({name: one for name, one in locals().items() if isinstance(one, Action)})
    vars(chapter)["GROUPS"] = {"thing": "Things."}
    return Registry.of([chapter])


@pytest.fixture
def world() -> World:
    found = World()
    found.gate.set()
    return found


Open = Callable[[], Console]


@pytest.fixture
def process(world: World, database: Database, queue: Queue, tmp_path: Path) -> Open:
    """Each call is another process on the same data."""
    parts = Parts(
        settings=Settings(_env_file=None, data_dir=tmp_path),  # type: ignore[call-arg]
        policy=POLICY,
        database=database,
        queue=queue,
        clock=world.clock,
        database_url="",
        redis_url="",
        secrets=frozenset({"correct-horse-battery"}),
    )
    return lambda: start_console(parts, actions(world))


@pytest.fixture
def console(process: Open) -> Console:
    return process()


_numbers = iter(range(10**6))


def order(actor: Actor, name: str, place: Place = OPS, origin: str = "", **arguments: str) -> Order:
    identity = origin or f"discord:7:{next(_numbers)}"
    message = NewMessage(place.platform, place.chat, SUBJECT, "", origin=identity)
    return Order(actor, place, name, arguments, identity, message)


async def taken(console: Console, actor: Actor, name: str, **more: Any) -> RequestRecord:
    """What an order that is allowed becomes, when it has ended or waits for somebody."""
    outcome = await console.take(order(actor, name, **more))
    return await ended(console, outcome)


async def ended(console: Console, outcome: Outcome) -> RequestRecord:
    assert outcome.request is not None, outcome.answer
    await console.executor.wait(outcome.request.id)
    return await requests.request(outcome.request.id)


def said(outcome: Outcome) -> str:
    assert outcome.answer is not None
    assert not outcome.answer.ok
    return outcome.answer.text


async def kinds(request: UUID) -> list[str]:
    """What the trail says of a request, oldest first."""
    return [one.line.kind for one in reversed(await audit.lines(50, request=str(request)))]


async def taken_only(console: Console, actor: Actor, name: str) -> RequestRecord:
    outcome = await console.take(order(actor, name))
    assert outcome.request is not None, outcome.answer
    return outcome.request


def away(name: str) -> Any:
    async def unreachable(*_: object, **__: object) -> Awaitable[None]:
        raise DatabaseUnreachable("The database does not answer.")

    return patch(name, unreachable)


def without(policy: Policy, name: str) -> Policy:
    people = tuple(one.model_copy(update={"role": None}) if one.name == name else one for one in policy.people)
    return policy.model_copy(update={"people": people})
