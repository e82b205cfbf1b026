"""No child is left behind by a worker that is killed."""

import asyncio
import os
import signal
import sys

import pytest

from tests.ocr_worker.child.driving import ENVIRONMENT, PATIENCE, eventually, is_running
from tests.shared import ROOT

PARENT = [sys.executable, "-m", "tests.fakes.parent_of_child"]


async def test_a_child_in_the_middle_of_a_picture_dies_with_its_worker() -> None:
    parent = await asyncio.create_subprocess_exec(
        *PARENT, "sleep", stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT, cwd=ROOT
    )
    assert parent.stdout is not None
    async with asyncio.timeout(PATIENCE):
        child = int(await parent.stdout.readline())
    assert is_running(child)

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    await eventually(lambda: not is_running(child))


@pytest.mark.parametrize("platform", [sys.platform, "elsewhere"])
async def test_dying_with_the_parent_needs_no_pipe(platform: str) -> None:
    child = (
        f"import sys, time; sys.platform = {platform!r}\n"
        "from config.parent import die_with_parent\n"
        "die_with_parent(9, int(sys.argv[1])); print('ready', flush=True); time.sleep(600)"
    )
    parent = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(600)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, child, stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT, cwd=ROOT
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        pid = int(await process.stdout.readline())
    assert is_running(pid)

    process.kill()
    await process.wait()

    await eventually(lambda: not is_running(pid))


async def test_a_parent_that_is_gone_already_counts() -> None:
    script = "from config.parent import die_with_parent\ndie_with_parent(9, 999_999_999)\nimport time; time.sleep(600)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=ENVIRONMENT, cwd=ROOT)
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == -signal.SIGKILL
    assert process.pid != os.getpid()
