"""Every step of the runbook has its action and its test, and every action its step."""

import ast
from functools import cache

import pytest

from chatops.actions import registry
from tests.shared import ROOT
from tools.runbook_page import KINDS, Row, chapters, page

ROWS = [row for chapter in chapters() for row in chapter.rows]


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of a file's tests, with their classes."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for group in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        inner = (node for node in group.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        names |= {f"{group.name}::{node.name}" for node in inner}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def test_the_page_is_what_the_data_says() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert text == page(chapters()), "make docs writes it anew"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.item[:40])
def test_what_a_row_names_exists(row: Row) -> None:
    assert row.tests
    assert row.kind in KINDS
    assert [one for one in row.actions if one not in registry().actions] == []
    for test in row.tests:
        path, _, name = test.partition("::")
        assert name in names_in(path), test


def test_every_action_stands_for_a_step() -> None:
    named = {action for row in ROWS for action in row.actions}
    assert sorted(set(registry().actions) - named) == []
