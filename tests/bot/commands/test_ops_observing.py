"""Figures, health, logs and investigations on the server's own terminal."""

import json
from pathlib import Path

import pytest

from tests.bot.commands.clean import Run, ops, run

__all__ = ["ops", "run"]


@pytest.fixture(autouse=True)
def unanswered(ops: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bot process answers over HTTP."""
    monkeypatch.setenv("HTTP_PORT", "1")


def test_figures_are_told_to_people_and_to_programs(ops: Run) -> None:
    shown = ops("metrics", "show", "--plot", "no")
    assert shown.exit_code == 0, shown.stderr
    assert "queue_length" in shown.stdout
    told = json.loads(ops("metrics", "show", "--plot", "no", "--format", "json").stdout)
    assert [one["name"] for one in told["data"]][:2] == ["api_latency_p95", "error_rate"]


def test_a_limit_is_changed_with_a_yes(ops: Run) -> None:
    changed = ops("metrics", "threshold-set", "--name", "cpu", "--warn", "0.5", input="yes\n")
    assert changed.stdout == "cpu: 70.0 % / 85.0 % until now, 50.0 % / 85.0 % from now on.\n"


def test_without_the_bot_process_health_fails_and_says_where(ops: Run) -> None:
    ready = ops("health", "ready", "--format", "json")
    assert ready.exit_code == 1
    parts = {one["part"]: one["ok"] for one in json.loads(ready.stdout)["data"]}
    assert (parts["database"], parts["redis"], parts["bot"]) == (True, True, False)


def test_logs_are_read_where_processes_wrote_them(ops: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "logs"
    folder.mkdir()
    line = {"event": "fault 1", "level": "error", "logger": "bot", "timestamp": "2999-01-01T00:00:00Z"}
    (folder / "bot.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert "fault 1" in ops("logs", "tail", "--component", "bot").stdout
    assert ops("logs", "search", "--text", "fault 2").stdout.startswith("No line of the last 1 h contains that.")


def test_an_investigation_leaves_its_evidence_beside_the_terminal(
    ops: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = ops("diagnose", "site")
    assert found.exit_code == 1
    assert "Likely parts: Not ready: " in found.stdout + found.stderr
    assert "== parts (health ready" in (tmp_path / "diagnosis-site.txt").read_text(encoding="utf-8")
