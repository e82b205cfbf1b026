"""Makes ``docs/runbook.md`` of ``docs/runbook.yaml``: which action stands for which step of the runbook, and its tests.

python -m tools.runbook_page > docs/runbook.md
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "docs" / "runbook.yaml"
KINDS = {
    "real": "real part",
    "api": "local server of the API",
    "stub": "stub command",
    "none": "not offered",
}
INTRODUCTION = """\
# The runbook as actions

<!-- Made by `make docs` of docs/runbook.yaml; a test compares it with the actions and the tests. -->

Every step of the operational runbook, the [action](console.md) that stands for it, and the test that runs it. The last
column says what the test acts on:

| kind | what the action acts on in its test |
|---|---|
| real part | the embedded product, a real Postgres, the Redis-protocol server, real processes, files and sockets |
| local server of the API | a server on this machine that speaks the API of Docker, Kubernetes or Alertmanager |
| stub command | a program in the place of `systemctl`, `nginx`, `certbot` or a scanner, which notes how it is called |
| not offered | nothing: the action answers with the safer way |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One step; ``tests`` as pytest names them."""

    item: str
    actions: tuple[str, ...]
    tests: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A table of the page."""

    title: str
    rows: tuple[Row, ...]


def chapters(file: Path = FILE) -> list[Chapter]:
    """The page's tables, defects of the runbook last."""
    return [
        Chapter(one["title"], tuple(_row(row) for row in one["rows"]))
        for one in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def _row(found: dict[str, Any]) -> Row:
    return Row(str(found["item"]), tuple(found.get("actions", ())), tuple(found["tests"]), str(found["kind"]))


def page(found: list[Chapter]) -> str:
    """As Markdown."""
    return "\n".join([INTRODUCTION, *(line for chapter in found for line in _lines(chapter))]).rstrip() + "\n"


def _lines(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.title}\n"
    yield "| step | action | test | kind |"
    yield "|---|---|---|---|"
    for row in chapter.rows:
        actions = ", ".join(f"`{one}`" for one in row.actions) or "–"
        tests = "<br>".join(f"`{one.removeprefix('tests/')}`" for one in row.tests)
        yield f"| {row.item.replace('|', chr(92) + '|')} | {actions} | {tests} | {KINDS[row.kind]} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page(chapters()))
