"""The list of formats: what it holds, how it grows, what it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest

from ocr_worker.decks import Section
from ocr_worker.errors import ExportError
from ocr_worker.exporters import Exporter, Group, export, formats, registry, targets
from tests.ocr_worker.decks.lists import DECKS

CONTRACT = {
    *(
        "arena",
        "mtgo",
        "mtgo-dek",
        "moxfield",
        "archidekt",
        "tappedout",
        "deckstats",
        "mtggoldfish",
        "manabox",
    ),
    *("cockatrice", "forge", "xmage", "deckbox", "text", "csv", "json"),
}


def test_formats_are_those_of_the_contract() -> None:
    assert set(formats()) == CONTRACT


def test_arena_is_offered_first_and_groups_stay_together() -> None:
    assert next(iter(formats())) == "arena"
    groups = [exporter.group for exporter in formats().values()]
    assert groups == sorted(groups, key=lambda group: list(Group).index(group))


def test_all_formats_fit_one_select_of_discord() -> None:
    assert len(formats()) <= 25
    assert all(len(exporter.title) <= 100 and len(exporter.help) <= 100 for exporter in formats().values())


@pytest.mark.parametrize("exporter", formats().values(), ids=formats())
def test_every_format_is_declared_completely(exporter: Exporter) -> None:
    assert exporter.title
    assert exporter.source
    assert exporter.suffix.startswith(".")
    assert "/" in exporter.media_type
    assert exporter.help.endswith(".")
    assert exporter.help.count(". ") == 0, "one sentence"
    assert Section.MAIN in exporter.sections
    assert all(exporter.place_of(section) in exporter.sections for section in Section)


def test_a_new_format_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "names_only.py").write_text(
        "from dataclasses import replace\n"
        "from ocr_worker.exporters.targets import plain_text\n"
        "EXPORTER = replace(plain_text.EXPORTER, name='names-only', write=lambda sheet: 'names')\n"
    )
    monkeypatch.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
    registry.formats.cache_clear()
    try:
        assert export(DECKS["companion"], "names-only").text == "names"
    finally:
        registry.formats.cache_clear()
        sys.modules.pop("ocr_worker.exporters.targets.names_only", None)


def test_two_formats_of_one_name_are_refused() -> None:
    exporter = formats()["text"]
    with pytest.raises(ValueError, match="two export formats are called 'text'"):
        registry.by_name([exporter, exporter])


def test_an_unknown_format_is_refused_with_all_names() -> None:
    with pytest.raises(ExportError, match=r"no export format 'pdf'; choose one of arena, .*text"):
        export(DECKS["companion"], "pdf")


def test_formats_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        formats()["more"] = formats()["text"]  # type: ignore[index]


def test_importing_the_package_reads_no_format_yet() -> None:
    code = (
        "import sys, ocr_worker.exporters, ocr_worker.decks\n"
        "assert not [name for name in sys.modules if 'exporters.targets.' in name]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
