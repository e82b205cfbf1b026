"""Executes actions: locked, timed, told, recorded before and after; what dies in between is found and told."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from chatops import answers, plans
from chatops.answers import refusal
from chatops.model import Actor, Answer, OpsError, Place, Suggestion
from chatops.observing.meters import METERS
from chatops.parts import Parts
from chatops.redaction import Redactor
from chatops.registry import Action, Function
from chatops.run import Run
from chatops.talking import event_of
from config.ops import Role
from config.tasks import Tasks, beside, end
from storage import audit, requests
from storage.audit import AuditLine
from storage.errors import DatabaseUnreachable, QueueUnreachable, StorageError
from storage.queue import Signal
from storage.requests import RequestRecord, Stage, StoredFile

log = logging.getLogger(__name__)

SILENCE = timedelta(seconds=10)
"""A running request that is not heard of for so long has lost its process."""
_TELL_EVERY_S = 1.0
_MOST_LINES = 12


class LockedError(OpsError):
    """The same is being done already."""


@dataclass(slots=True)
class Executor:
    """Runs requests in this process. ``name`` tells its process from all others."""

    parts: Parts
    redactor: Redactor
    name: str
    _running: dict[UUID, "asyncio.Task[None]"] = field(default_factory=dict)
    _tasks: Tasks = field(default_factory=Tasks)
    _resumable: set[UUID] = field(default_factory=set)

    def start(self, record: RequestRecord, action: Action, values: Mapping[str, Any]) -> None:
        """Run a request whose state is ``running`` beside the caller."""
        self._spawn(record, self._carry_out(record, action, action.function, values))

    def resume(self, record: RequestRecord, action: Action, values: Mapping[str, Any]) -> None:
        """Go on with a request whose process has gone."""
        if action.resumer is None:
            self._spawn(record, self._tell_lost(record, action))
        else:
            self._spawn(record, self._carry_out(record, action, action.resumer, values))

    async def wait(self, request_id: UUID, within_s: float | None = None) -> bool:
        """Until a request has ended, but no longer than ``within_s``; false at once where this process runs it not."""
        task = self._running.get(request_id)
        if task is None:
            return False
        await asyncio.wait({task}, timeout=within_s)
        return True

    async def beat(self) -> None:
        """Tell that what runs here is being worked on."""
        if self._running:
            await requests.say_alive(self.name, now=self.parts.clock())

    async def close(self, within_s: float) -> None:
        """Let what runs end, but for what can go on elsewhere; the next process takes over at once what does not."""
        leaving = {self._running[identity] for identity in self._resumable & set(self._running)}
        for task in leaving:
            task.cancel()
        await self._tasks.settle(within_s)
        # One that tidies up already is not disturbed in that.
        await end(*(task for task in self._running.values() if task not in leaving))
        await self._tasks.settle()
        with contextlib.suppress(StorageError):
            await requests.let_go(self.name, before=self.parts.clock() - 2 * SILENCE)

    async def run_unrecorded(self, action: Action, values: Mapping[str, Any], run: Run) -> Answer:
        """For reading while nothing can be recorded."""
        answer, _ = await self._outcome(action, action.function, values, run)
        return self.redactor.answer(answer)

    def _spawn(self, record: RequestRecord, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.start(work, f"request {record.id}")
        self._running[record.id] = task
        task.add_done_callback(lambda _: self._running.pop(record.id, None))

    async def _carry_out(
        self, record: RequestRecord, action: Action, function: Function, values: Mapping[str, Any]
    ) -> None:
        structlog.contextvars.bind_contextvars(request=str(record.id), action=action.name)
        telling = _Telling(self, record)
        run = run_of(self.parts, record, telling.add)
        if action.resumer is not None:
            self._resumable.add(record.id)
        try:
            async with telling.following(), self._locked(action, record):
                if action.lock:
                    await audit.add(self._line("started", record, {"executor": self.name}))
                answer, stage = await self._outcome(action, function, values, run)
        except LockedError as error:
            answer, stage = refusal(str(error)), Stage.REFUSED
        except StorageError as error:
            answer, stage = refusal(f"Nothing was done: {error}"), Stage.FAILED
        if self.parts.has(METERS):
            took = (self.parts.clock() - (record.started_at or record.created_at)).total_seconds()
            self.parts.get(METERS).executed(action.name, stage.value, max(0.0, took))
        await self._end(record, action, self.redactor.answer(answer), stage)

    async def _outcome(
        self, action: Action, function: Function, values: Mapping[str, Any], run: Run
    ) -> tuple[Answer, Stage]:
        limit = asyncio.timeout(action.timeout.total_seconds())
        try:
            async with limit:
                answer = await function(run, **values)
        except OpsError as error:
            return refusal(str(error), error.suggestions), Stage.FAILED
        except StorageError as error:
            return refusal(str(error)), Stage.FAILED
        except TimeoutError:
            if limit.expired():
                return self._unknown(action, f"took longer than {action.timeout.total_seconds():.0f} s"), Stage.UNKNOWN
            log.exception("%s: something did not answer in time", action.name)
            return refusal("Something that this needs did not answer in time."), Stage.FAILED
        except Exception:
            return fault(action.name), Stage.FAILED
        return answer, Stage.DONE if answer.ok else Stage.FAILED

    async def _tell_lost(self, record: RequestRecord, action: Action) -> None:
        await self._end(record, action, self._unknown(action, "lost its process in the middle"), Stage.UNKNOWN)

    @staticmethod
    def _unknown(action: Action, why: str) -> Answer:
        check = action.check or "audit list"
        return refusal(
            f"Unknown: {action.name} {why}, and may have done all, some or nothing. Check with {check}.",
            [Suggestion(check, check)],
        )

    async def _end(self, record: RequestRecord, action: Action, answer: Answer, stage: Stage) -> None:
        """Told until the database takes it: only then is it over."""
        files = [StoredFile(one.name, one.data, one.media_type) for one in answer.files]
        while True:
            now = self.parts.clock()
            try:
                stored = answers.to_json(answer)
                took = (now - (record.started_at or record.created_at)).total_seconds()
                said = {"outcome": stage.value, "text": answer.text[:500], "seconds": took}
                line = self._line("ended", record, said)
                event = await event_of(record, action, answer, stage.value)
                await requests.finish(
                    record.id, stage, stored, files, executor=self.name, now=now, line=line, event=event
                )
                break
            except DatabaseUnreachable as error:
                log.warning("%s", error)
                await asyncio.sleep(1.0)
        await self.wake(record.id)

    async def wake(self, request_id: UUID) -> None:
        """Have the messages of a request delivered now."""
        with contextlib.suppress(QueueUnreachable):
            await self.parts.queue.signal(Signal("outbox", str(request_id)))

    def _line(self, kind: str, record: RequestRecord, details: Mapping[str, Any]) -> AuditLine:
        said = self.redactor.json({**details, "arguments": dict(record.arguments), "plan": record.plan_hash})
        return AuditLine(kind, record.action, record.human, self.parts.clock(), str(record.id), said)

    @asynccontextmanager
    async def _locked(self, action: Action, record: RequestRecord) -> AsyncIterator[None]:
        if not action.lock:
            yield
            return
        owner, name = str(record.id), f"action:{action.lock}"
        now = self.parts.clock()
        has = await requests.take_lock(name, owner, now=now, until=now + action.timeout + SILENCE)
        if has != owner:
            raise LockedError(f"{action.name} is being done already, by request {has[:8]}; wait until it has ended.")
        try:
            yield
        finally:
            with contextlib.suppress(DatabaseUnreachable):
                await requests.give_lock(name, owner)


@dataclass(slots=True)
class _Telling:
    """Lines of progress, written at most once a second."""

    executor: Executor
    record: RequestRecord
    lines: list[str] = field(default_factory=list)
    _is_new: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, line: str) -> None:
        self.lines = [*self.lines, self.executor.redactor.text(line)][-_MOST_LINES:]
        self._is_new.set()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        async with beside(self._follow()):
            yield

    async def _follow(self) -> None:
        while True:
            await self._is_new.wait()
            self._is_new.clear()
            began = time.monotonic()
            with contextlib.suppress(StorageError):
                await requests.show_progress(self.record.id, self.lines, now=self.executor.parts.clock())
                await self.executor.wake(self.record.id)
            await asyncio.sleep(max(0.0, _TELL_EVERY_S - (time.monotonic() - began)))


def fault(where: str) -> Answer:
    """To be called while an exception is handled that nobody expected: what it says stays in the log."""
    identity = uuid4().hex[:8]
    log.exception("fault %s in %s", identity, where)
    return refusal(f"This is a fault of the console; the log has it as {identity}.")


def run_of(parts: Parts, record: RequestRecord, tell: Any) -> Run:
    """What an action's function is given for a request."""
    actor, place = actor_of(record.actor), place_of(record.place)
    role = Role(record.actor["role"])
    return Run(parts, actor, record.human, role, place, record.id, tell, plans.from_json(record.plan))


def actor_of(stored: Mapping[str, Any]) -> Actor:
    """Who, as it was kept."""
    return Actor(stored["platform"], stored["user"], stored["name"], frozenset(stored["groups"]))


def place_of(stored: Mapping[str, Any]) -> Place:
    """Where, as it was kept."""
    also = frozenset(stored["also"])
    return Place(stored["platform"], stored["chat"], stored["is_private"], also, stored.get("incident", ""))
