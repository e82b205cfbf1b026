"""Actions used as people use them: ordered, confirmed, approved, ended. For tests of chapters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from chatops import answers
from chatops.actions import registry
from chatops.console import Console, Outcome, start_console
from chatops.model import Actor, Answer, Confirmation, Order, Place, Plan
from chatops.parts import Parts
from chatops.plans import from_json
from chatops.registry import Registry
from config.ops import Policy, parse_policy
from config.settings import Settings
from storage import requests
from storage.database import Database
from storage.queue import Queue
from storage.records import NewMessage
from storage.requests import SUBJECT, RequestRecord, Stage
from tests.making import NOW

PEOPLE = """
environment: test
terminal: null
people:
  - {name: Alice, role: admin, accounts: {discord: "1", telegram: "11"}}
  - {name: Bob, role: admin, accounts: {discord: "2", telegram: "12"}}
  - {name: Olga, role: operator, accounts: {discord: "3", telegram: "13"}}
  - {name: Rita, role: responder, accounts: {discord: "4", telegram: "14"}}
  - {name: Vera, role: viewer, accounts: {discord: "5", telegram: "15"}}
places:
  - {platform: discord, chat: "7"}
  - {platform: telegram, chat: "-70"}
"""
OPS = Place("discord", "7")
ALICE, BOB, OLGA = Actor("discord", "1", "alice"), Actor("discord", "2", "bob"), Actor("discord", "3", "olga")
RITA, VERA = Actor("discord", "4", "rita"), Actor("discord", "5", "vera")
SECRET = "correct-horse-battery"  # noqa: S105

_numbers = count()


@dataclass
class Ops:
    """The console of one process, with its clock: ``await ops.done(OLGA, "queue drain", timeout="5m")``."""

    parts: Parts
    registry: Registry = field(default_factory=registry)
    now: datetime = NOW
    console: Console = field(init=False)

    def __post_init__(self) -> None:
        self.parts = replace(self.parts, clock=lambda: self.now)
        self.console = start_console(self.parts, self.registry)

    def later(self, **more: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**more)

    async def order(self, actor: Actor, name: str, /, place: Place = OPS, **arguments: object) -> Outcome:
        """Ask for an action; ``for_`` is the parameter ``for``."""
        identity = f"{place.platform}:{place.chat}:{next(_numbers)}"
        message = NewMessage(place.platform, place.chat, SUBJECT, "", origin=identity)
        given = {option.rstrip("_").replace("_", "-"): str(one) for option, one in arguments.items()}
        return await self.console.take(Order(actor, place, name, given, identity, message))

    async def planned(self, actor: Actor, name: str, /, **arguments: object) -> Plan:
        """What it would do."""
        outcome = await self.order(actor, name, **arguments)
        assert outcome.request is not None, outcome.answer
        record = await requests.request(outcome.request.id)
        assert record.state is Stage.PLANNED, record.answer
        plan = from_json(record.plan)
        assert plan is not None
        return plan

    async def answer(self, actor: Actor, name: str, /, **arguments: object) -> Answer:
        """What comes of it when everything is confirmed that it asks for, by Bob where two are needed."""
        outcome = await self.order(actor, name, **arguments)
        if outcome.request is None:
            assert outcome.answer is not None
            return outcome.answer
        record = await self.settled(outcome.request)
        if record.state is Stage.PLANNED:
            phrase = "" if record.confirmation == Confirmation.BUTTON else record.phrase
            record = await self.settled(_request(await self.console.confirm(record.id, actor, OPS, phrase)))
        if record.state is Stage.WAITING:
            record = await self.settled(_request(await self.console.approve(record.id, BOB, OPS)))
        assert record.answer is not None, record
        return answers.from_json(record.answer, await requests.files_of(record.id))

    async def done(self, actor: Actor, name: str, /, **arguments: object) -> Answer:
        """The same, which must have worked."""
        answer = await self.answer(actor, name, **arguments)
        assert answer.ok, answer.text
        return answer

    async def refused(self, actor: Actor, name: str, /, **arguments: object) -> str:
        """The sentence with which it does not work."""
        answer = await self.answer(actor, name, **arguments)
        assert not answer.ok, answer.text
        return answer.text

    async def settled(self, record: RequestRecord) -> RequestRecord:
        """The request when what runs of it has ended."""
        await self.console.executor.wait(record.id)
        return await requests.request(record.id)


def _request(outcome: Outcome) -> RequestRecord:
    assert outcome.request is not None, outcome.answer
    return outcome.request


def parts_of(
    settings: Settings,
    database: Database,
    queue: Queue,
    *,
    policy: Policy | str = PEOPLE,
    clock: Callable[[], datetime] = lambda: NOW,
    provided: Mapping[str, object] | None = None,
) -> Parts:
    """What one process gives its actions; ``policy`` may be more lines for ``ops.yaml`` after the people's."""
    return Parts(
        settings=settings,
        policy=parse_policy(policy) if isinstance(policy, str) else policy,
        database=database,
        queue=queue,
        clock=clock,
        database_url="" if settings.database_url is None else settings.database_url.get_secret_value(),
        redis_url="" if settings.redis_url is None else settings.redis_url.get_secret_value(),
        secrets=frozenset({SECRET}),
        provided=provided or {},
    )
