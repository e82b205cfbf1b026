"""Programs that are run for their answer, with real ones: nothing is left of them, however it ends."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from config.programs import installed, run_program
from config.tasks import end
from tests.processes import eventually

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _all(pids: Path) -> list[int]:
    return [int(line) for line in pids.read_text().splitlines()] if pids.exists() else []


async def test_both_streams_and_the_code_come_back() -> None:
    code = "import sys; print(sys.stdin.read()); print('why', file=sys.stderr); sys.exit(3)"
    ended = await run_program([sys.executable, "-c", code], 30, given=b"given", environment=dict(os.environ))
    assert (ended.code, ended.out, ended.said) == (3, b"given\n", b"why\n")
    assert ended.lines() == ["why"]


async def test_where_it_says_nothing_of_itself_its_output_says_it() -> None:
    ended = await run_program([sys.executable, "-c", "print('one'); print(); print(' two ')"], 30)
    assert ended.lines() == ["one", "two"]


async def test_one_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run_program([tmp_path / "missing"], 30)
    assert installed("surely-not-a-program") is None
    assert installed(Path(sys.executable).name)


async def test_nothing_is_left_when_its_time_is_over(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(run_program([sys.executable, "-c", STUBBORN, pids], 1.5))
    with pytest.raises(TimeoutError):
        await running
    assert await eventually(lambda: not any(map(_is_alive, _all(pids))))


async def test_nor_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(run_program([sys.executable, "-c", STUBBORN, pids], None))
    assert await eventually(lambda: len(_all(pids)) == 2)
    await end(running)
    assert running.cancelled()
    assert await eventually(lambda: not any(map(_is_alive, _all(pids))))
