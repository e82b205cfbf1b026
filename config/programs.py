"""Programs of the machine, run for what they tell: within a time, and nothing is left of them afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended. ``out`` and ``said`` are its two streams."""

    code: int
    out: bytes
    said: bytes

    def lines(self) -> list[str]:
        """What it said about itself, without empty lines; what it printed where it said nothing."""
        text = (self.said.strip() or self.out).decode("utf-8", "replace")
        return [line.strip() for line in text.splitlines() if line.strip()]


def installed(program: str) -> str | None:
    """Where a program is: in this environment, or on the machine."""
    beside = Path(sys.executable).with_name(program)
    return str(beside) if beside.is_file() else shutil.which(program)


async def run_program(
    command: Sequence[str | Path],
    within_s: float | None,
    *,
    given: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Ended:
    """Run a program to its end; raises OSError where it cannot be started, TimeoutError.

    It is a group of its own, so that a signal to ours does not reach it. The whole group is killed when the time is
    over or the caller is cancelled.
    """
    starting = asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL if given is None else PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    process = await _started(starting)
    try:
        async with asyncio.timeout(within_s):
            out, said = await process.communicate(given)
    except BaseException:
        _kill_group(process)
        raise
    finally:
        await end_process(process)
    return Ended(process.returncode or 0, out, said)


class ProgramError(Exception):
    """A program gave no result; ``str(error)`` is one sentence."""


class ProgramNotRunError(ProgramError):
    """It cannot be run at all."""


async def result_of(command: Sequence[str], within_s: float, *, line: int, longest: int) -> bytes:
    """What a program prints; raises ProgramError, with the ``line`` of its own words where it fails.

    The first line is 0 and the last -1, of which so many characters are told.
    """
    name = Path(command[0]).name
    try:
        ended = await run_program(command, within_s)
    except OSError as error:
        raise ProgramNotRunError(f"{name} cannot be run ({error.strerror}).") from error
    except TimeoutError:
        raise ProgramError(f"{name} did not end within {within_s:.0f} s.") from None
    if ended.code:
        said = ended.lines() or [f"exit code {ended.code}"]
        raise ProgramError(f"{name} says: {said[line][:longest]}")
    return ended.out


async def _started(starting: Coroutine[Any, Any, Process]) -> Process:
    """The process; where that is cancelled, asyncio would kill it alone, and wait for its children for ever."""
    task = Tasks().start(starting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        process = await task
        _kill_group(process)
        await end_process(process)
        raise


def _kill_group(process: Process) -> None:
    """Kill its children too, which would hold the pipes open."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def end_process(process: Process) -> None:
    """Kill a process that has not ended, and wait for its end."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
