"""What answers offer next exists, with the parameters that are given to it."""

import ast
from collections.abc import Iterator

from chatops.actions import registry
from tests.shared import ROOT


def offered() -> Iterator[tuple[str, str, list[str]]]:
    """File, action and parameters of every suggestion that is written down in full."""
    for file in sorted((ROOT / "chatops").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"suggestion": 0, "Suggestion": 1}.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            name = node.args[place]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield f"{file.name}:{node.lineno}", name.value, list(_parameters(node, place))


def _parameters(node: ast.Call, place: int) -> Iterator[str]:
    if place == 0:
        yield from (one.arg for one in node.keywords if one.arg not in (None, "label"))
    for given in node.args[2:]:
        if isinstance(given, ast.Dict):
            yield from (str(key.value) for key in given.keys if isinstance(key, ast.Constant))


def test_suggestions_name_actions_and_their_parameters() -> None:
    found = list(offered())
    assert len(found) > 40
    wrong = []
    for where, name, parameters in found:
        action = registry().actions.get(name)
        known = set() if action is None else {one.option for one in action.parameters}
        strange = [one for one in parameters if one.rstrip("_").replace("_", "-") not in known]
        if action is None or strange:
            wrong.append((where, name, strange))
    assert wrong == []
