"""Each of the 25 edge cases that a receiver of Alertmanager must survive has a test by its number."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
_NUMBER = re.compile(r"test_(?:case_)?(\d\d)_|TestCase(\d\d)")
_FILES = (
    "chatops/test_alert_cases.py",
    "chatops/test_alert_cases_on.py",
    "bot/discord/test_cards.py",
    "bot/http/test_alertmanager.py",
    "integration/test_alerts_for_real.py",
)


def _names() -> Iterator[str]:
    for name in _FILES:
        for node in ast.walk(ast.parse((TESTS / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name


def test_every_case_has_a_test_by_its_number() -> None:
    found = {int(match[1] or match[2]) for name in _names() if (match := _NUMBER.match(name))}
    assert sorted(set(range(1, 26)) - found) == []
