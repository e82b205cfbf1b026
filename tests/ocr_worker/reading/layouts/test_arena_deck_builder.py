"""Arena's deck builder: badges and their absence, the panel's two forms, what hides behind buttons, command zones."""

from dataclasses import replace

import pytest

from ocr_worker.decks.deck import Section, Total
from ocr_worker.reading.naming import NameReader
from tests.fakes.pages import COLUMNS, arena_deck_builder
from tests.fakes.screen import Ink, Screen, Text
from tests.fakes.written import LANDS, SIDE, SPELLS, Row, write_rows
from tests.ocr_worker.reading.observed import doubtful, held
from tests.ocr_worker.reading.reading import deck_on

MAIN = [*SPELLS, *LANDS]


def change(screen: Screen, nth: int, text: str, **fields: object) -> None:
    """Change the nth line with this text."""
    place = [number for number, each in enumerate(screen.texts) if each.text == text][nth]
    screen.texts[place] = replace(screen.texts[place], **fields)  # type: ignore[arg-type]


def badge_of(screen: Screen, name: str) -> Text:
    """The badge below a card's first title."""
    title = next(each.rect for each in screen.texts if each.text == name)
    return next(
        each
        for each in screen.texts
        if each.text.startswith("x") and abs(each.rect.left - title.left - 60) < 2 and 0 < each.rect.y - title.y < 50
    )


def hide_badge(screen: Screen, name: str, ink: Ink = Ink.WHITE) -> None:
    """The detector misses this card's badge."""
    badge = badge_of(screen, name)
    screen.texts[screen.texts.index(badge)] = replace(badge, found_from=99.0, ink=ink)


