"""Keeps one part alive: starts it, tells when it is ready, starts it again when it ends."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.supervision.back_off import BackOff
from bot.supervision.part import Part, Report, State
from bot.supervision.process import Output, PartProcess
from config.tasks import first_of

BAD_SETTINGS = 2
"""The exit code of a part that no new start will help; it has said on stderr what is wrong."""

#: Exit codes after SIGTERM of parts that take care of it, and of those that do not.
_AS_ASKED = (0, -signal.SIGTERM)
_PROBE_PAUSE_S = 0.1
_PROBE_S = 5.0


@dataclass(frozen=True)
class Surroundings:
    """What all parts share: where they report and write, and time and chance.

    Without ``output`` they write where this process does, without ``environment`` they have its own.
    """

    report: Report
    back_off: BackOff = field(default_factory=BackOff)
    output: Output | None = None
    environment: Mapping[str, str] | None = None
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Told:
    """What was reported last of a part, and when, in seconds since 1970; ``starts`` counts its lives."""

    state: State
    detail: str
    since: float
    starts: int


class Keeper:
    """Keeps one part alive until it is told to stop it."""

    def __init__(self, part: Part, surroundings: Surroundings) -> None:
        self.part = part
        #: Set while the part can be used.
        self.ready = asyncio.Event()
        self.told = Told(State.STARTING, "", surroundings.now(), 0)
        self._around = surroundings
        self._process: PartProcess | None = None
        self._last_signal: signal.Signals | None = None
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._begun = False
        self._hurry = asyncio.Event()
        self._again = False
        self._life_over = asyncio.Event()
        self._starts = 0

    @property
    def is_wanted(self) -> bool:
        """Whether it shall run."""
        return not self._stopping.is_set()

    @property
    def pid(self) -> int | None:
        """Its process at present."""
        return None if self._process is None else self._process.pid

    async def keep(self) -> int | None:
        """Run the part until it is stopped; return None then, and BAD_SETTINGS when it ended by itself with that."""
        self._begun = True
        try:
            return await self._keep()
        finally:
            self._finished.set()

    async def stop(self) -> None:
        """Ask the part to end, kill it when its time is over, wait for its end."""
        self._stopping.set()
        if not self._begun or self._finished.is_set():
            return
        self._report(State.STOPPING)
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(self.part.stop_within_s):
                await self._finished.wait()
        except TimeoutError:
            self._report(State.STOPPING, f"killed, since it did not stop within {self.part.stop_within_s:g} s")
            self.kill()
            await self._finished.wait()

    async def restart(self, *, at_once: bool = False) -> None:
        """Have the part start anew without a wait; returns when its process has ended.

        It is asked to end and killed when its time is over, or killed ``at_once``.
        """
        self._hurry.set()
        process, over = self._process, self._life_over
        if process is None or self._stopping.is_set():
            return
        self._again = True
        self._report(State.STOPPING, "to be started again")
        process.send(signal.SIGKILL if at_once else signal.SIGTERM)
        try:
            async with asyncio.timeout(self.part.stop_within_s):
                await over.wait()
        except TimeoutError:
            self._report(State.STOPPING, f"killed, since it did not stop within {self.part.stop_within_s:g} s")
            process.send(signal.SIGKILL)
            await over.wait()

    def kill(self) -> None:
        """End the part at once, or as soon as it starts."""
        self._stopping.set()
        self._send(signal.SIGKILL)

    async def _keep(self) -> int | None:
        failures = 0
        while not self._stopping.is_set():
            begin = self._around.clock()
            code, reason = await self._live()
            if self._stopping.is_set():
                self._report(State.STOPPED, "" if code in _AS_ASKED else reason)
            elif self._again:
                self._again, failures = False, 0
            elif code == BAD_SETTINGS:
                self._report(State.FAILED, reason)
                return BAD_SETTINGS
            else:
                long_life = self._around.clock() - begin >= self._around.back_off.good_after_s
                failures = 1 if long_life else failures + 1
                await self._pause(failures, reason)
        return None

    async def _pause(self, failures: int, reason: str) -> None:
        seconds = self._around.back_off.delay(failures, self._around.chance())
        self._report(State.RESTARTING, f"in {seconds:.1f} s ({reason})")
        await first_of(self._sleep(seconds), self._stopping.wait(), self._hurry.wait())
        if self._stopping.is_set():
            self._report(State.STOPPED)

    async def _live(self) -> tuple[int, str]:
        """Run the part once; return its exit code, and words on why it ended."""
        self._hurry.clear()
        self._life_over = asyncio.Event()
        self._starts += 1
        self._report(State.STARTING)
        environment = os.environ if self._around.environment is None else self._around.environment
        try:
            self._process = await PartProcess.start(self.part, environment, self._around.output)
        except OSError as error:
            return _code_of(error), f"cannot be started: {error.strerror}"
        if self._last_signal is not None:
            # It came while the process was being started.
            self._process.send(self._last_signal)
        try:
            code = await self._wait(self._process)
        finally:
            self.ready.clear()
            self._process = None
            self._life_over.set()
        return code, _how(code)

    async def _wait(self, process: PartProcess) -> int:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch_readiness())
            code = await process.wait()
            watching.cancel()
        return code

    async def _watch_readiness(self) -> None:
        while not await self._is_ready():
            await asyncio.sleep(_PROBE_PAUSE_S)
        self.ready.set()
        if not self._stopping.is_set() and not self._again:
            self._report(State.READY)

    async def _is_ready(self) -> bool:
        if self.part.is_ready is None:
            return True
        try:
            async with asyncio.timeout(_PROBE_S):
                return await self.part.is_ready()
        except OSError:
            return False

    async def _sleep(self, seconds: float) -> None:
        await self._around.sleep(seconds)

    def _send(self, what: signal.Signals) -> None:
        if self._last_signal is not signal.SIGKILL:
            self._last_signal = what
        if self._process is not None:
            self._process.send(what)

    def _report(self, state: State, detail: str = "") -> None:
        self.told = Told(state, detail, self._around.now(), self._starts)
        self._around.report(self.part.name, state, detail)


def _code_of(error: OSError) -> int:
    """A program that is missing stays missing; memory or processes that are short may be back."""
    return BAD_SETTINGS if isinstance(error, FileNotFoundError | PermissionError) else 1


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
