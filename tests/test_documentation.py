"""What the documentation names exists: files, make targets, commands, formats."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from chatops.actions import registry
from ocr_worker.exporters import formats
from tests.shared import ROOT

_SHELL = re.compile(r"```(?:sh|bash|console)\n(.*?)```", re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def found(pattern: str) -> set[tuple[Path, str]]:
    """All that a pattern's group matches, with its page."""
    return {(page, text) for page in PAGES for text in re.findall(pattern, page.read_text(encoding="utf-8"))}


def test_links_lead_to_files() -> None:
    links = found(r"\]\(([^)#:]+)\)")
    assert links
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_paths_in_the_readme_exist() -> None:
    paths = {text for page, text in found(r"`((?:ocr_worker|bot|tests|config|docs)/[\w./-]*)`") if page == PAGES[0]}
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {target for _, target in found(r"(?m)(?:^|`)make ([a-z][a-z-]+)")}
    assert {"run", "test", "eval"} <= targets
    assert [each for each in targets if not re.search(rf"^{each}:", makefile, re.MULTILINE)] == []


def test_commands_and_formats_exist() -> None:
    assert {command for _, command in found(r"screen2deck ([a-z]+)\b")} <= COMMANDS.keys()
    assert {name for _, name in found(r"--format ([a-z-]+)\b")} <= formats().keys()


def test_the_readme_tells_how_many_formats_there_are() -> None:
    assert f"{len(formats())} formats" in PAGES[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [ROOT / "docs" / "command-line.md"])
def test_the_page_of_commands_is_what_the_commands_say(page: Path) -> None:
    command = [sys.executable, "-m", "typer", "bot.cli", "utils", "docs", "--name", "screen2deck"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout

    assert page.read_text(encoding="utf-8").split() == said.split(), "make docs writes it anew"


def test_every_test_that_answers_a_threat_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 40
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^ *(?:async def|def|class) {name}\b", _text(ROOT / path), re.MULTILINE)
    ]
    assert missing == []
    threats = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| threat", "|--"))]
    assert [line for line in threats if "`tests/" not in line] == []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def commands() -> set[tuple[str, tuple[str, ...]]]:
    """Every call of screen2deck and make in a shell block of the pages, as words, with its page."""
    calls = set()
    for page in (one for one in PAGES if one.name not in _GENERATED):
        for block in _SHELL.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                for part in re.split(r"&&|;|\|", line.split(" #")[0]):
                    call = _CALL.match(part.strip())
                    if call is not None:
                        calls.add((page.name, (call["program"], *call["words"].split())))
    return calls


_CALL = re.compile(
    r"(?:\$ )?(?:docker compose (?:exec|run)(?: -\S+)* \S+ |\S*/)?(?P<program>screen2deck|make) (?P<words>\S.*)"
)


def test_commands_in_shell_blocks_are_real() -> None:
    """Targets of make, commands and their options, actions of the console: as the programs themselves know them."""
    makefile = _text(ROOT / "Makefile")
    wrong, seen = [], 0
    for page, (program, *words) in sorted(commands()):
        if program == "make":
            targets = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
            wrong += [f"{page}: make {one}" for one in targets if not re.search(rf"^{one}:", makefile, re.MULTILINE)]
        elif (problem := _problem(words)) is not None:
            wrong.append(f"{page}: screen2deck {' '.join(words)}: {problem}")
        seen += 1
    assert seen > 20
    assert wrong == []


def _problem(words: list[str]) -> str | None:
    """What is wrong with a call, as far as names go."""
    if words[0].startswith("-"):
        return None
    if words[0] not in COMMANDS:
        return "no such command"
    page = _text(ROOT / "docs" / "command-line.md")
    if words[0] == "ops":
        actions = {one.name for one in registry()}
        return None if len(words) < 3 or " ".join(words[1:3]) in actions or words[1] in _OWN else "no such action"
    options = set(re.findall(r"`(?:-\w, )?(--[a-z-]+)", page))
    return next(
        (f"no option {word}" for word in words if word.startswith("--") and word.split("=")[0] not in options), None
    )


_GENERATED = ("command-line.md", "console.md")
"""They have tests of their own, and show usages with placeholders."""
_OWN = {"actions"}
"""What `screen2deck ops` has besides actions."""


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    site = _text(ROOT / "mkdocs.yml")
    pages = {page.name for page in PAGES if page.parent.name == "docs"}
    assert set(re.findall(r"([a-z-]+\.md)$", site, re.MULTILINE)) == pages


@pytest.mark.slow
@pytest.mark.skipif(find_spec("material") is None, reason="make setup-slow installs mkdocs")
def test_the_site_is_built_without_a_complaint(tmp_path: Path) -> None:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").is_file()
