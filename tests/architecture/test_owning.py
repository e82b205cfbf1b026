"""What never happens in the product: a task that nobody owns, a cancellation or a fault that is swallowed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import ROOT

ROOMS = ("bot", "chatops", "config", "ocr_worker", "storage", "tools")
STARTERS = {"create_task", "ensure_future"}
BEYOND_EXCEPTION = {"BaseException", "CancelledError", ""}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call, str]]:
    """The name of each function that is called, the call, and on what it is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                yield function.attr, node, ast.unparse(function.value)
            elif isinstance(function, ast.Name):
                yield function.id, node, ""


def _last_names(node: ast.expr | None) -> set[str]:
    """The names of exceptions, without their modules; an empty one for all there are."""
    if node is None:
        return {""}
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    return {ast.unparse(one).rpartition(".")[2] for one in nodes}


def _handlers(tree: ast.AST) -> Iterator[ast.ExceptHandler]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


def test_every_task_has_an_owner(modules: dict[str, ast.Module]) -> None:
    """``config.tasks`` and TaskGroup start tasks; whoever else did would have to end them in all cases as they do."""
    found = [
        f"{name}:{call.lineno}"
        for name, tree in modules.items()
        for called, call, on in _calls(tree)
        if called in STARTERS and Path(name) != Path("config/tasks.py") and not on.endswith("group")
    ]
    assert not [one for one in found if not one.startswith("tools/")]


def test_no_cancellation_is_swallowed(modules: dict[str, ast.Module]) -> None:
    caught = [
        f"{name}:{handler.lineno}"
        for name, tree in modules.items()
        for handler in _handlers(tree)
        if _last_names(handler.type) & BEYOND_EXCEPTION
        and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    ]
    suppressed = [
        f"{name}:{call.lineno}"
        for name, tree in modules.items()
        for called, call, _ in _calls(tree)
        if called == "suppress" and {ast.unparse(one).rpartition(".")[2] for one in call.args} & BEYOND_EXCEPTION
    ]
    assert caught + suppressed == []


def test_a_fault_that_is_caught_is_told(modules: dict[str, ast.Module]) -> None:
    """``except Exception`` raises again, or hands the fault to a log or an answer; nothing suppresses it."""
    silent = [
        f"{name}:{handler.lineno}"
        for name, tree in modules.items()
        for handler in _handlers(tree)
        if "Exception" in _last_names(handler.type) and not _is_told(handler)
    ]
    suppressed = [
        f"{name}:{call.lineno}"
        for name, tree in modules.items()
        for called, call, _ in _calls(tree)
        if called == "suppress" and "Exception" in {ast.unparse(one) for one in call.args}
    ]
    assert silent + suppressed == []


def _is_told(handler: ast.ExceptHandler) -> bool:
    if any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
        return True
    uses = {node.id for node in ast.walk(handler) if isinstance(node, ast.Name)}
    logs = any(called in ("exception", "fault") for called, _, _ in _calls(handler))
    return logs or handler.name in uses
