"""One child from its start to its end, as its worker sees it."""

import asyncio
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from config.tasks import Tasks
from ocr_worker.child import memory
from ocr_worker.child.errors import (
    PictureRefused,
    ReaderUnavailable,
    ReadingCrashed,
    ReadingFaulted,
    ReadingOutOfMemory,
    ReadingTimedOut,
)
from ocr_worker.child.limits import ChildLimits
from ocr_worker.child.messages import LENGTHS, Message, MessageKind, ProtocolError, lengths, packed, unpacked
from ocr_worker.child.replies import ReaderFacts, Reading, facts_of, reading_of

log = logging.getLogger(__name__)

OnStage = Callable[[str], Awaitable[None]]

_STOP_SECONDS = 2.0
"""How long a child may take to end when it is told to."""

_LISTENER_SECONDS = 2.0
"""How long whoever follows the stages may take over one of them: progress must not cost a picture its time."""

_BROKEN = (EOFError, OSError, ProtocolError)
"""What reading from and writing to a child that is dying raises."""


class ChildWasGone(Exception):
    """The child was dead before it touched the picture, which another one may read."""


class RunningChild:
    """A child that is ready; ``pictures`` counts those that it was given."""

    def __init__(self, process: Process, facts: ReaderFacts, limits: ChildLimits) -> None:
        self.facts = facts
        self.pictures = 0
        self._process = process
        self._limits = limits
        self._killed = False
        self._tasks = Tasks()
        self._exit = self._tasks.start(process.wait())

    @classmethod
    async def start(cls, command: Sequence[str], limits: ChildLimits, environment: Mapping[str, str]) -> "RunningChild":
        """Start a child and wait until it is ready; raises ReaderUnavailable."""
        process = await _spawn(command, environment)
        try:
            facts = await _facts(process, limits.start_s)
        except BaseException:
            _kill(process)
            await process.wait()
            raise
        memory.cap(process.pid, limits.memory_bytes)
        return cls(process, facts, limits)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can be given another picture."""
        return not self._killed and self._process.returncode is None

    def when_ended(self, tell: Callable[["RunningChild"], None]) -> None:
        """Let ``tell`` know when the process has ended, for whatever reason."""
        self._exit.add_done_callback(lambda _: tell(self))

    async def read(self, picture: bytes, on_stage: OnStage) -> Reading:
        """Read a picture; raises PictureRefused, ReadingFailed, ChildWasGone.

        A child that does not answer within its limits, or whose answer nobody waits for any more, is killed.
        """
        self.pictures += 1
        exchange = self._tasks.start(self._exchange(picture, on_stage))
        growth = self._tasks.start(memory.outgrown(self.pid, self._limits.memory_bytes))
        try:
            await asyncio.wait({exchange, growth}, timeout=self._limits.time_s, return_when=asyncio.FIRST_COMPLETED)
            return self._outcome(exchange, growth)
        except (PictureRefused, ReadingFaulted):
            raise
        except BaseException:
            self.kill()
            raise
        finally:
            exchange.cancel()
            growth.cancel()
            await asyncio.gather(exchange, growth, return_exceptions=True)

    def _outcome(self, exchange: "asyncio.Task[Message]", growth: "asyncio.Task[None]") -> Reading:
        if not exchange.done():
            raise ReadingOutOfMemory if growth.done() else ReadingTimedOut(self._limits.time_s)
        try:
            return reading_of(exchange.result())
        except ProtocolError as error:
            log.warning("the reader's child sent %s", error)
            raise ReadingCrashed from error

    async def _exchange(self, picture: bytes, on_stage: OnStage) -> Message:
        """Send the picture and follow the stages up to the message that is none of them."""
        begun = False
        try:
            await _send(self._process, Message(MessageKind.READ, payload=picture))
            while (message := await _receive(self._process)).kind is MessageKind.STAGE:
                begun = True
                await _tell(on_stage, message.text("name"))
        except (EOFError, OSError) as error:
            raise ReadingCrashed if begun else ChildWasGone from error
        return message

    def kill(self) -> None:
        """End the process now, whatever it does."""
        self._killed = True
        _kill(self._process)

    async def end(self) -> None:
        """Return when the process has ended: told to stop first, killed if it does not."""
        try:
            if self.usable:
                await self._ask_to_stop()
        finally:
            self.kill()
        await asyncio.shield(self._exit)

    async def _ask_to_stop(self) -> None:
        with suppress(*_BROKEN, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await _send(self._process, Message(MessageKind.STOP))
                await asyncio.shield(self._exit)


async def _spawn(command: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Start the process, out of reach of the terminal's Ctrl-C even before it can ignore that."""
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
        )
    except OSError as error:
        raise ReaderUnavailable(f"The reader cannot be started ({error.strerror or error}).") from error


async def _facts(process: Process, seconds: float) -> ReaderFacts:
    """What a new child says of itself within that time; raises ReaderUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            return facts_of(await _receive(process))
    except TimeoutError as error:
        raise ReaderUnavailable(f"The reader was not ready within {seconds:g} seconds.") from error
    except _BROKEN as error:
        raise ReaderUnavailable("The reader broke down while it started: its log says why.") from error


async def _receive(process: Process) -> Message:
    """The next message; raises EOFError when the child is gone, ProtocolError."""
    assert process.stdout is not None  # noqa: S101  (made with a pipe)
    header, payload = lengths(await process.stdout.readexactly(LENGTHS.size))
    if payload:
        raise ProtocolError("a payload from the child")
    return unpacked(await process.stdout.readexactly(header))


async def _send(process: Process, message: Message) -> None:
    """Send a message; OSError when the child is gone."""
    assert process.stdin is not None  # noqa: S101  (made with a pipe)
    process.stdin.write(packed(message))
    process.stdin.write(message.payload)
    await process.stdin.drain()


async def _tell(on_stage: OnStage, name: str) -> None:
    """Tell of a stage; that nobody could be told does not hurt the picture."""
    try:
        async with asyncio.timeout(_LISTENER_SECONDS):
            await on_stage(name)
    except Exception as error:
        log.warning("stage %s could not be told: %r", name, error)


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
