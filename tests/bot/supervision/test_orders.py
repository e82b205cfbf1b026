"""Parts are restarted, stopped, started and scaled while all others run; all of them real processes."""

import asyncio
from pathlib import Path

import psutil
import pytest

from bot.supervision.part import Part, State
from bot.supervision.supervisor import OrderRefusedError, Scaling
from tests.bot.supervision.recording import FOREVER, STUBBORN, Run, script, supervised
from tests.processes import eventually

#: Needs a moment to finish what it does, and says that it has.
FINISHING = (
    "import pathlib, signal, sys, time\n"
    "def finish(*_): time.sleep(0.2); pathlib.Path(sys.argv[2]).touch(); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, finish); pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
)


def pid(run: Run, name: str) -> int | None:
    return next(one.pid for one in run.supervisor.keepers if one.part.name == name)


def names(run: Run) -> list[str]:
    return [one.part.name for one in run.supervisor.keepers if one.is_wanted]


async def test_a_part_that_is_restarted_finishes_first_and_starts_without_a_wait(tmp_path: Path) -> None:
    worker = script("worker-1", FINISHING, str(tmp_path / "up"), str(tmp_path / "finished"))
    async with supervised(worker, script("bot", FOREVER)) as run:
        assert await eventually((tmp_path / "up").exists)
        before, other = pid(run, "worker-1"), pid(run, "bot")
        await run.supervisor.restart_part("worker-1")
        assert (tmp_path / "finished").exists()
        await run.reports.reached("worker-1", State.STARTING, times=2)
        assert await eventually(lambda: pid(run, "worker-1") not in (None, before))
        assert pid(run, "bot") == other
    assert run.reports.details(State.STOPPING)[0] == "to be started again"
    assert State.RESTARTING not in run.reports.states("worker-1")


async def test_a_stubborn_part_is_killed_when_its_time_is_over_and_started(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    async with supervised(script("bot", STUBBORN, str(deaf), stop_within_s=0.2)) as run:
        assert await eventually(deaf.exists)
        await run.supervisor.restart_part("bot")
        await run.reports.reached("bot", State.STARTING, times=2)
    assert "killed, since it did not stop within 0.2 s" in run.reports.details(State.STOPPING)


async def test_a_part_that_waits_after_a_crash_is_started_at_once() -> None:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(600)

    async with supervised(script("bot", "raise SystemExit(1)"), sleep=sleep) as run:
        await run.reports.reached("bot", State.RESTARTING)
        await run.supervisor.restart_part("bot")
        await run.reports.reached("bot", State.STARTING, times=2)


async def test_a_crash_after_a_restart_is_waited_for_as_any_other() -> None:
    async with supervised(script("bot", FOREVER)) as run:
        await run.reports.reached("bot", State.READY)
        await run.supervisor.restart_part("bot")
        await run.reports.reached("bot", State.READY, times=2)
        process = psutil.Process(pid(run, "bot"))
        process.kill()
        await run.reports.reached("bot", State.RESTARTING)


async def test_a_stopped_part_stays_stopped_until_it_is_started() -> None:
    async with supervised(script("redis", FOREVER), script("bot", FOREVER)) as run:
        await run.reports.reached("bot", State.READY)
        await run.supervisor.stop_part("bot")
        assert names(run) == ["redis"]
        assert pid(run, "bot") is None

        await run.supervisor.start_part("bot")
        await run.reports.reached("bot", State.READY, times=2)
        run.stop.set()
        assert await run.ended() == 0
    assert run.reports.states("bot")[-1] is State.STOPPED


async def test_workers_are_added_and_taken_away() -> None:
    def worker(number: int) -> Part:
        return script(f"worker-{number}", FOREVER)

    async with supervised(script("bot", FOREVER), worker(1), scaling=Scaling("worker", worker, most=3)) as run:
        await run.reports.reached("worker-1", State.READY)
        await run.supervisor.scale(3)
        await run.reports.reached("worker-3", State.READY)
        await run.supervisor.scale(1)
        assert names(run) == ["bot", "worker-1"]
        assert run.reports.states("worker-3")[-1] is State.STOPPED
        with pytest.raises(OrderRefusedError, match="it can run 1 to 3"):
            await run.supervisor.scale(4)


async def test_what_is_not_there_is_refused_and_nothing_is_taken_when_all_stops() -> None:
    async with supervised(script("bot", FOREVER)) as run:
        await run.reports.reached("bot", State.READY)
        with pytest.raises(OrderRefusedError, match="has no part 'bott'"):
            await run.supervisor.restart_part("bott")
        run.stop.set()
        await run.ended()
        with pytest.raises(OrderRefusedError, match="is stopping"):
            await run.supervisor.restart_part("bot")
