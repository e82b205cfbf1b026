"""Children end with their parent, however that ends."""

import os
import signal
import subprocess

import psutil
import pytest

from config.parent import PARENT_VARIABLE, taken_parent
from tests.processes import ENVIRONMENT, is_dead, python, running, until

#: Starts a child that is bound to it, and waits to be killed.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""
BY_NUMBER = """
import sys, time
from config.parent import die_with_parent
die_with_parent(parent=int(sys.argv[1]))
print("bound", flush=True)
time.sleep(600)
"""
BY_VARIABLE = "import os, sys; os.environ['SCREEN2DECK_PARENT_PID'] = sys.argv[1]\n" + BY_NUMBER.replace(
    "parent=int(sys.argv[1])", ""
)
BY_THREAD = "import config.parent; config.parent.ask_kernel = lambda by: False\n" + BY_NUMBER


@pytest.mark.parametrize("child", [BY_NUMBER, BY_VARIABLE, BY_THREAD], ids=["number", "variable", "thread"])
def test_the_child_of_a_killed_process_ends(child: str) -> None:
    with running([*python(PARENT), child]) as parent:
        assert parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
        assert process.is_running()
        parent.kill()
        assert until(lambda: is_dead(process))


@pytest.mark.parametrize("ask", ["ask_kernel", "lambda by: False"])
def test_a_child_whose_parent_was_gone_already_ends(ask: str) -> None:
    code = f"import config.parent as p, time; p.ask_kernel = {ask.replace('ask_kernel', 'p.ask_kernel')}\n"
    code += "p.die_with_parent(p.signal.SIGTERM, parent=1_000_000_000); time.sleep(600)"
    assert subprocess.run(python(code), env=ENVIRONMENT).returncode == -signal.SIGTERM


def test_who_is_not_supervised_lives_on() -> None:
    code = "from config.parent import die_with_parent; die_with_parent(); print('alive')"
    environment = {name: value for name, value in ENVIRONMENT.items() if name != PARENT_VARIABLE}
    assert subprocess.run(python(code), env=environment, capture_output=True, text=True).stdout == "alive\n"


@pytest.mark.parametrize(("value", "pid"), [("17", 17), ("", None), ("x", None), ("-1", None)])
def test_the_number_does_not_reach_grandchildren(value: str, pid: int | None) -> None:
    environment = {PARENT_VARIABLE: value, "OTHER": str(os.getpid())}
    assert taken_parent(environment) == pid
    assert environment.keys() == {"OTHER"}
