"""What the console keeps is opened on the machine that has it, by whoever has its secret."""

from pathlib import Path

import pytest

from config.settings import load_settings
from storage.signing import open_ring
from storage.vault import vault_of
from tests.bot.commands.clean import Run, run

__all__ = ["run"]

BUNDLE = "evidence-20261101t120000-abcdef.tar.gz"


def keep() -> None:
    settings = load_settings()
    vault_of(settings.data_dir, open_ring(settings)).keep(BUNDLE, b"all of it")


def test_it_is_listed_and_opened_once(run: Run, tmp_path: Path) -> None:
    keep()
    assert run("evidence", "list").stdout == f"{BUNDLE}\n"
    assert run("evidence", "open", BUNDLE).exit_code == 0
    assert (tmp_path / BUNDLE).read_bytes() == b"all of it"
    assert (tmp_path / BUNDLE).stat().st_mode & 0o777 == 0o600

    again = run("evidence", "open", BUNDLE)
    assert (again.exit_code, "cannot be written (File exists)" in again.stderr) == (2, True)


def test_another_secret_opens_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    monkeypatch.setenv("JWT_SECRET", "another secret of more than thirty-two characters")
    found = run("evidence", "open", BUNDLE)
    assert (found.exit_code, "closed with another secret" in found.stderr) == (2, True)
    assert run("evidence", "open", "../jwt-secret").exit_code == 2
