"""A bare Debian 12 and the pages: what is read from them, and, where there is debootstrap, that all of it works."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools.bare_debian import NOT_HERE, machine, newcomer, server
from tools.bare_debian.ending import OUT_OF_TIME
from tools.bare_debian.roots import base
from tools.shell_blocks import shell_lines, table_column, without_remark

MODULE = ("-m", "tools.bare_debian")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where Debian's packages and the bare root are kept."""
    return os.environ.get("BARE_DEBIAN_CACHE") or str(tmp_path_factory.mktemp("cache"))


def test_commands_are_those_of_the_shell_blocks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Top\n```sh\necho 'a # b' # a remark\ncurl --fail \\\n  here\n```\n"
        "## Below\n```json\n{}\n```\n\n```console\n$ make run\n```\n"
    )
    found = [(line.heading, line.block, line.text) for line in shell_lines(page)]
    assert found == [("Top", 1, "echo 'a # b'"), ("Top", 1, "curl --fail here"), ("Below", 2, "make run")]


@pytest.mark.parametrize(
    ("text", "command"),
    [("make # it's so", "make "), ("sed 's/ # a/b/' x", "sed 's/ # a/b/' x"), ("# all of it", ""), ("a#b", "a#b")],
)
def test_remarks_are_no_part_of_a_command(text: str, command: str) -> None:
    assert without_remark(text).rstrip() == command.rstrip()


def test_a_column_of_a_table_is_read_from_above_to_below(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "## Other\n| b |\n|---|\n| `no` |\n\n## One\n\n| | a | b |\n|---|---|---|\n| x | `1` | `2`, `3` |\n"
    )
    assert table_column(page, "One", "b") == ["2", "3"]


def test_the_pages_say_what_is_gone_through() -> None:
    assert newcomer.commands() == ["make run", "make test"]
    installation, start, figures = server.blocks()
    assert installation[-1] == "config/deploy/systemd/install"
    assert any("enable --now" in line for line in start)
    assert any("prometheus" in line for line in figures)
    assert all(line.startswith("screen2deck ") for line in server.seeing())
    assert server.without_stores() == [
        "systemctl disable --now screen2deck.target",
        "systemctl enable --now screen2deck",
    ]
    assert server.upgrade()[-3:] == [
        "systemctl restart screen2deck-worker@1",
        "systemctl restart screen2deck-worker@2",
        "systemctl restart screen2deck-bot",
    ]
    assert "git checkout v0.1.0" in server.back()


def test_a_machine_that_cannot_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.missing(tmp_path) == "only root can make a root of Debian and start it"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    assert machine.missing(tmp_path) == "not installed here: debootstrap, systemd-container, util-linux, git"


def test_where_it_cannot_be_done_the_reason_is_told_with_an_exit_code_of_its_own() -> None:
    nowhere = {"PATH": "/nowhere"}
    done = subprocess.run([sys.executable, *MODULE], cwd=ROOT, env=nowhere, capture_output=True, text=True)
    assert done.returncode == NOT_HERE == 77
    assert done.stdout.startswith("Not done: ")


#: Starts a program and waits; it is given up after as many minutes as its argument says.
WAITING = """
import signal, sys
from tools.bare_debian.ending import ends_in_order, running
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_DFL)  # who runs the tests may have it ignored
with ends_in_order(float(sys.argv[1])):
    try:
        with running(["sh", "-c", "echo begun; exec sleep 3600"], 1) as process:
            process.wait()
    finally:
        print("taken away", flush=True)
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed (Debian: util-linux)")
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "Stopped by SIGINT.\ntaken away\n"),
        (signal.SIGTERM, 143, "Stopped by SIGTERM.\ntaken away\n"),
        (signal.SIGHUP, 129, "Stopped by SIGHUP.\ntaken away\n"),
        (signal.SIGALRM, OUT_OF_TIME, "Stopped: the 60 minutes are over.\ntaken away\n"),
        (signal.SIGKILL, -signal.SIGKILL, ""),
    ],
)
def test_what_was_started_ends_with_it(number: signal.Signals, code: int, said: str) -> None:
    command = [sys.executable, "-c", WAITING, "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        # The program would keep this open.
        assert process.stdout.read() == said
    assert process.returncode == code


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed (Debian: util-linux)")
def test_its_time_is_limited() -> None:
    done = subprocess.run([sys.executable, "-c", WAITING, "0.001"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (OUT_OF_TIME, "Stopped: the 0.001 minutes are over.\n")
    assert done.stdout.endswith("taken away\n")


#: Starts a bare Debian with its systemd, in a folder that its arguments name after the cache.
STARTED = """
import sys, time
from pathlib import Path
from tools.bare_debian.ending import ends_in_order
from tools.bare_debian.roots import root
cache, work = map(Path, sys.argv[1:])
with ends_in_order(60), root(cache, work, "server") as made:
    made.run("apt-get", "-qq", "install", "--no-install-recommends", "systemd-sysv")
    with made.started(made.folder.parent / "log"):
        print("begun", flush=True)
        time.sleep(3600)
"""


def left(work: Path) -> list[str]:
    """What is still there of the roots of a folder: files, mounts, processes."""
    found = [str(path) for path in work.iterdir()]
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(work) in line]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [text] if str(work) in (text := path.read_text()) else []
    return found


@pytest.mark.slow
def test_stopped_in_the_middle_it_leaves_nothing_behind(cache: str, tmp_path: Path) -> None:
    command = [sys.executable, *MODULE, "--cache", cache, "--work", str(tmp_path), "newcomer"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        if (first := process.stdout.readline()).startswith("Not done"):
            pytest.skip(first.strip())
        try:
            while process.poll() is None and not [*tmp_path.glob(f"*/root{newcomer.HOME}/screen2deck/.venv/bin/pip")]:
                time.sleep(0.1)
        finally:
            process.terminate()
        assert process.stdout.read() == "Stopped by SIGTERM.\n"
    assert process.returncode == 128 + signal.SIGTERM
    assert left(tmp_path) == []


@pytest.mark.slow
def test_a_machine_that_runs_is_stopped_and_taken_away(cache: str, tmp_path: Path) -> None:
    if (reason := machine.missing(Path(cache))) is not None:
        pytest.skip(reason)
    base(Path(cache))
    command = [sys.executable, "-c", STARTED, cache, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "begun\n"
            assert left(tmp_path) != []
        finally:
            process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "Stopped by SIGINT.\n"
    assert process.returncode == 128 + signal.SIGINT
    assert left(tmp_path) == []


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_bare_debian_goes_through_readme_and_the_deploy_page(cache: str, tmp_path: Path) -> None:
    command = [sys.executable, *MODULE, "--cache", cache, "--work", str(tmp_path), "--without-tests"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            said, _ = process.communicate()
        finally:
            process.terminate()
            process.wait()
    if process.returncode == NOT_HERE:
        pytest.skip(said.strip())
    assert process.returncode == 0, said
