"""What the documentation names exists: files, make targets, commands, formats."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from ocr_worker.exporters import formats
from tests.shared import ROOT

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
