"""What no test reaches is known, little, and has its reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shared import ROOT
from tools.unreached import PAGE, Reach, listing, main, problems, reasons


def summary(branches: int, lacking: int, lines: int = 100, lacking_lines: int = 0) -> dict[str, int]:
    return {
        "num_branches": branches,
        "missing_branches": lacking,
        "num_statements": lines,
        "missing_lines": lacking_lines,
    }


def report(total: dict[str, int] | None = None, **files: dict[str, int]) -> dict[str, Any]:
    """As ``coverage json`` writes it, of modules in the room ``bot``."""
    part = {"executed_lines": [1], "missing_lines": [3, 4, 7], "missing_branches": [[2, 3], [6, -1]]}
    never = {"executed_lines": [], "missing_lines": [9], "missing_branches": []}
    made = {
        f"bot/{name}.py": {"summary": one, "functions": {"": part, "Bot.never": never}} for name, one in files.items()
    }
    return {"totals": total or summary(100, 5), "files": made}


def test_enough_is_nine_tenths_of_all_branches() -> None:
    assert list(problems(report(summary(100, 10)), {})) == []
    assert list(problems(report(summary(100, 11)), {})) == ["Fewer than 90% of all branches are reached."]


def test_lines_do_not_make_up_for_branches() -> None:
    assert list(problems(report(summary(100, 11, lines=10_000)), {})) != []


@pytest.mark.parametrize("lacking", [summary(20, 5), summary(0, 0, 20, 5)])
def test_a_module_that_is_hardly_reached_needs_a_reason(lacking: dict[str, int]) -> None:
    [problem] = problems(report(app=lacking), {})
    assert problem.startswith("bot/app.py: 75% is reached; test it")
    assert list(problems(report(app=lacking), {"bot/app.py": "It draws."})) == []


def test_a_few_lines_of_a_small_module_need_none() -> None:
    assert list(problems(report(app=summary(4, 3)), {})) == []


def test_a_module_with_few_branches_is_not_judged_by_one_of_them() -> None:
    assert list(problems(report(app=summary(2, 1, 57, 5)), {})) == []


def test_reasons_are_of_modules_that_were_measured() -> None:
    given = {"bot/app.py": "It draws.", "bot/gone.py": "It went."}
    assert list(problems(report(app=summary(20, 0)), given)) == [
        "bot/gone.py of docs/testing.md is no module that was measured.",
    ]


def test_a_reason_that_this_machine_does_not_need_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [module, *_] = reasons(PAGE.read_text(encoding="utf-8"))
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"totals": summary(9, 0), "files": {module: {"summary": summary(9, 0)}}}), "utf-8")
    main([str(file)])
    assert f"{module}: 100%, so that it needs no reason here" in capsys.readouterr().out


def test_all_that_is_not_reached_is_written_down() -> None:
    text = "\n".join(listing(report(app=summary(10, 2, 10, 4), whole=summary(10, 0))))
    assert "- `(module)`: lines 3-4, 7; jumps 2→3, 6→end" in text
    assert "- `Bot.never`: never entered" in text
    assert "whole" not in text


def test_nothing_is_wholly_reached() -> None:
    assert Reach(0, 0, 0, 0).share == 1


def test_too_little_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report(summary(100, 50), app=summary(20, 10))), encoding="utf-8")
    assert main([str(file), "--list", str(tmp_path / "list.md")]) == 1
    told = capsys.readouterr()
    assert "branches: 50 of 100 (50.0%)" in told.out
    assert "bot/app.py: 50% (without a reason)" in told.out
    assert "Fewer than 90%" in told.err
    assert (tmp_path / "list.md").exists()


def test_reasons_of_the_page_are_of_modules_that_exist() -> None:
    given = reasons(PAGE.read_text(encoding="utf-8"))
    assert [module for module in given if not (ROOT / module).is_file()] == []
