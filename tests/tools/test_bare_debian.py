"""A bare Debian 12 and the pages: what is read from them, and, where there is debootstrap, that all of it works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools.bare_debian import NOT_HERE, machine, newcomer, server
from tools.shell_blocks import shell_lines, table_column, without_remark


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


def test_a_machine_that_cannot_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.missing() == "only root can make a root of Debian and start it"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    assert machine.missing() == "not installed here: debootstrap, systemd-container, util-linux"


@pytest.mark.slow
def test_a_bare_debian_goes_through_readme_and_the_deploy_page(tmp_path: Path) -> None:
    cache = os.environ.get("BARE_DEBIAN_CACHE", str(tmp_path / "cache"))
    command = [sys.executable, "-m", "tools.bare_debian", "--cache", cache, "--without-tests"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == NOT_HERE:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
