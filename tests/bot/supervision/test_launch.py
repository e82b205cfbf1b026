"""A program that knows nothing of its supervisor ends with it, with and without the kernel's help."""

import os
import signal
import subprocess
import sys

import psutil

from bot.supervision.part import foreign_command
from config.parent import PARENT_VARIABLE
from tests.processes import ENVIRONMENT, is_dead, python, running, until

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
#: A parent whose launcher stays beside the program, as it does where the kernel offers no better.
ACCOMPANIED = f"""
import os, subprocess, sys, time
launcher = "import sys; from bot.supervision.launch import accompany; accompany(sys.argv[2:], int(sys.argv[1]))"
command = [sys.executable, "-c", launcher, str(os.getpid()), sys.executable, "-c", {SLEEP!r}]
child = subprocess.Popen(command, stdout=subprocess.PIPE)
child.stdout.readline()
print("up", flush=True)
time.sleep(600)
"""


def launched(*command: str, supervisor: int | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**ENVIRONMENT, PARENT_VARIABLE: str(supervisor or os.getpid())}
    return subprocess.run(foreign_command(command), env=environment, capture_output=True, text=True)


def accompanied(code: str) -> list[str]:
    launcher = "import os, sys; from bot.supervision.launch import accompany; "
    return [*python(launcher + "sys.exit(accompany(sys.argv[1:], os.getppid()))"), *python(code)]


def test_the_program_takes_the_place_of_its_launcher() -> None:
    result = launched(*python("import os; print(os.getppid(), 'SCREEN2DECK_PARENT_PID' in os.environ)"))
    assert result.stdout == f"{os.getpid()} False\n"


def test_it_does_not_start_without_its_supervisor() -> None:
    assert launched("/bin/sh", "-c", "echo up", supervisor=1_000_000_000).stdout == ""


def test_a_program_that_is_missing_is_told() -> None:
    result = launched("/nowhere/server")
    assert (result.returncode, result.stderr) == (
        2,
        "/nowhere/server cannot be started (No such file or directory).\n",
    )


def test_beside_the_launcher_it_ends_with_the_supervisor() -> None:
    with running(python(ACCOMPANIED)) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        family = psutil.Process(supervisor.pid).children(recursive=True)
        assert len(family) == 2
        supervisor.kill()
        supervisor.wait()
        assert until(lambda: all(map(is_dead, family)))


def test_beside_the_launcher_signals_and_exit_codes_pass() -> None:
    assert subprocess.run(accompanied("raise SystemExit(3)"), env=ENVIRONMENT).returncode == 3
    with running(accompanied(SLEEP)) as launcher:
        assert launcher.stdout is not None
        launcher.stdout.readline()
        launcher.terminate()
        assert launcher.wait() == 128 + signal.SIGTERM


def test_it_loads_quickly() -> None:
    code = "import sys, bot.supervision.launch; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True).stdout
    assert not {"asyncio", "rich", "structlog", "pydantic"} & set(loaded.split())