class TestWholePages:
    def test_a_page_is_read_exactly_and_verified(self, names: NameReader) -> None:
        deck = deck_on(arena_deck_builder(), names)

        assert deck.kind == "arena-deck-builder"
        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
        assert deck.totals == {Section.MAIN: Total(60, 60), Section.SIDEBOARD: Total(15, 15)}
        assert deck.verified
        assert deck.warnings == ()

    def test_every_line_knows_where_it_stands_and_what_was_read(self, names: NameReader) -> None:
        lines = deck_on(arena_deck_builder(), names)[Section.MAIN]

        assert lines[0].read == "Lightning Bolt"
        assert lines[0].box == (40, 70, 166, 88)

    def test_the_panel_of_best_of_three_has_a_row_for_each_copy(self, names: NameReader) -> None:
        deck = deck_on(arena_deck_builder(row_per_copy=True), names)

        assert held(deck, Section.SIDEBOARD) == list(SIDE)
        assert deck.verified

    def test_there_may_be_no_sideboard(self, names: NameReader) -> None:
        deck = deck_on(arena_deck_builder(side=[]), names)

        assert held(deck) == MAIN
        assert held(deck, Section.SIDEBOARD) == []
        assert deck.verified

    def test_names_in_the_text_of_the_last_card_are_no_cards(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        for text, left, top in (("Opt", 44, 490), ("Negate", 224, 460), ("Shock", 404, 470)):
            screen.write(text, left, top, 16)

        assert held(deck_on(screen, names)) == MAIN

    def test_nor_are_words_far_below_that_hardly_resemble_one(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        screen.write("Opft, Shockz", 44, 560, 18)

        assert held(deck_on(screen, names)) == MAIN

    @pytest.mark.parametrize("word", ["Steam Vents", "Thoughts."])
    def test_nor_is_a_name_far_below_that_is_cut_or_stands_there_already(self, word: str, names: NameReader) -> None:
        screen = arena_deck_builder()
        left = next(text.rect.left for text in screen.texts if text.text == "Steam Vents")
        screen.write(word, left + 4, 700, 18)

        assert held(deck_on(screen, names)) == MAIN

    def test_a_panel_with_the_whole_deck_means_that_the_cards_are_the_collection(self, names: NameReader) -> None:
        screen = Screen(1280, 760)
        for number, name in enumerate(["Duress", "Shock", "Thoughtseize", "Fatal Push"]):
            screen.write(name, 40 + 200 * number, 100, 18)
            screen.write("x4", 100 + 200 * number, 134, 18, 26)
            screen.write("Instant", 42 + 200 * number, 240, 14)
        screen.write("60/60 Cards", 1010, 20, 18)
        below = write_rows(screen, MAIN, 1000, 60, 29, "{count}x")
        screen.write("Sideboard", 1010, below + 4, 18)
        write_rows(screen, SIDE, 1000, below + 34, 29, "{count}x")
        deck = deck_on(screen, names)

        assert deck.kind == "arena-list"
        assert (held(deck), held(deck, Section.SIDEBOARD)) == (MAIN, list(SIDE))
        assert deck.verified


class TestBadges:
    @pytest.mark.parametrize("ink", [Ink.WHITE, Ink.FAINT])
    def test_one_that_the_detector_missed_is_read_at_its_place(self, ink: Ink, names: NameReader) -> None:
        screen = arena_deck_builder()
        hide_badge(screen, "Treasure Cruise", ink)
        deck = deck_on(screen, names)

        assert held(deck) == MAIN
        assert deck.verified

    def test_one_that_nobody_can_read_follows_from_the_total_and_is_flagged(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        screen.texts.remove(badge_of(screen, "Treasure Cruise"))
        deck = deck_on(screen, names)

        assert held(deck) == MAIN
        assert doubtful(deck) == ["Treasure Cruise"]
        assert not deck.verified

    def test_of_two_that_nobody_can_read_neither_is_certain(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        for name in ("Treasure Cruise", "Fiery Impulse"):
            screen.texts.remove(badge_of(screen, name))
        deck = deck_on(screen, names)

        assert {"Treasure Cruise", "Fiery Impulse"} <= set(doubtful(deck))
        assert not deck.verified
        assert "60 cards" in deck.warnings[0]

    def test_a_badge_whose_title_the_detector_missed_finds_it(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        change(screen, 0, "Opt", found_from=99.0)
        deck = deck_on(screen, names)

        assert sorted(held(deck)) == sorted(MAIN)
        assert deck.verified

    def test_a_badge_over_a_title_that_nobody_can_read_is_said(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        screen.erase("Opt")
        deck = deck_on(screen, names)

        assert held(deck) == [row for row in MAIN if row[1] != "Opt"]
        assert not deck.verified
        assert any("4 cards could not be named" in warning for warning in deck.warnings)

    def test_badges_over_art_without_titles_make_up_what_the_total_lacks(self, names: NameReader) -> None:
        singles: list[Row] = [(1, name) for name in ("Brazen Borrower", "Shock", "Duress", "Opt")]
        screen = arena_deck_builder([singles], [], total="60/60 Cards")
        for number, count in enumerate((31, 25)):
            screen.write(f"x{count}", 400, 100 + 60 * number, 18, 26)
        deck = deck_on(screen, names)

        assert held(deck) == singles
        assert doubtful(deck) == []
        assert not deck.verified
        assert "56 cards could not be named: hidden, cut off or without a title." in deck.warnings

    def test_a_title_that_is_found_by_its_gap_and_by_its_badge_is_one_card(self, names: NameReader) -> None:
        rows: list[Row] = [(1, "Brazen Borrower"), (3, "Thoughtseize"), (1, "Duress"), (4, "Opt")]
        columns = [rows, *COLUMNS[1:]]
        total = sum(count for column in columns for count, _ in column)
        screen = arena_deck_builder(columns, total=f"{total}/60 Cards")
        change(screen, 0, "Thoughtseize", found_from=99.0)

        assert held(deck_on(screen, names))[:4] == rows

    def test_a_number_in_the_art_is_none_where_the_total_is_met(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        screen.write("x28", 60, 640, 18, 26)

        assert deck_on(screen, names).verified

    def test_one_that_counts_more_copies_than_a_deck_holds_was_misread(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        badge = badge_of(screen, "Treasure Cruise")
        screen.texts[screen.texts.index(badge)] = replace(badge, text="x" + badge.text[1:] + "1")
        deck = deck_on(screen, names)

        assert held(deck) == MAIN
        assert doubtful(deck) == ["Treasure Cruise"]

    def test_single_copies_have_none(self, names: NameReader) -> None:
        singles: list[Row] = [(1, "Brazen Borrower"), (1, "Shock"), (1, "Duress"), (4, "Opt")]
        columns = [singles, *COLUMNS[1:]]
        total = sum(count for column in columns for count, _ in column)
        deck = deck_on(arena_deck_builder(columns, total=f"{total}/60 Cards"), names)

        assert held(deck)[:4] == singles
        assert doubtful(deck) == []

    def test_a_single_copy_whose_title_was_missed_is_found_by_the_gap(self, names: NameReader) -> None:
        singles: list[Row] = [(1, "Brazen Borrower"), (1, "Thoughtseize"), (1, "Duress"), (4, "Opt")]
        columns = [singles, *COLUMNS[1:]]
        total = sum(count for column in columns for count, _ in column)
        screen = arena_deck_builder(columns, total=f"{total}/60 Cards")
        change(screen, 0, "Thoughtseize", found_from=99.0)

        assert held(deck_on(screen, names))[:4] == singles


class TestPanel:
    def test_a_row_beside_the_done_button_is_never_certain(self, names: NameReader) -> None:
        screen = arena_deck_builder()
        screen.write("Done", 1330, 233, 26)  # beside "Aether Gust" and "Negate", whose ends it may hide
        deck = deck_on(screen, names)

        assert {"Negate", "Aether Gust"} <= set(doubtful(deck))
        assert not deck.verified

    def test_a_total_that_is_not_met_is_said(self, names: NameReader) -> None:
        deck = deck_on(arena_deck_builder(side=SIDE[:4]), names)

        assert "The picture shows 15 cards in the sideboard; 14 were read." in deck.warnings
        assert not deck.verified

    def test_cut_names_are_completed(self, names: NameReader) -> None:
        side = [*SIDE[:4], (1, "Narset, Parter of V...")]
        deck = deck_on(arena_deck_builder(side=side), names)

        assert held(deck, Section.SIDEBOARD)[-1] == (1, "Narset, Parter of Veils")
        assert deck.verified

    def test_cut_names_that_fit_several_cards_stay_in_doubt(self, names: NameReader) -> None:
        deck = deck_on(arena_deck_builder(side=[*SIDE[:4], (1, "Lightning B...")]), names)
        last = deck[Section.SIDEBOARD][-1]

        assert not last.certain
        assert last.candidates


class TestCommandZones:
    def test_a_companion_that_the_sideboards_total_counts(self, names: NameReader) -> None:
        columns = [[(1, "Lurrus of the Dream-Den")], *COLUMNS]
        deck = deck_on(arena_deck_builder(columns, SIDE[:4], side_total="15/15 Cards"), names)

        assert held(deck, Section.COMPANION) == [(1, "Lurrus of the Dream-Den")]
        assert held(deck) == MAIN
        assert deck.totals[Section.SIDEBOARD] == Total(15, 15)

    def test_a_companion_that_no_total_counts(self, names: NameReader) -> None:
        columns = [[(1, "Yorion, Sky Nomad")], *COLUMNS]
        deck = deck_on(arena_deck_builder(columns, []), names)

        assert held(deck, Section.COMPANION) == [(1, "Yorion, Sky Nomad")]
        assert deck.totals[Section.MAIN] == Total(60, 60)

    def test_a_legend_alone_in_a_column_of_a_deck_with_playsets_is_just_a_card(self, names: NameReader) -> None:
        columns = [[(1, "Lurrus of the Dream-Den")], SPELLS[:3], *COLUMNS[1:]]
        deck = deck_on(arena_deck_builder(columns), names)

        assert held(deck, Section.COMPANION) == []
        assert held(deck)[0] == (1, "Lurrus of the Dream-Den")

    def test_the_legend_alone_before_single_copies_commands(self, names: NameReader) -> None:
        singles = ["Lightning Bolt", "Opt", "Treasure Cruise", "Spell Pierce", "Abrade", "Duress", "Negate", "Shock"]
        columns: list[list[Row]] = [
            [(1, "Vivi Ornitier")],
            [(1, name) for name in singles],
            [(1, "Steam Vents"), (26, "Island")],
            [(25, "Mountain")],
        ]
        deck = deck_on(arena_deck_builder(columns, [], "60/60 Cards"), names)

        assert held(deck, Section.COMMANDER) == [(1, "Vivi Ornitier")]
        assert deck.totals[Section.MAIN].read == 60
