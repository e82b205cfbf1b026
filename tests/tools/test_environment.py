"""Setting up: which Python is taken, and what is said where it cannot be done."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools import environment

FIND_PYTHON = ROOT / "tools" / "find-python"


def fake_python(folder: Path, name: str, version: str, can_make_environments: bool = True) -> Path:
    """A program that answers like a Python of that version would."""
    script = f"""#!/bin/sh
        case "$2" in *ensurepip*) {"true" if can_make_environments else "exit 1"};; esac
        exec {sys.executable} -c "import sys; sys.version_info = ({version}); sys.modules['ensurepip'] = sys; $2"
    """
    path = folder / name
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def find_python(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the finder where only ``folder`` holds programs."""
    command = ["/bin/sh", str(FIND_PYTHON)]
    return subprocess.run(command, env={"PATH": str(folder), **environ}, capture_output=True, text=True)


def test_a_python_that_fits_is_found(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3, 10, 1")
    fits = fake_python(tmp_path, "python3.12", "3, 12, 1")
    assert find_python(tmp_path).stdout.strip() == str(fits)


def test_one_that_can_make_environments_comes_first(tmp_path: Path) -> None:
    bare = fake_python(tmp_path, "python3", "3, 11, 2", can_make_environments=False)
    assert find_python(tmp_path).stdout.strip() == str(bare)
    whole = fake_python(tmp_path, "python3.11", "3, 11, 7")
    assert find_python(tmp_path).stdout.strip() == str(whole)


@pytest.mark.parametrize("version", ["3, 10, 9", "3, 14, 0"])
def test_others_are_refused_in_one_sentence(tmp_path: Path, version: str) -> None:
    fake_python(tmp_path, "python3", version)
    result = find_python(tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("No Python 3.11, 3.12 or 3.13 found")
    assert result.stderr.count("\n") == 1


def test_the_python_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3, 12, 1")
    assert find_python(tmp_path, PYTHON="python3.13").returncode == 1
    assert find_python(tmp_path, PYTHON="python3").returncode == 0


def test_an_environment_that_works_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(sys.prefix)
    if not (folder / "pyvenv.cfg").exists() or not environment._has_pip(folder):
        pytest.skip("the tests do not run in an environment with pip")
    before = (folder / "pyvenv.cfg").stat().st_mtime_ns
    environment.create(folder)
    assert (folder / "pyvenv.cfg").stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_where_nothing_makes_environments_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_succeeds", lambda *command, cwd=None: False)
    with pytest.raises(environment.SetupError, match="apt-get install python3-venv"):
        environment.create(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_wrong_use_shows_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert environment.main(["install", "folder"]) == 2
    assert "environment.py create FOLDER" in capsys.readouterr().err
