"""Layouts are found by being there: each with its own kind, and each page goes to the right one."""

from pathlib import Path

import pytest

from ocr_worker.reading import layouts
from ocr_worker.reading.layouts import Layout, all_layouts
from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.parts.signals import Signals, read_signals
from tests.fakes.engine import page_of
from tests.fakes.pages import arena_deck_builder, mtgo_grid, mtgo_stacks, numbered_cards, photo, piles_with_sideboard
from tests.fakes.screen import Screen
from tests.fakes.written import SPELLS

KINDS = {
    "arena-deck-builder",
    "arena-list",
    "mtgo-visual",
    "mtgo-list",
    "website-visual",
    "website-text",
    "paper-photo",
    "other",
}
"""The kinds that truths of pictures name."""

LAYOUTS = all_layouts()


def by_kind(layout: Layout) -> str:
    return layout.kind


def test_every_kind_of_picture_has_one_layout() -> None:
    assert sorted(layout.kind for layout in LAYOUTS) == sorted(KINDS)


def test_every_module_but_the_port_holds_a_layout() -> None:
    modules = {path.stem for path in Path(layouts.__path__[0]).glob("*.py")} - {"__init__", "port"}

    assert {type(layout).__module__.rpartition(".")[2] for layout in LAYOUTS} == modules


def test_two_layouts_may_not_claim_one_kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "twin.py").write_text("class Twin:\n    kind = 'arena-list'\n", encoding="utf-8")
    monkeypatch.setattr(layouts, "__path__", [*layouts.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match="arena-list"):
        all_layouts()


def test_a_new_layout_is_a_file_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "napkin.py").write_text("class Napkin:\n    kind = 'napkin'\n", encoding="utf-8")
    monkeypatch.setattr(layouts, "__path__", [*layouts.__path__, str(tmp_path)])

    assert "napkin" in {layout.kind for layout in all_layouts()}


@pytest.mark.parametrize(
    "screen",
    [
        Screen(),
        arena_deck_builder(),
        mtgo_stacks(),
        mtgo_grid(),
        piles_with_sideboard(),
        numbered_cards(),
        photo([name for _, name in SPELLS]),
    ],
    ids=["empty", "arena", "stacks", "grid", "piles", "numbers", "photo"],
)
def test_likeness_is_a_share(screen: Screen, names: NameReader) -> None:
    page = page_of(screen, names)
    signals = read_signals(page)

    assert all(0 <= layout.likeness(page, signals) <= 1 for layout in LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS, ids=by_kind)
def test_whatever_a_page_looks_like_any_layout_can_read_it(layout: Layout, names: NameReader) -> None:
    for screen in (Screen(), arena_deck_builder(), mtgo_grid(), photo(["Lightning Bolt"] * 5)):
        assert layout.read(page_of(screen, names)).kind in KINDS


def test_an_empty_page_is_like_none(names: NameReader) -> None:
    page = page_of(Screen(), names)
    nothing = Signals(names=0, counted=0, badged=0, of_sizes=0, types=0, controls=0, side=0, typed=0, type_lines=0)

    assert read_signals(page) == nothing
    assert [layout.kind for layout in LAYOUTS if layout.likeness(page, nothing) > 0] == []
