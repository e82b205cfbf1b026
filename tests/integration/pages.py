"""Commands of the documentation, typed as they stand there, in a folder like a clone, while the product runs."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from chatops.actions import registry
from chatops.model import Confirmation
from config.clock import utcnow
from config.settings import Settings
from tests.processes import ENVIRONMENT
from tests.shared import ROOT
from tools.bare_debian import newcomer, server
from tools.shell_blocks import Line, shell_lines

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = ("command-line.md", "console.md", "runbook.md")
"""They show usages with placeholders, and have tests of their own."""
_BARE = "tests/tools/test_bare_debian.py::test_a_bare_debian_goes_through_readme_and_the_deploy_page"
ELSEWHERE = {
    r"make test": ".ci/run",
    r"make bench": "tests/tools/test_bench.py",
    r"make run|screen2deck up": "tests/integration/test_up.py::test_from_up_to_a_decklist_and_down_again",
    r"(export \w+=.*|screen2deck (bot|worker))": (
        "tests/deploy/test_run.py::test_from_a_picture_to_its_decklist_while_the_next_release_changes_tables"
    ),
    r"docker compose exec bot .*": (
        "tests/deploy/test_run.py::test_from_a_picture_to_its_decklist_while_the_next_release_changes_tables"
    ),
    r"docker .*|kubectl .*": "tests/deploy/test_page.py::test_services_stages_units_and_objects_exist",
    r"cp \S+ \S+|cd \S+": "tests/deploy/test_page.py::test_files_exist_from_where_they_are_named",
    r"\S*new-secrets( secrets)?": "tests/deploy/test_new_secrets.py",
    r"curl --fail \S+/health/ready|screen2deck db downgrade \d+ --yes": _BARE,
    **{re.escape(line): _BARE for block in server.blocks() for line in block},
    **{re.escape(line): _BARE for line in (*server.back(), *newcomer.commands())},
}
"""What is not typed here, and the test or script that runs it, or that holds it against the program that would."""
PATIENCE_S = 600.0


def lines() -> list[Line]:
    """All commands of the pages."""
    return [line for page in PAGES if page.name not in GENERATED for line in shell_lines(page)]


def elsewhere(line: Line) -> str | None:
    """Which test runs it, if it is none of this folder's."""
    return next((test for pattern, test in ELSEWHERE.items() if re.fullmatch(pattern, line.text)), None)


@dataclass
class Desk:
    """Where somebody types, who has read the page so far; ``said`` is what the commands have answered."""

    folder: Path
    environment: dict[str, str]
    port: int
    said: list[str] = field(default_factory=list)

    def type(self, text: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of a shell that knows the variables of the lines before."""
        state = self.folder / ".typed"
        script = f"set -a; [ ! -f {state} ] || . {state}; set -e -o pipefail; {text}\nexport -p > {state}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            input=f"{'no' if is_declined(text) else 'yes'}\n",
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        self.said.append(done.stdout)
        return done

    def filled(self, text: str) -> str:
        """A line with what only the reader knows: the port, ids that were told, days that are still to come."""
        text = re.sub(r"\b(localhost|127\.0\.0\.1):8484\b", rf"\1:{self.port}", text)
        text = re.sub(r"\b2\d{3}-\d\d-\d\dT\d\d:\d\dZ", f"{utcnow() + timedelta(days=1):%Y-%m-%dT%H:%MZ}", text)
        text = re.sub(r"\bID\b", lambda _: self._told(r'"id": ?"([^"]+)"|\b([a-z]+-\d{8}T\d{6}Z)\b'), text)
        text = re.sub(r"(--window) \w+", lambda found: f"{found[1]} {self._told(r'Window ([0-9a-f]+)')}", text)
        text = text.replace("--count 200", "--count 2")
        return text if find_spec("easyocr") else text.replace("rapidocr easyocr", "rapidocr")

    def _told(self, pattern: str) -> str:
        for said in reversed(self.said):
            if found := re.search(pattern, said):
                return next(group for group in found.groups() if group)
        raise AssertionError(f"no command before has told {pattern}: {self.said}")


def is_declined(text: str) -> bool:
    """Whether its plan is looked at, and not carried out: what takes a phrase or two persons, and the way back."""
    words = shlex.split(text)
    if words[:3] == ["screen2deck", "db", "downgrade"]:
        return "--yes" not in words
    if words[:2] != ["screen2deck", "ops"] or words[2] == "actions":
        return False
    return registry().find(words[2], words[3]).confirmation.rank > Confirmation.BUTTON.rank


@contextmanager
def desk(folder: Path, port: int, environment: dict[str, str]) -> Iterator[Desk]:
    """A folder with all that a clone has, its environment's programs, and the pictures that the pages name."""
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in (".env", "data", "out", "secrets"):
            (folder / entry.name).symlink_to(entry)
    sample = (ROOT / "bot" / "data" / "sample.jpg").read_bytes()
    for name in ("deck.png", "main.png", "side.png"):
        (folder / name).write_bytes(sample)
    (folder / "list.txt").write_text("Deck\n4 Lightning Bolt\n56 Mountain\n", encoding="utf-8")
    clean = {name: value for name, value in ENVIRONMENT.items() if name.lower() not in Settings.model_fields}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    yield Desk(folder, {**clean, **environment, "PATH": path}, port)
