"""Exports of awkward decks, byte for byte."""

import pytest

from ocr_worker.exporters import formats
from tests.ocr_worker.decks.lists import DECKS
from tests.ocr_worker.exporters.golden import FOLDER, current, golden_path


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("deck", DECKS)
def test_export_equals_its_golden_file(deck: str, name: str) -> None:
    exporter = formats()[name]
    assert current(deck, exporter) == golden_path(deck, exporter).read_bytes()


def test_every_golden_file_belongs_to_a_deck_and_a_format() -> None:
    expected = {golden_path(deck, exporter) for deck in DECKS for exporter in formats().values()}
    assert {path for path in FOLDER.rglob("*") if path.is_file()} == expected


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("deck", DECKS)
def test_export_is_utf8_without_mark_and_ends_with_one_newline(deck: str, name: str) -> None:
    data = current(deck, formats()[name])
    text = data.decode("utf-8")
    assert not text.startswith("\ufeff")
    assert text.endswith("\n")
    assert not text.endswith(("\n\n", "\n\r\n"))
