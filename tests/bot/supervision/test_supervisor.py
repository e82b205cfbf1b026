"""Parts are started in order, kept alive and stopped in order; all of them real processes."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from bot.supervision.part import Part, State
from tests.bot.supervision.recording import FOREVER, STUBBORN, exists, script, supervised
from tests.processes import eventually, is_dead


def pids_in(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_gone(pid: int) -> bool:
    try:
        return is_dead(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


class TestRestarts:
    async def test_a_part_that_dies_is_started_again_after_growing_waits(self) -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async with supervised(script("worker", "raise SystemExit(3)"), sleep=sleep, chance=lambda: 0.0) as run:
            await run.reports.reached("worker", State.STARTING, times=5)
            run.stop.set()
            assert await run.ended() == 0
        assert waits[:4] == [0.2, 0.4, 0.8, 1.6]
        assert run.reports.details(State.RESTARTING)[:2] == ["in 0.2 s (exit code 3)", "in 0.4 s (exit code 3)"]

    async def test_a_minute_of_life_forgets_the_failures(self) -> None:
        waits: list[float] = []
        now = iter(range(0, 10_000, 61))

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        failing = script("worker", "raise SystemExit(0)")
        async with supervised(failing, sleep=sleep, chance=lambda: 0.0, clock=lambda: float(next(now))) as run:
            await run.reports.reached("worker", State.STARTING, times=4)
        assert waits[:3] == [0.2, 0.2, 0.2]

    async def test_a_killed_part_is_replaced(self, tmp_path: Path) -> None:
        code = f"import os; open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n'); {FOREVER}"
        async with supervised(script("worker", code)) as run:
            assert await eventually(lambda: len(pids_in(tmp_path / "pids")) == 1)
            psutil.Process(pids_in(tmp_path / "pids")[0]).kill()
            assert await eventually(lambda: len(pids_in(tmp_path / "pids")) == 2)
        (detail,) = run.reports.details(State.RESTARTING)
        assert detail.endswith("s (killed by SIGKILL)")

    async def test_a_part_that_waits_for_its_next_start_stops_at_once(self) -> None:
        async def sleep(seconds: float) -> None:
            await asyncio.sleep(600)

        async with supervised(script("worker", "raise SystemExit(1)"), sleep=sleep) as run:
            await run.reports.reached("worker", State.RESTARTING)
            run.stop.set()
            assert await run.ended() == 0
        assert run.reports.states("worker")[-1] is State.STOPPED

    async def test_what_a_dead_part_leaves_behind_is_ended(self, tmp_path: Path) -> None:
        child = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {FOREVER!r}]).pid)"
        code = f"import sys; sys.stdout = open({str(tmp_path / 'pids')!r}, 'a', 1); {child}; raise SystemExit(1)"
        async with supervised(script("worker", code)) as run:
            await run.reports.reached("worker", State.RESTARTING)
            orphan = pids_in(tmp_path / "pids")[0]
            assert await eventually(lambda: is_gone(orphan))


class TestBadSettings:
    async def test_exit_code_2_stops_all_with_that_code(self) -> None:
        bad = script("bot", "raise SystemExit(2)", stop_order=1)
        async with supervised(script("redis", FOREVER, stop_order=2), bad) as run:
            assert await run.ended() == 2
        assert ("bot", State.FAILED, "exit code 2") in run.reports.told
        assert run.reports.states("redis")[-1] is State.STOPPED
        assert State.RESTARTING not in run.reports.states("bot")

    async def test_a_program_that_is_missing_stops_all(self) -> None:
        async with supervised(Part("redis", ["/nowhere/server"])) as run:
            assert await run.ended() == 2
        assert run.reports.details(State.FAILED) == ["cannot be started: No such file or directory"]


class TestStart:
    async def test_each_waits_until_the_one_before_is_ready(self, tmp_path: Path) -> None:
        first = script("redis", FOREVER, is_ready=exists(tmp_path / "up"))
        async with supervised(first, script("bot", FOREVER)) as run:
            await run.reports.reached("redis", State.STARTING)
            await asyncio.sleep(0.3)
            assert run.reports.states("bot") == []
            (tmp_path / "up").touch()
            await run.reports.reached("bot", State.READY)
        assert run.reports.names(State.READY) == ["redis", "bot"]

    async def test_the_wait_ends_and_the_part_is_tried_on(self, tmp_path: Path) -> None:
        first = script("redis", FOREVER, is_ready=exists(tmp_path / "up"), ready_within_s=0.1)
        async with supervised(first, script("bot", FOREVER)) as run:
            await run.reports.reached("bot", State.READY)
            assert ("redis", State.STARTING, "not ready after 0.1 s, still trying") in run.reports.told
            (tmp_path / "up").touch()
            await run.reports.reached("redis", State.READY)

    async def test_no_part_is_started_after_the_stop(self, tmp_path: Path) -> None:
        first = script("redis", FOREVER, is_ready=exists(tmp_path / "up"))
        async with supervised(first, script("bot", FOREVER)) as run:
            await run.reports.reached("redis", State.STARTING)
            run.stop.set()
            assert await run.ended() == 0
        assert run.reports.states("bot") == []

    async def test_a_probe_that_finds_nobody_is_asked_again(self) -> None:
        answers = iter([ConnectionRefusedError(), TimeoutError(), None])

        async def check() -> bool:
            if error := next(answers):
                raise error
            return True

        async with supervised(script("redis", FOREVER, is_ready=check)) as run:
            await run.reports.reached("redis", State.READY)

    async def test_a_probe_with_a_fault_leaves_no_process_behind(self) -> None:
        async def check() -> bool:
            raise LookupError("a fault")

        async with supervised(script("redis", FOREVER, is_ready=check)) as run:
            with pytest.raises(ExceptionGroup):
                await run.ended()
        assert not [child for child in psutil.Process().children() if FOREVER in child.cmdline()]

    async def test_parts_know_their_own_environment(self, tmp_path: Path) -> None:
        code = f"import os; open({str(tmp_path / 'said')!r}, 'w').write(os.environ['A'] + os.environ['B']); {FOREVER}"
        environment = {"A": "1", "B": "1"}
        async with supervised(script("bot", code, environment={"B": "2"}), environment=environment):
            assert await eventually(lambda: (tmp_path / "said").exists() and (tmp_path / "said").read_text() == "12")


class TestStop:
    async def test_parts_stop_in_their_order(self) -> None:
        parts = [
            script("redis", FOREVER, stop_order=2),
            script("worker-1", FOREVER),
            script("worker-2", FOREVER),
            script("bot", FOREVER, stop_order=1),
        ]
        async with supervised(*parts) as run:
            await run.reports.reached("bot", State.READY)
            run.stop.set()
            assert await run.ended() == 0
        assert set(run.reports.names(State.STOPPING)[:2]) == {"worker-1", "worker-2"}
        assert run.reports.names(State.STOPPED)[2:] == ["bot", "redis"]
        assert run.reports.details(State.STOPPED) == [""] * 4

    async def test_a_stubborn_part_is_killed_when_its_time_is_over(self, tmp_path: Path) -> None:
        stubborn = script("worker", STUBBORN, str(tmp_path / "deaf"), stop_within_s=0.3)
        async with supervised(stubborn) as run:
            assert await eventually((tmp_path / "deaf").exists)
            run.stop.set()
            assert await run.ended() == 0
        assert run.reports.details(State.STOPPING)[-1] == "killed, since it did not stop within 0.3 s"
        assert run.reports.details(State.STOPPED) == ["killed by SIGKILL"]

    async def test_a_part_may_take_its_time_to_finish(self, tmp_path: Path) -> None:
        code = (
            "import pathlib, signal, sys, time\n"
            "def drain(*_): time.sleep(0.5); pathlib.Path(sys.argv[2]).touch(); sys.exit(0)\n"
            "signal.signal(signal.SIGTERM, drain); pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
        )
        async with supervised(script("worker", code, str(tmp_path / "up"), str(tmp_path / "drained"))) as run:
            assert await eventually((tmp_path / "up").exists)
            run.stop.set()
            await run.ended()
        assert (tmp_path / "drained").exists()
        assert run.reports.told[-1] == ("worker", State.STOPPED, "")

    async def test_now_kills_what_is_being_stopped(self, tmp_path: Path) -> None:
        stubborn = script("worker", STUBBORN, str(tmp_path / "deaf"), stop_within_s=600)
        async with supervised(script("redis", FOREVER, stop_order=2), stubborn) as run:
            assert await eventually((tmp_path / "deaf").exists)
            run.stop.set()
            await run.reports.reached("worker", State.STOPPING)
            run.now.set()
            assert await run.ended() == 0
        assert run.reports.names(State.STOPPED).count("worker") == 1

    async def test_those_that_are_still_needed_are_kept_alive_during_the_stop(self, tmp_path: Path) -> None:
        server = f"import os; open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n'); {FOREVER}"
        stubborn = script("worker", STUBBORN, str(tmp_path / "deaf"), stop_within_s=600)
        async with supervised(script("redis", server, stop_order=2), stubborn) as run:
            assert await eventually((tmp_path / "deaf").exists)
            assert await eventually(lambda: len(pids_in(tmp_path / "pids")) == 1)
            run.stop.set()
            await run.reports.reached("worker", State.STOPPING)
            psutil.Process(pids_in(tmp_path / "pids")[0]).kill()
            assert await eventually(lambda: len(pids_in(tmp_path / "pids")) == 2)

    async def test_a_cancelled_supervisor_leaves_nothing(self) -> None:
        async with supervised(script("redis", FOREVER)) as run:
            await run.reports.reached("redis", State.READY)
            run.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run.ended()
        assert not [child for child in psutil.Process().children() if FOREVER in child.cmdline()]


class TestOutput:
    async def test_lines_carry_the_name_of_their_part(self) -> None:
        lines: list[tuple[str, str]] = []
        code = "import sys; print('one\\ntwo', flush=True); print('thr\\xe9e', end='', file=sys.stderr)"
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        async with supervised(
            script("bot", code), output=lambda name, line: lines.append((name, line)), environment=environment
        ) as run:
            await run.reports.reached("bot", State.RESTARTING)
        assert lines[:3] == [("bot", "one"), ("bot", "two"), ("bot", "thrée")]

    async def test_a_line_without_end_is_passed_on_in_pieces(self) -> None:
        lines: list[str] = []
        code = "import sys; sys.stdout.write('x' * 1_000_000)"
        async with supervised(script("bot", code), output=lambda _, line: lines.append(line)) as run:
            await run.reports.reached("bot", State.RESTARTING)
        assert sum(map(len, lines)) >= 1_000_000
        assert max(map(len, lines)) < 200_000

    async def test_a_part_reads_nothing_from_the_terminal(self) -> None:
        lines: list[str] = []
        code = "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
        async with supervised(script("bot", code), output=lambda _, line: lines.append(line)) as run:
            await run.reports.reached("bot", State.RESTARTING)
        assert lines[0] == "'' True"
