"""What tells layouts apart at a glance."""

from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.parts.signals import read_signals
from tests.fakes.engine import page_of
from tests.fakes.pages import arena_deck_builder, mtgo_stacks, numbered_cards, piles_with_sideboard
from tests.fakes.screen import Screen
from tests.fakes.written import LANDS, SPELLS, write_rows


def test_a_list_has_counts_on_the_rows_of_its_names(names: NameReader) -> None:
    screen = Screen()
    write_rows(screen, [*SPELLS, *LANDS], 100, 60)
    signals = read_signals(page_of(screen, names))

    assert (signals.names, signals.counted, signals.listed) == (16, 16, 1)
    assert (signals.badged, signals.type_lines) == (0, 0)


def test_a_deck_builder_has_badges_below_its_names_and_a_size(names: NameReader) -> None:
    signals = read_signals(page_of(arena_deck_builder(), names))

    assert signals.badged == 15
    assert signals.of_sizes == 2
    assert signals.type_lines == 5


def test_a_badge_on_the_row_of_a_name_is_the_count_of_a_list(names: NameReader) -> None:
    screen = Screen()
    for number, (count, name) in enumerate(SPELLS):
        end = screen.write(name, 100, 60 + 40 * number).right
        screen.write(f"x{count}", end + 30, 60 + 40 * number)
    signals = read_signals(page_of(screen, names))

    assert (signals.counted, signals.badged) == (len(SPELLS), 0)


def test_magic_online_shows_totals_by_type_in_one_row_and_its_controls(names: NameReader) -> None:
    signals = read_signals(page_of(mtgo_stacks(), names))

    assert (signals.types, signals.controls, signals.side) == (3, 2, 1)
    assert signals.listed == 0


def test_totals_in_different_rows_are_not_that_bar(names: NameReader) -> None:
    screen = Screen()
    for number, text in enumerate(["Lands: 24", "Creatures: 13", "Other: 23"]):
        screen.write(text, 100, 100 + 60 * number)

    assert read_signals(page_of(screen, names)).types == 1


def test_a_site_has_headings_by_type_with_counts(names: NameReader) -> None:
    assert read_signals(page_of(numbered_cards(), names)).typed == 2


def test_upright_words_are_no_names(names: NameReader) -> None:
    assert read_signals(page_of(piles_with_sideboard(), names)).names == 75
