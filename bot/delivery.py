"""Brings messages of the outbox to their chats: at least once, in order in each chat, the newest state only.

A message that exists is edited, so that delivering it twice shows the same. What the platform refuses for now is
tried again when it says, or later and later; what it refuses for good is given up.
"""

import asyncio
import contextlib
import logging
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from chatops.observing.meters import Meters
from config.clock import Clock
from config.tasks import Tasks
from config.tracing import UNTRACED, Tracing
from storage import outbox
from storage.conversions import SUBJECT, conversions_of
from storage.errors import DatabaseUnreachable, QueueUnreachable
from storage.queue import Queue
from storage.records import Json, MessageRecord

log = logging.getLogger(__name__)

_ROUND_S = 1.0
"""Signals wake delivery at once; this is how long what nobody signalled may wait."""
_SEND_S = outbox.LEASE.total_seconds() - 1
_LONGEST_WAIT_S = 300.0
_TRYING = timedelta(hours=24)
_PROGRESS_EVERY_S = 1.0
_MANY_CHATS = 10_000
_SET_BACK_S = 1.0
_AFTER_SET_BACK_S = 20.0
"""So long afterwards, times may still be written that were read from the clock before."""
_MANY_DUE = 200
_ORDERED_TRIES = 3
"""A message that fails more often no longer holds those after it in its chat."""


