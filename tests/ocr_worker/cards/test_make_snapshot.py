import importlib.metadata
import json
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ocr_worker.cards import make_snapshot
from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import read_header
from ocr_worker.errors import CatalogueError
from tests.ocr_worker.cards.scryfall_records import cards


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(make_snapshot.main)
    return CliRunner().invoke(app, list(words))


def scryfall_file(folder: Path) -> Path:
    path = folder / "oracle-cards.json"
    path.write_text(json.dumps(cards(20)))
    return path


def test_a_snapshot_is_made_of_a_scryfall_file(tmp_path: Path) -> None:
    output = tmp_path / "new.cards"

    result = run("--scryfall", str(scryfall_file(tmp_path)), "--date", "2026-11-20", "--output", str(output))

    assert result.exit_code == 0
    assert (read_header(output).cards, read_header(output).date) == (20, date(2026, 11, 20))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source, outputs = scryfall_file(tmp_path), [tmp_path / "one", tmp_path / "two"]
    for output in outputs:
        run("--scryfall", str(source), "--date", "2026-11-20", "--output", str(output))

    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_a_file_given_by_path_needs_its_date(tmp_path: Path) -> None:
    output = tmp_path / "new.cards"

    result = run("--scryfall", str(scryfall_file(tmp_path)), "--output", str(output))

    assert result.exit_code == 1
    assert "--date" in result.stderr
    assert not output.exists()


def test_a_snapshot_too_large_to_ship_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_snapshot, "MAX_SNAPSHOT_BYTES", 100)

    with pytest.raises(CatalogueError, match="too much"):
        make_snapshot.write_snapshot(Catalogue("test", date(2026, 7, 3), (Card("Opt"),)), tmp_path / "new.cards")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_corpus_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)

    with pytest.raises(CatalogueError, match="not installed"):
        make_snapshot.installed_corpus()
