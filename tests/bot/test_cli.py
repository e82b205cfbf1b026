"""The command line as a whole: what it offers, how it ends, what it loads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.cli import COMMANDS, app
from tests.shared import ROOT

COMMAND = [sys.executable, "-m", "bot.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}

#: What a quick start has no time for.
SLOW = ("numpy", "cv2", "onnxruntime", "openvino", "rapidocr", "PIL", "pydantic", "ocr_worker", "config", "aiohttp")


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "deck.txt"
    path.write_text("4 Lightning Bolt\n1 Ratonhnhaké꞉ton\n", encoding="utf-8")
    return path


def test_the_overview_says_of_each_command_what_its_own_help_says() -> None:
    overview = CliRunner().invoke(app, ["--help"])

    assert overview.exit_code == 0
    for name, command in COMMANDS.items():
        assert command.load(name).get_short_help_str(200) == command.help
        assert f"  {name}" in overview.stdout
        assert command.help[:40] in overview.stdout


@pytest.mark.parametrize("words", [["convert"], ["formats"], ["cards", "search"], ["eval"]])
def test_every_command_has_a_help(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_the_help_of_convert_explains_the_exit_codes() -> None:
    result = CliRunner().invoke(app, ["convert", "--help"])

    words = " ".join(result.stdout.split())
    for code in "012":
        assert f"Exit code {code}:" in words


def test_a_command_that_does_not_exist_is_wrong_use() -> None:
    result = CliRunner().invoke(app, ["frmats"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 'formats'?" in result.stderr


def test_no_command_at_all_shows_the_overview() -> None:
    result = CliRunner().invoke(app, [])

    assert result.exit_code == 2
    assert "convert" in result.output


def test_the_overview_loads_no_more_than_it_needs() -> None:
    script = (
        "import sys; from bot.cli import main; sys.argv[1:] = ['--help']\ntry: main()\nfinally: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)

    loaded = done.stdout.splitlines()[-1].split()
    assert "typer" in loaded
    assert [name for name in loaded if name.split(".")[0] in SLOW] == []


def test_results_are_utf_8_whatever_the_locale_says(deck: Path) -> None:
    odd = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, "convert", deck], capture_output=True, env=ENVIRONMENT | odd, cwd=deck.parent)

    assert done.returncode == 0
    assert done.stdout.decode("utf-8") == "Deck\n4 Lightning Bolt\n1 Ratonhnhaké꞉ton\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_one_sentence(deck: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "convert", deck], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=deck.parent
        )

    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1].startswith("The output cannot be written (")
    assert b"Traceback" not in done.stderr


def test_a_reader_that_hangs_up_ends_the_command_quietly(deck: Path) -> None:
    words = [*COMMAND, "convert", *[str(deck)] * 3]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=deck.parent
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode == 1
    assert b"Error" not in said
    assert b"Exception" not in said


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "Stopped."),
        (RuntimeError("odd"), 1, "This is a fault in Screen2Deck (RuntimeError: odd); please report it."),
    ],
)
def test_what_ends_a_command_early_is_one_sentence(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("bot.commands.formats.formats_command", fail)
    monkeypatch.setattr(sys, "argv", ["screen2deck", "formats"])
    with pytest.raises(SystemExit) as end:
        cli.main()

    assert end.value.code == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(said)
    assert captured.err.count("\n") == 1
