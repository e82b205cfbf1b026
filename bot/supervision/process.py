"""One run of a part's program: in a session of its own, so that a terminal's Ctrl-C does not reach it."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO

from bot.supervision.part import Part
from config.parent import PARENT_VARIABLE
from config.tasks import Tasks

Output = Callable[[str, str], None]
"""Takes a part's name and one line that it wrote."""

_CHUNK = 64 * 1024
_LONGEST_LINE = 64 * 1024
#: What a part's children may still write after its end.
_LAST_WORDS_S = 1.0


class PartProcess:
    """A part's running process."""

    def __init__(self, process: asyncio.subprocess.Process, forwarding: Tasks) -> None:
        self._process = process
        self._forwarding = forwarding

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    async def start(cls, part: Part, environment: Mapping[str, str], output: Output | None) -> "PartProcess":
        """Start it; its lines go to ``output``, or where those of this process go. Raise OSError.

        The thread that calls this must outlive the part.
        """
        surroundings = {**environment, **part.environment, PARENT_VARIABLE: str(os.getpid())}
        if output is None:
            return cls(await _spawn(part, surroundings, None), Tasks())
        # A pipe of our own: asyncio's would make the end of the process wait for all who hold it.
        reading, writing = os.pipe()
        source = os.fdopen(reading, "rb", 0)
        try:
            process = await _spawn(part, surroundings, writing)
        except BaseException:
            source.close()
            raise
        finally:
            os.close(writing)
        forwarding = Tasks()
        forwarding.start(_forward(source, part.name, output))
        return cls(process, forwarding)

    async def wait(self) -> int:
        """Wait for the end and return the exit code, negative for the signal that ended it; nothing is left of it."""
        try:
            return await self._process.wait()
        finally:
            await self._sweep()

    def send(self, what: signal.Signals) -> None:
        """Send a signal to the process; SIGKILL goes to its children too."""
        if self._process.returncode is not None:
            return
        # Not the process's own send_signal, which may take the exit code away from asyncio.
        with suppress(ProcessLookupError, PermissionError):
            if what is signal.SIGKILL:
                os.killpg(self._process.pid, what)
            else:
                os.kill(self._process.pid, what)

    async def _sweep(self) -> None:
        """End what the process left behind, itself if need be, and take its last lines."""
        # macOS refuses a group of which nothing but an ended process is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._forwarding.close(_LAST_WORDS_S)


_STDERR = 2
"""Stdout is for results; what a part prints is none."""


async def _spawn(part: Part, environment: Mapping[str, str], output: int | None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *part.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=_STDERR if output is None else output,
        stderr=output,
        env=environment,
        start_new_session=True,
    )


async def _forward(source: BinaryIO, name: str, output: Output) -> None:
    """Pass lines on until nobody can write more."""
    reader = asyncio.StreamReader(limit=_CHUNK)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), source
    )
    try:
        rest = b""
        while chunk := await reader.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            _pass_on(lines, name, output)
        _pass_on([rest] if rest else [], name, output)
    finally:
        transport.close()


def _pass_on(lines: list[bytes], name: str, output: Output) -> None:
    for line in lines:
        output(name, line.decode("utf-8", "replace").rstrip("\r"))