class TryLater(Exception):
    """The platform asks to wait ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the platform asks to wait {seconds:g} seconds")
        self.seconds = seconds


class NotNow(TryLater):
    """Progress that need not be shown at once; nothing else of its chat waits for it."""


class Undeliverable(Exception):
    """This message can never be delivered there: the chat or message is gone, or the bot may not write."""


class Platform(Protocol):
    """One chat platform. ``deliver`` shows the present state of a message, which it renders itself."""

    name: str

    async def deliver(self, message: MessageRecord) -> Json:
        """Send the message, or edit it where ``message.place`` says; return its place.

        Raises TryLater or Undeliverable; anything else is tried again.
        """
        ...


@dataclass(slots=True)
class Delivery:
    """Delivers for the platforms of one process."""

    platforms: Mapping[str, Platform]
    queue: Queue
    clock: Clock
    meters: Meters = field(default_factory=Meters)
    tracing: Tracing = UNTRACED
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _chats: dict[tuple[str, str], asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _resting: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _busy: set[UUID] = field(default_factory=set)
    _shown: dict[UUID, float] = field(default_factory=dict)
    _tasks: Tasks = field(default_factory=Tasks)
    _showing_later: set[str] = field(default_factory=set)
    _passed_over: set[UUID] = field(default_factory=set)
    _clock_lead: float | None = None
    _set_back_at: float = field(default=-_AFTER_SET_BACK_S)

    async def run(self) -> None:
        """Deliver until cancelled; nothing of it goes on afterwards."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._rounds())
        finally:
            await self._tasks.close()

    async def finish(self, within_s: float) -> None:
        """Deliver what is due now, and wait for it."""
        with contextlib.suppress(TimeoutError, DatabaseUnreachable):
            async with asyncio.timeout(within_s):
                await self._round()
                await self._tasks.settle()

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def _rounds(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._follow_clock()
                await self._round()
            except DatabaseUnreachable as error:
                log.warning("%s", error)
            # Not ``wait_for``: in Python 3.11 it loses a cancellation that comes with the wake-up (cpython #86296).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ROUND_S):
                    await self._wake.wait()

    async def _follow_clock(self) -> None:
        """Where the machine's clock was set back, what was to be tried in a moment is not to wait for that long."""
        ticks = asyncio.get_running_loop().time()
        lead = self.clock().timestamp() - ticks
        before, self._clock_lead = self._clock_lead, lead
        if before is not None and lead < before - _SET_BACK_S:
            log.warning("the clock was set back by %.0f seconds", before - lead)
            self._set_back_at = ticks
            self._resting.clear()
            await outbox.hasten(list(self.platforms), now=self.clock())
        elif ticks - self._set_back_at < _AFTER_SET_BACK_S:
            beyond = timedelta(seconds=_LONGEST_WAIT_S)
            await outbox.hasten(list(self.platforms), now=self.clock(), beyond=beyond)

    async def _round(self) -> None:
        """Start what is due, each chat by itself."""
        now = self.clock()
        self._resting = {chat: until for chat, until in self._resting.items() if until > now}
        chats: dict[tuple[str, str], list[MessageRecord]] = defaultdict(list)
        for message in await self._due():
            if message.id in self._busy:
                self._passed_over.add(message.id)
            elif (message.platform, message.chat) not in self._resting:
                chats[message.platform, message.chat].append(message)
        for chat, messages in chats.items():
            self._tasks.start(self._deliver_chat(chat, messages))

    async def _due(self) -> Sequence[MessageRecord]:
        """What is due; chats that are slow do not hide the others, however much they are owed."""
        due = await outbox.due_messages(list(self.platforms), now=self.clock(), limit=_MANY_DUE)
        if len(due) < _MANY_DUE:
            return due
        slow = {chat for (_, chat), lock in self._chats.items() if lock.locked()} | {chat for _, chat in self._resting}
        return due + await outbox.due_messages(
            list(self.platforms), now=self.clock(), limit=_MANY_DUE, without_chats=slow
        )

    async def _deliver_chat(self, chat: tuple[str, str], messages: Sequence[MessageRecord]) -> None:
        self._busy.update(message.id for message in messages)
        try:
            async with self._chats[chat]:
                for message in messages:
                    if chat in self._resting or not await self._deliver(message):
                        break
        except DatabaseUnreachable as error:
            log.warning("%s", error)
        except Exception:
            log.exception("fault in delivery")
        finally:
            self._busy.difference_update(message.id for message in messages)
            self._look_again({message.id for message in messages})
        if len(self._chats) > _MANY_CHATS:
            for key in [key for key, lock in self._chats.items() if not lock.locked()]:
                del self._chats[key]

    def _look_again(self, delivered: set[UUID]) -> None:
        """What changed while it was being delivered is due again, and its signal has been heard."""
        if self._passed_over & delivered:
            self._passed_over -= delivered
            self.wake()

    async def _deliver(self, message: MessageRecord) -> bool:
        """Whether the chat's next message may follow."""
        if not await outbox.lease(message, now=self.clock()):
            self.wake()
            return True
        try:
            place = await self._send(message)
        except Undeliverable as error:
            await outbox.give_up(message.id, str(error), now=self.clock())
            log.warning("message %s is undeliverable: %s", message.id, error)
        except NotNow as error:
            await self._later(message, error.seconds, "other messages come first", rests=False)
        except TryLater as error:
            await self._later(message, error.seconds, str(error), rests=True)
            return False
        except Exception as error:
            await self._after_problem(message, error)
            return False
        else:
            await outbox.mark_delivered(message.id, message.wanted, place, now=self.clock())
        return True

    async def _send(self, message: MessageRecord) -> Json:
        correlation = await self._correlation(message)
        with self._span(correlation, message), self.meters.delivery(message.platform) as tally:
            try:
                async with asyncio.timeout(_SEND_S):
                    return await self.platforms[message.platform].deliver(message)
            except Undeliverable:
                tally.outcome = "undeliverable"
                raise
            except TryLater:
                tally.outcome = "later"
                raise

    async def _correlation(self, message: MessageRecord) -> str:
        """Of the picture that a message shows, where that is traced; empty for others."""
        if not self.tracing.is_on or message.subject != SUBJECT:
            return ""
        return next((one.correlation for one in await conversions_of(UUID(message.subject_id))), "")

    @contextlib.contextmanager
    def _span(self, correlation: str, message: MessageRecord) -> Iterator[None]:
        with (self.tracing if correlation else UNTRACED).span(correlation, "deliver") as note:
            note.values |= {"platform": message.platform, "final": message.is_final}
            yield

    async def _after_problem(self, message: MessageRecord, error: Exception) -> None:
        problem = f"{type(error).__name__}: {error}"
        if self.clock() - message.changed_at > _TRYING:
            await outbox.give_up(message.id, problem, now=self.clock())
            log.error("message %s is given up: %s", message.id, problem)
            return
        wait = min(_LONGEST_WAIT_S, 2.0**message.attempts) * random.uniform(0.75, 1.0)  # noqa: S311  (no secret)
        log.warning("message %s will be tried again in %.1f s: %s", message.id, wait, problem)
        await self._later(message, wait, problem, rests=message.attempts < _ORDERED_TRIES)

    async def _later(self, message: MessageRecord, seconds: float, problem: str, *, rests: bool) -> None:
        """Try again then; ``rests`` says whether what follows in the chat waits too."""
        due_at = self.clock() + timedelta(seconds=seconds)
        if rests:
            # In memory only: after a restart the platform says it again.
            self._resting[message.platform, message.chat] = due_at
        await outbox.postpone(message.id, due_at, problem)

    async def _listen(self) -> None:
        """Follow signals; while Redis is away, rounds go on."""
        while True:
            with contextlib.suppress(QueueUnreachable):
                async for signal in self.queue.signals():
                    if signal.kind == "outbox":
                        self.wake()
                    elif signal.kind == "progress":
                        self._tasks.start(self._show_progress(signal.id))
            await asyncio.sleep(_ROUND_S)

    async def _show_progress(self, post: str) -> None:
        """Edit what shows a running conversion, once a second at most; a state of the outbox comes first."""
        if post in self._showing_later:
            return
        with contextlib.suppress(DatabaseUnreachable):
            for message in await outbox.messages_of(SUBJECT, post):
                if message.platform not in self.platforms or message.is_final:
                    continue
                wait = self._wait_before(message)
                if wait > 0:
                    self._show_later(post, wait)
                else:
                    await self._edit_progress(message)

    def _wait_before(self, message: MessageRecord) -> float:
        """Seconds until a message may show progress again; not while it is being sent."""
        now = asyncio.get_running_loop().time()
        if message.place is None or message.id in self._busy:
            return _PROGRESS_EVERY_S
        wait = self._shown.get(message.id, -1e9) + _PROGRESS_EVERY_S - now
        if wait <= 0:
            self._shown = {key: at for key, at in self._shown.items() if now - at < 60} | {message.id: now}
        return wait

    def _show_later(self, post: str, seconds: float) -> None:
        """Once for all that is told in between: the newest stage must not stay unseen."""
        if post not in self._showing_later:
            self._showing_later.add(post)
            self._tasks.start(self._after_waiting(post, seconds))

    async def _after_waiting(self, post: str, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            self._showing_later.discard(post)
        await self._show_progress(post)

    async def _edit_progress(self, message: MessageRecord) -> None:
        chat = self._chats[message.platform, message.chat]
        if chat.locked():
            return
        async with chat:
            current = {one.id: one for one in await outbox.messages_of(message.subject, message.subject_id)}
            newest = current.get(message.id)
            if newest is None or newest.is_final:
                return
            try:
                async with asyncio.timeout(_SEND_S):
                    await self.platforms[message.platform].deliver(newest)
            except Exception as error:  # progress is a courtesy: the result will be tried again, this will not
                log.debug("progress of %s not shown: %s", message.subject_id, error)
