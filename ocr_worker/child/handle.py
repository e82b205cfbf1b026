"""The handle with which a worker reads pictures: always one child, replaced whenever a picture was too much for it."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from config.tasks import Tasks
from ocr_worker.child.errors import ReaderUnavailable, ReadingCrashed
from ocr_worker.child.limits import ChildLimits
from ocr_worker.child.replies import ReaderFacts, Reading
from ocr_worker.child.running import ChildWasGone, OnStage, RunningChild
from ocr_worker.child.starting import child_environment

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0
"""Seconds between starts of children that die by themselves, again and again."""

_STOPPED = "The reader was stopped: send the picture again in a moment."


class ReaderProcess:
    """Reads pictures one at a time in a child process; those that come meanwhile wait for their turn.

    The event loop must run in the process's main thread: on Linux a child ends with the thread that started it.
    """

    def __init__(
        self,
        command: Sequence[str],
        limits: ChildLimits | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``command`` starts the child; of ``environment`` (this process's) it gets what is no secret."""
        self._command = command
        self._limits = limits or ChildLimits()
        self._environment = os.environ if environment is None else environment
        self._turn = asyncio.Lock()
        self._child: RunningChild | None = None
        self._launch: asyncio.Task[None] | None = None
        self._tasks = Tasks()
        self._wanted = asyncio.Event()
        self._deaths = 0
        self._stopped = False

    @property
    def facts(self) -> ReaderFacts | None:
        """What the child that is ready says of itself; None while there is none."""
        return self._child.facts if self._child else None

    @property
    def pid(self) -> int | None:
        """The process id of the child that is ready; None while there is none."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Return when a child is ready; raises ReaderUnavailable."""
        self._stopped = False
        await self._ready_child()

    async def read(self, picture: bytes, on_stage: OnStage) -> Reading:
        """Read a picture file; ``on_stage`` is told each stage when it begins, and may fail without harm.

        Raises PictureRefused, ReadingFailed (one of its kinds), ReaderUnavailable. After a failure or when this
        call is cancelled, a new child is started at once.
        """
        async with self._turn:
            try:
                return await self._read(picture, on_stage)
            except ChildWasGone:
                # It died between two pictures, so this one is not to blame.
                return await self._read_again(picture, on_stage)

    async def stop(self) -> None:
        """End the child, also one that reads: that reading raises ReaderUnavailable."""
        self._stopped = True
        child, self._child = self._child, None
        await self._tasks.close()
        if child is not None:
            if self._turn.locked():
                child.kill()
            await child.end()

    async def _read_again(self, picture: bytes, on_stage: OnStage) -> Reading:
        try:
            return await self._read(picture, on_stage)
        except ChildWasGone as error:
            raise ReadingCrashed from error

    async def _read(self, picture: bytes, on_stage: OnStage) -> Reading:
        child = await self._ready_child()
        try:
            return await child.read(picture, on_stage)
        except (ReadingCrashed, ChildWasGone) as error:
            if self._stopped:
                raise ReaderUnavailable(_STOPPED) from error
            raise
        finally:
            self._after_picture(child)

    def _after_picture(self, child: RunningChild) -> None:
        """Keep a child that answered and is not old; otherwise begin to replace it."""
        if child.usable:
            self._deaths = 0
        if not child.usable or child.pictures >= self._limits.pictures_per_child:
            self._replace(child)

    async def _ready_child(self) -> RunningChild:
        """The child, as soon as there is one; raises ReaderUnavailable."""
        while not self._stopped:
            if self._child is not None and self._child.usable:
                return self._child
            launch = self._launching(self._child)
            self._wanted.set()
            await asyncio.wait({launch})
            if not launch.cancelled():
                launch.result()
        raise ReaderUnavailable(_STOPPED)

    def _launching(self, old: RunningChild | None = None) -> "asyncio.Task[None]":
        """The start of a child that goes on, or a new one, in the background; ``old`` is ended before."""
        if self._launch is None or self._launch.done():
            self._launch = self._tasks.start(self._start_child(old, self._pause()))
            self._launch.add_done_callback(_log_failure)
        return self._launch

    async def _start_child(self, old: RunningChild | None, pause: float) -> None:
        if old is not None:
            await old.end()
        if pause:
            await self._wait_until_wanted(pause)
        child = await RunningChild.start(self._command, self._limits, child_environment(self._environment))
        self._wanted.clear()
        self._child = child
        child.when_ended(self._ended)

    async def _wait_until_wanted(self, seconds: float) -> None:
        """Wait that long, or until a picture needs a child."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()

    def _ended(self, child: RunningChild) -> None:
        """A child's process has ended; where it was idle, another one is started."""
        if child is self._child and not self._turn.locked():
            log.warning("the reader's child %d ended by itself", child.pid)
            self._deaths += 1
            self._replace(child)

    def _replace(self, child: RunningChild) -> None:
        """Give up a child and start another, once for each, and not after ``stop``."""
        if child is self._child:
            self._child = None
            if not self._stopped:
                self._launching(child)

    def _pause(self) -> float:
        """Seconds before the next start: none at first, longer with each idle child that died since the last answer."""
        return 0.0 if self._deaths <= 1 else min(_LONGEST_PAUSE, 2.0 ** (self._deaths - 2))


def _log_failure(launch: "asyncio.Task[None]") -> None:
    if not launch.cancelled() and (error := launch.exception()):
        log.warning("no reader: %s", error)
