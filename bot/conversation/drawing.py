"""Pictures of what was read, drawn in processes of their own: the bot itself opens no picture that somebody sent.

A process takes a second to start, more on a busy machine, so it stays for the next picture. It ends by itself when none
comes for a while, and after some pictures, since what strangers send may leave something behind in it.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.programs import end_process
from ocr_worker.child.starting import child_environment

_LONGEST_S = 30.0
_AT_ONCE = 2
_MOST_PICTURES = 50
_LENGTH_BYTES = 4


class CannotDraw(Exception):
    """The picture could not be drawn in time."""


class _Gone(Exception):
    """The process has ended without an answer."""


@dataclass(slots=True)
class _Helper:
    """One process that draws one picture after another."""

    process: Process
    orders: StreamWriter
    drawings: StreamReader
    drawn: int = 0

    @classmethod
    async def start(cls) -> "_Helper":
        command = (sys.executable, "-P", "-m", "ocr_worker.drawing")
        environment = child_environment(os.environ)
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=environment)
        if process.stdin is None or process.stdout is None:
            raise _Gone
        return cls(process, process.stdin, process.stdout)

    async def ask(self, request: bytes) -> bytes:
        """Its answer, empty where it cannot draw; raises _Gone, TimeoutError."""
        self.drawn += 1
        try:
            async with asyncio.timeout(_LONGEST_S):
                self.orders.write(request)
                await self.orders.drain()
                length = await self.drawings.readexactly(_LENGTH_BYTES)
                return await self.drawings.readexactly(int.from_bytes(length, "big"))
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise _Gone from error

    async def end(self) -> None:
        await end_process(self.process)


@dataclass(slots=True)
class Drawing:
    """Draws for one bot process, a few at a time."""

    data_dir: Path
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _idle: list[_Helper] = field(default_factory=list)

    async def annotated(self, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        """The picture with what was read, as JPEG; raises CannotDraw."""
        return await self._draw("annotated", picture, deck)

    async def crops(self, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        """The doubtful lines cut out, one below the other with their numbers, as PNG; raises CannotDraw."""
        return await self._draw("crops", picture, deck)

    async def close(self) -> None:
        """End the processes that wait for pictures."""
        while self._idle:
            await self._idle.pop().end()

    async def _draw(self, what: str, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        order = {"what": what, "deck": dict(deck), "data_dir": str(self.data_dir), "size": len(picture)}
        head = json.dumps(order).encode()
        request = len(head).to_bytes(_LENGTH_BYTES, "big") + head + picture
        async with self._turn:
            try:
                drawn = await self._drawn(request)
            except (TimeoutError, _Gone) as error:
                raise CannotDraw("the picture could not be drawn, or not in time") from error
        if not drawn:
            raise CannotDraw("the picture could not be drawn")
        return drawn

    async def _drawn(self, request: bytes) -> bytes:
        """By a process that waits; by a new one where there is none, or it has just ended by itself."""
        while self._idle:
            with contextlib.suppress(_Gone):
                return await self._asked(self._idle.pop(), request)
        return await self._asked(await _Helper.start(), request)

    async def _asked(self, helper: _Helper, request: bytes) -> bytes:
        """Its answer; it waits for the next picture then, and is ended after anything else."""
        try:
            drawn = await helper.ask(request)
        except BaseException:
            await helper.end()
            raise
        if helper.drawn < _MOST_PICTURES:
            self._idle.append(helper)
        else:
            await helper.end()
        return drawn


@asynccontextmanager
async def open_drawing(data_dir: Path) -> AsyncIterator[Drawing]:
    """Drawing for as long as a process needs it."""
    drawing = Drawing(data_dir)
    try:
        yield drawing
    finally:
        await drawing.close()
