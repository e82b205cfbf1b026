"""``screen2deck eval`` with a reader that stands in for the real one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import eval as command
from config.settings import Settings
from ocr_worker.errors import EngineUnavailable
from tests.ocr_worker.evaluation.datasets import DECK, TRUTH, make_folder
from tests.shared import OFFICIAL_SCORER, needs_official_scorer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "data", {"one.json": TRUTH}, ("one.png", "[odd].png"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Call the command; the engine named ``missing`` is not installed."""

    def picture_reader(engine: str, settings: Settings) -> Callable[[Path], dict[str, Any]]:
        if engine == "missing":
            raise EngineUnavailable("EasyOCR is not installed: run `make setup-easyocr`.")
        return lambda path: DECK | {"engine": engine, "seconds": 0.5}

    monkeypatch.setattr(command, "picture_reader", picture_reader)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OCR_ENGINE", raising=False)
    app = typer.Typer()
    app.command()(command.eval_command)
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


def test_a_table_tells_each_picture_and_the_figures(run: Callable[..., Any], folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0, result.output
    for words in (
        "one.png",
        "[odd].png",
        "arena-list",
        "line_f1",
        "no truth",
        "auto",
        "1 pictures have no truth",
    ):
        assert words in result.output


def test_engines_are_compared_in_one_run(run: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    result = run(folder, "--engine", "rapidocr", "--engine", "easyocr", "--predictions", tmp_path / "out.jsonl")
    assert result.exit_code == 0, result.output
    assert "rapidocr" in result.stdout
    assert "easyocr" in result.stdout
    lines = (tmp_path / "out-easyocr.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["image"] for line in lines] == ["[odd].png", "one.png"]
    assert (tmp_path / "out-rapidocr.jsonl").exists()


def test_json_holds_figures_and_pictures(run: Callable[..., Any], folder: Path) -> None:
    result = run(folder, "--json")
    (engine,) = json.loads(result.stdout)["engines"]
    assert engine["engine"] == "auto"
    assert engine["figures"]["line_f1"] == 0.5
    assert [each["image"] for each in engine["pictures"]] == ["one.png"]
    assert engine["without_truth"] == ["[odd].png"]


@needs_official_scorer
def test_predictions_score_the_same_with_the_official_scorer(
    run: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    result = run(folder, "--json", "--predictions", tmp_path / "out.jsonl")
    files = [str(OFFICIAL_SCORER), str(folder / "truth"), str(tmp_path / "out.jsonl")]
    expected = json.loads(subprocess.run([sys.executable, *files, "--json"], check=True, capture_output=True).stdout)
    assert json.loads(result.stdout)["engines"][0]["figures"] == expected["figures"]


def test_a_report_is_written(run: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    result = run(folder, "--report", tmp_path / "report.html")
    assert result.exit_code == 0, result.output
    assert "one.png" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["empty"], "holds no pictures"),
        (["data", "--engine", "missing"], "is not installed"),
        (["data", "--report", "no/such/folder/report.html"], "cannot be used"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    run: Callable[..., Any], folder: Path, arguments: list[str], words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_setting_is_named(run: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_ENGINE", "tesseract")
    result = run(folder)
    assert result.exit_code == 2
    assert "OCR_ENGINE cannot be 'tesseract'" in result.stderr
