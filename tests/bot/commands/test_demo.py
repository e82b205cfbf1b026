"""``screen2deck demo`` where it does not go well."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands import demo


@pytest.mark.slow
def test_a_machine_that_is_too_slow_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_WAITING_S", 0.1)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    done = CliRunner().invoke(app, ["demo"])

    assert done.exit_code == 1
    assert "The sample was not read within 0 s: this machine is too slow, or too busy." in done.stderr
