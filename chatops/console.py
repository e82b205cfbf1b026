"""The console: an order comes in, is authorised, planned, confirmed, approved, executed, recorded and answered."""

import contextlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chatops import plans
from chatops.answers import refusal
from chatops.authorisation import Authorisation, Identity
from chatops.execution import SILENCE, Executor, actor_of, fault, place_of, run_of
from chatops.model import Actor, Answer, Confirmation, Denied, OpsError, Order, Place, Plan, Risk, Suggestion
from chatops.parts import Parts
from chatops.redaction import Redactor
from chatops.registry import Action, Registry
from storage import audit, requests
from storage.audit import AuditLine
from storage.errors import DatabaseUnreachable, NotStored, StorageError
from storage.requests import RequestRecord, Stage

log = logging.getLogger(__name__)

_LIVES = {
    Confirmation.BUTTON: timedelta(seconds=60),
    Confirmation.PHRASE: timedelta(seconds=120),
    Confirmation.TWO_PERSONS: timedelta(seconds=120),
}
_APPROVAL_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order or a press: a request, which is shown where it was asked for, or just a sentence."""

    request: RequestRecord | None = None
    answer: Answer | None = None


async def _nobody(_: str) -> None:
    """Plans tell no progress."""


@dataclass(frozen=True, slots=True)
class Console:
    """All that people do with actions, whatever the chat."""

    parts: Parts
    registry: Registry
    authorisation: Authorisation
    executor: Executor
    redactor: Redactor

    async def take(self, order: Order) -> Outcome:
        """Take an order in; what is wrong with it is said in the answer."""
        try:
            action = self.registry.named(order.action)
            return await self._take(order, action)
        except Denied as error:
            await self._note_denied(order, str(error))
            return Outcome(answer=refusal(str(error)))
        except OpsError as error:
            return Outcome(answer=self.redactor.answer(refusal(str(error), error.suggestions)))
        except StorageError as error:
            return Outcome(answer=refusal(f"Nothing was done: {error}"))
        except Exception:  # of a plan, which runs code of a chapter
            return Outcome(answer=fault(order.action))

    async def confirm(self, request_id: UUID, actor: Actor, place: Place, phrase: str = "") -> Outcome:
        """The requester says yes to the plan, with the phrase where one is asked for."""
        return await self._decided(self._confirm(request_id, actor, place, phrase))

    async def approve(self, request_id: UUID, actor: Actor, place: Place) -> Outcome:
        """A second person says yes."""
        return await self._decided(self._approve(request_id, actor, place))

    async def cancel(self, request_id: UUID, actor: Actor, place: Place) -> Outcome:
        """The requester, or somebody who might have approved it, says no."""
        return await self._decided(self._cancel(request_id, actor, place))

    async def suggested(self, request_id: UUID, number: int) -> tuple[str, Mapping[str, str]]:
        """The action and the arguments that a request's answer suggests; raises OpsError, StorageError."""
        record = await requests.request(request_id)
        found = (record.answer or {}).get("suggestions", [])
        if number >= len(found):
            raise OpsError("This button is no longer in use.")
        return found[number]["action"], found[number]["arguments"]

    async def complete(self, actor: Actor, place: Place, name: str, option: str, typed: str) -> list[str]:
        """What may be meant by what is typed for a parameter; nothing for those who may not use the action."""
        try:
            action = self.registry.named(name)
            identity = await self.authorisation.identify(actor, now=self.parts.clock())
            self.authorisation.check(action, identity, place)
            return [self.redactor.text(one) for one in await action.parameter(option).complete(self.parts, typed)]
        except (OpsError, StorageError):
            return []

    async def offered(self, actor: Actor, place: Place) -> list[Action]:
        """What somebody may use in a place."""
        identity = await self.authorisation.identify(actor, now=self.parts.clock())
        return [action for action in self.registry if self.authorisation.may(action, identity, place)]

    def shown(self, record: RequestRecord) -> RequestRecord:
        """A request as it may be shown: its arguments are kept as they were given."""
        arguments = {name: self.redactor.text(text) for name, text in record.arguments.items()}
        return replace(record, arguments=arguments, phrase=self.redactor.text(record.phrase))

    async def glance(self) -> None:
        """Now and then: heartbeats, requests whose time is over, requests whose process has gone."""
        await self.executor.beat()
        now = self.parts.clock()
        for record in await requests.overdue(now):
            await self._end_unrun(record, Stage.EXPIRED, "nobody")
        for record in await requests.abandoned(now - SILENCE):
            await self._adopt(record)

    async def _take(self, order: Order, action: Action) -> Outcome:
        now = self.parts.clock()
        identity = await self.authorisation.identify(order.actor, now=now)
        role = self.authorisation.check(action, identity, order.place)
        arguments = action.canonical(order.arguments)
        values = action.read(arguments)
        if reason := action.missing(self.parts):
            raise OpsError(f"{action.name} is not configured here: {reason}")
        record = RequestRecord(
            id=uuid4(),
            origin=order.origin,
            action=action.name,
            arguments=action.kept(arguments),
            actor={**_actor_json(order.actor), "role": role.value},
            human=identity.human,
            place=_place_json(order.place),
            state=Stage.RUNNING,
            confirmation=Confirmation.NONE.value,
            created_at=now,
            executor=self.executor.name,
            started_at=now,
            alive_at=now,
        )
        if action.confirmation is Confirmation.NONE and action.planner is None:
            return await self._take_at_once(order, action, values, record)
        plan = await self._plan(action, values, record)
        self.authorisation.check(action, identity, order.place, plans.needed_role(action, plan))
        if plans.needed_confirmation(action, plan) is Confirmation.NONE:
            return await self._take_at_once(order, action, values, record)
        planned = self._planned(action, record, plan, now)
        return await self._keep(order, planned)

    async def _take_at_once(
        self, order: Order, action: Action, values: Mapping[str, Any], record: RequestRecord
    ) -> Outcome:
        try:
            outcome = await self._keep(order, record)
        except DatabaseUnreachable:
            if action.risk is not Risk.READ:
                raise
            run = run_of(self.parts, record, _nobody)
            answer = await self.executor.run_unrecorded(action, values, run)
            return Outcome(answer=replace(answer, text=f"{answer.text}\n(Not recorded: the database is away.)"))
        if outcome.request is not None and outcome.request.id == record.id:
            self.executor.start(record, action, values)
        return outcome

    async def _keep(self, order: Order, record: RequestRecord) -> Outcome:
        """Once for each origin: what is told twice shows the request of the first time."""
        said = {"plan_summary": (record.plan or {}).get("summary", "")}
        line = self._line("asked", record, record.human, said) if record.state is Stage.PLANNED else None
        message = None if order.message is None else replace(order.message, subject_id=str(record.id))
        if not await requests.create(record, message, line):
            return Outcome(request=await requests.request_of(order.origin))
        await self.executor.wake(record.id)
        return Outcome(request=record)

    async def _plan(self, action: Action, values: Mapping[str, Any], record: RequestRecord) -> Plan:
        run = run_of(self.parts, record, _nobody)
        if action.planner is None:
            return Plan(action.help)
        return self.redactor.plan(await action.planner(run, **values))

    def _planned(self, action: Action, record: RequestRecord, plan: Plan, now: datetime) -> RequestRecord:
        confirmation = plans.needed_confirmation(action, plan)
        environment = self.parts.policy.environment
        is_typed = confirmation in (Confirmation.PHRASE, Confirmation.TWO_PERSONS)
        return replace(
            record,
            state=Stage.PLANNED,
            confirmation=confirmation.value,
            phrase=plans.phrase_of(action, plan, environment) if is_typed else "",
            plan=plans.to_json(plan),
            plan_hash=plans.plan_hash(action, record.arguments, environment, record.human, plan),
            expires_at=now + _LIVES[confirmation],
            executor="",
            started_at=None,
            alive_at=None,
        )

    async def _decided(self, work: Any) -> Outcome:
        try:
            outcome: Outcome = await work
        except NotStored:
            return Outcome(answer=refusal("This request is no longer kept."))
        except OpsError as error:
            return Outcome(answer=self.redactor.answer(refusal(str(error))))
        except StorageError as error:
            return Outcome(answer=refusal(f"Nothing was done: {error}"))
        except Exception:
            return Outcome(answer=fault("a decision"))
        return outcome

    async def _confirm(self, request_id: UUID, actor: Actor, place: Place, phrase: str) -> Outcome:
        record = await self._open(request_id, Stage.PLANNED)
        identity = await self.authorisation.identify(actor, now=self.parts.clock())
        if identity.human != record.human:
            raise Denied("Only whoever asked for it can confirm it.")
        if not hmac.compare_digest(_folded(phrase).encode(), _folded(record.phrase).encode()):
            raise OpsError(f"That is not the phrase; type exactly: {record.phrase}")
        action, values = self._action(record)
        plan = await self._checked(record, action, values, identity, place)
        if plan is None:
            return Outcome(await requests.request(record.id), refusal("The plan has changed; look at it again."))
        if record.confirmation == Confirmation.TWO_PERSONS:
            now, line = self.parts.clock(), self._line("confirmed", record, identity.human)
            until = now + _APPROVAL_LIFE
            if not await requests.move(record.id, [Stage.PLANNED], Stage.WAITING, now=now, line=line, expires_at=until):
                raise OpsError(await self._ended_already(record.id))
            await self.executor.wake(record.id)
            return Outcome(await requests.request(record.id))
        return await self._begin(record, action, values, plan, Stage.PLANNED, None)

    async def _approve(self, request_id: UUID, actor: Actor, place: Place) -> Outcome:
        record = await self._open(request_id, Stage.WAITING)
        now = self.parts.clock()
        second = await self.authorisation.identify(actor, now=now)
        action, values = self._action(record)
        requester = await self.authorisation.identify(actor_of(record.actor), now=now)
        role = self.authorisation.check(action, requester, place_of(record.place))
        try:
            self.authorisation.check_second(action, record.human, second, place, role)
        except Denied as error:
            await audit.add(self._line("denied", record, second.human, {"why": str(error)}))
            raise
        plan = await self._checked(record, action, values, requester, place_of(record.place))
        if plan is None:
            return Outcome(
                await requests.request(record.id), refusal("The plan has changed; whoever asked must confirm it anew.")
            )
        approver = {**_actor_json(actor), "human": second.human}
        return await self._begin(record, action, values, plan, Stage.WAITING, approver)

    async def _cancel(self, request_id: UUID, actor: Actor, place: Place) -> Outcome:
        record = await self._open(request_id, Stage.PLANNED, Stage.WAITING)
        identity = await self.authorisation.identify(actor, now=self.parts.clock())
        if identity.human != record.human:
            action, _ = self._action(record)
            self.authorisation.check(action, identity, place)
        await self._end_unrun(record, Stage.CANCELLED, identity.human)
        return Outcome(await requests.request(record.id))

    async def _open(self, request_id: UUID, *stages: Stage) -> RequestRecord:
        """The request if it is at one of these stages and its time is not over; raises OpsError, NotStored."""
        record = await requests.request(request_id)
        if record.expires_at is not None and record.state in stages and record.expires_at <= self.parts.clock():
            await self._end_unrun(record, Stage.EXPIRED, "nobody")
            raise OpsError("Its time is over; ask for it again.")
        if record.state not in stages:
            raise OpsError(await self._ended_already(request_id))
        return record

    async def _ended_already(self, request_id: UUID) -> str:
        state = (await requests.request(request_id)).state
        said = {
            Stage.PLANNED: "It waits for whoever asked for it to confirm it.",
            Stage.WAITING: "It waits for a second person.",
            Stage.RUNNING: "It is being done already.",
            Stage.EXPIRED: "Its time is over; ask for it again.",
            Stage.CANCELLED: "It was cancelled.",
        }
        return said.get(state, "It has been done already.")

    async def _checked(
        self, record: RequestRecord, action: Action, values: Mapping[str, Any], identity: Identity, place: Place
    ) -> Plan | None:
        """The plan as it is now, if it is still what was confirmed; otherwise it is shown anew. Raises Denied."""
        before = plans.from_json(record.plan)
        plan = await self._plan(action, values, record)
        self.authorisation.check(action, identity, place, plans.needed_role(action, plan))
        if before is not None and not plans.has_changed(before, plan):
            return plan
        now = self.parts.clock()
        new = self._planned(action, record, plan, now)
        await requests.move(
            record.id,
            [record.state],
            Stage.PLANNED,
            now=now,
            line=self._line("replanned", new, identity.human, {"plan_summary": plan.summary}),
            plan=new.plan,
            plan_hash=new.plan_hash,
            confirmation=new.confirmation,
            phrase=new.phrase,
            expires_at=new.expires_at,
        )
        await self.executor.wake(record.id)
        return None

    async def _begin(
        self,
        record: RequestRecord,
        action: Action,
        values: Mapping[str, Any],
        plan: Plan,
        before: Stage,
        approver: Mapping[str, Any] | None,
    ) -> Outcome:
        """Of all who say yes at once, one begins."""
        now = self.parts.clock()
        who = record.human if approver is None else approver["human"]
        line = self._line("confirmed" if approver is None else "approved", record, who)
        changes: dict[str, Any] = {"executor": self.executor.name, "started_at": now, "alive_at": now}
        changes["plan"] = plans.to_json(plan)
        if approver is not None:
            changes["approver"] = approver
        if not await requests.move(record.id, [before], Stage.RUNNING, now=now, line=line, **changes):
            raise OpsError(await self._ended_already(record.id))
        begun = await requests.request(record.id)
        self.executor.start(begun, action, values)
        await self.executor.wake(record.id)
        return Outcome(begun)

    async def _end_unrun(self, record: RequestRecord, stage: Stage, who: str) -> None:
        now, line = self.parts.clock(), self._line(stage.value, record, who)
        if await requests.move(record.id, [Stage.PLANNED, Stage.WAITING], stage, now=now, line=line, ended_at=now):
            await self.executor.wake(record.id)

    async def _adopt(self, record: RequestRecord) -> None:
        now = self.parts.clock()
        line = self._line("adopted", record, record.human, {"from": record.executor})
        if not await requests.adopt(record.id, record.executor, self.executor.name, now=now, line=line):
            return
        adopted = replace(record, executor=self.executor.name)
        try:
            action, values = self._action(record)
        except OpsError as error:  # a release that knows the action no longer
            sentence = {"ok": False, "text": f"Unknown: {error}"}
            await requests.finish(record.id, Stage.UNKNOWN, sentence, executor=self.executor.name, now=now)
            return
        self.executor.resume(adopted, action, values)

    def _action(self, record: RequestRecord) -> tuple[Action, dict[str, Any]]:
        action = self.registry.named(record.action)
        return action, action.read(record.arguments)

    def _line(
        self, kind: str, record: RequestRecord, human: str, details: Mapping[str, Any] | None = None
    ) -> AuditLine:
        said = {**(details or {}), "arguments": dict(record.arguments), "plan": record.plan_hash}
        said |= {"place": dict(record.place), "account": f"{record.actor['platform']}:{record.actor['user']}"}
        return AuditLine(kind, record.action, human, self.parts.clock(), str(record.id), self.redactor.json(said))

    async def _note_denied(self, order: Order, why: str) -> None:
        with contextlib.suppress(StorageError):
            details = {"why": why, "place": _place_json(order.place), "arguments": dict(order.arguments)}
            identity = await self.authorisation.identify(order.actor, now=self.parts.clock())
            now = self.parts.clock()
            name = order.action[:64]
            await audit.add(AuditLine("denied", name, identity.human, now, "", self.redactor.json(details)))


def start_console(parts: Parts, registry: Registry) -> Console:
    """Put the parts together, for one process."""
    contacts = [one.address for one in parts.policy.on_call.contacts.values()]
    redactor = Redactor.of(parts.secrets, shown=contacts)
    executor = Executor(parts, redactor, f"console:{uuid4().hex}")
    return Console(parts, registry, Authorisation(parts.policy, parts.settings), executor, redactor)


def suggestion(action: str, label: str = "", **arguments: object) -> Suggestion:
    """An action as a button; its own name is the label where none is given."""
    return Suggestion(label or action, action, {name.replace("_", "-"): str(one) for name, one in arguments.items()})


def _actor_json(actor: Actor) -> dict[str, Any]:
    return {"platform": actor.platform, "user": actor.user, "name": actor.name, "groups": sorted(actor.groups)}


def _place_json(place: Place) -> dict[str, Any]:
    return {
        "platform": place.platform,
        "chat": place.chat,
        "is_private": place.is_private,
        "also": sorted(place.also),
        **({"incident": place.incident} if place.incident else {}),
    }


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
