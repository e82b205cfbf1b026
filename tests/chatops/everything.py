"""Every action of the product, ordered with arguments that fit: what is only read is read, what changes is planned."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chatops.console import Outcome
from chatops.model import Actor, Order, Place
from chatops.parameters import (
    Duration,
    Flag,
    Integer,
    Moment,
    Name,
    Network,
    Number,
    Pattern,
    Schedule,
    Secret,
    Size,
    Text,
    Word,
)
from chatops.parts import Parts
from chatops.registry import Action, Parameter
from storage import audit, requests
from storage.records import NewMessage
from storage.requests import SUBJECT, RequestRecord, StoredFile
from tests.chatops.acting import ALICE, OPS, Ops

_ENOUGH_S = 4.0
"""What takes longer, such as a scan, is ended: what it has told by then counts."""
FAULT = "fault of the console"


@dataclass
class Told:
    """What came of one order."""

    action: Action
    outcome: Outcome
    record: RequestRecord | None = None
    files: list[StoredFile] = field(default_factory=list)

    @property
    def texts(self) -> str:
        """All that it shows or keeps, but for the arguments as they were given."""
        if self.record is None:
            return repr(self.outcome.answer)
        kept = (self.record.plan, self.record.answer, list(self.record.progress))
        return repr(kept) + "".join(f"{one.name}\n{one.data.decode('utf-8', 'replace')}" for one in self.files)


async def sample(parameter: Parameter, parts: Parts, words: str) -> str:
    """Text that a parameter takes, if any is known; free texts are ``words``."""
    kind = parameter.kind
    match kind:
        case Integer() | Number():
            return str(kind.least)
        case Duration() | Size():
            return kind.least
        case Word():
            return kind.words[0]
        case Flag():
            return "no"
        case Moment():
            return "+1h"
        case Schedule():
            return "0 2 * * *"
        case Network():
            return "203.0.113.7"
        case Pattern():
            return "v1.2.3"
        case Text():
            return words[: kind.longest].ljust(kind.shortest, "x")
        case Secret():
            return words
        case Name():
            offered = await parameter.complete(parts, "")
            return offered[0] if offered else "discord:3"
    return words


async def arguments(action: Action, ops: Ops, words: str) -> dict[str, str]:
    """For all that must be given, and for all free texts."""
    wanted = [one for one in action.parameters if one.is_required or isinstance(one.kind, Text)]
    return {one.option: await sample(one, ops.parts, words) for one in wanted}


async def ordered(ops: Ops, name: str, given: Mapping[str, str], actor: Actor = ALICE, place: Place = OPS) -> Outcome:
    """One order, with a message that shows it."""
    identity = f"everything:{name}:{len(repr(given))}:{id(given)}"
    message = NewMessage(place.platform, place.chat, SUBJECT, "", origin=identity)
    return await ops.console.take(Order(actor, place, name, given, identity, message))


async def everything(ops: Ops, words: str) -> list[Told]:
    """Order all; wait for what runs, for a while."""
    told = []
    for action in ops.console.registry:
        given = await arguments(action, ops, words)
        told.append(Told(action, await ordered(ops, action.name, given)))
    await wait_for(ops, [one.outcome.request.id for one in told if one.outcome.request is not None])
    for one in told:
        if one.outcome.request is not None:
            one.record = await requests.request(one.outcome.request.id)
            one.files = await requests.files_of(one.record.id)
    return told


async def wait_for(ops: Ops, running: Sequence[UUID]) -> None:
    """Until they have ended, or for a while; then the process ends."""
    waits = [asyncio.create_task(ops.console.executor.wait(identity)) for identity in running]
    if waits:
        await asyncio.wait(waits, timeout=_ENOUGH_S)
    await ops.console.executor.close(within_s=0)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


def faults(told: list[Told]) -> Iterator[str]:
    """Actions that ended in a fault of their own."""
    for one in told:
        if FAULT in one.texts:
            yield f"{one.action.name}: {one.texts[:300]}"


async def trail() -> str:
    """All of the audit trail."""
    return "\n".join([repr(one) async for one in audit.all_lines()])
