"""Counts, totals and headings in lines of text, and what must not be taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.cards import CardIndex
from ocr_worker.decks.deck import Section
from ocr_worker.reading import tokens
from ocr_worker.reading.tokens import Heading


class TestCounts:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("x4", 4),
            ("X4", 4),
            ("×4", 4),
            ("x 4", 4),
            ("xl", 1),
            ("xI", 1),
            (" x2 ", 2),
            ("x17", 17),
            ("xO", None),
        ],
    )
    def test_a_badge_is_an_x_with_a_number(self, text: str, count: int | None) -> None:
        assert tokens.badge(text) == count

    @pytest.mark.parametrize("text", ["4", "4x", "Xenagos", "x", "x100", "xx", "4/4", "X4 Opt", ""])
    def test_nothing_else_is_a_badge(self, text: str) -> None:
        assert tokens.badge(text) is None

    @pytest.mark.parametrize(
        ("text", "count"),
        [("4", 4), ("4x", 4), ("4 x", 4), ("x4", 4), ("(4)", 4), ("l", 1), ("I2", 12), ("4×", 4)],
    )
    def test_a_token_may_be_nothing_but_a_count(self, text: str, count: int) -> None:
        assert tokens.quantity(text) == count

    @pytest.mark.parametrize("text", ["0", "100", "4/4", "2.5", "$4", "12:30", "+1", "Opt", "-", ""])
    def test_other_numbers_are_no_counts(self, text: str) -> None:
        assert tokens.quantity(text) is None

    def test_rows_in_game_clients_need_their_x(self) -> None:
        assert (tokens.times("4x"), tokens.times("4")) == (4, None)

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("4", 4),
            ("[] 4", 4),
            ("& 12", 12),
            ("Opt 4", 4),
            ("a long text 4", None),
            ("4 []", None),
            ("", None),
        ],
    )
    def test_a_symbol_may_stand_before_a_number(self, text: str, count: int | None) -> None:
        assert tokens.trailing_number(text) == count


class TestRowsOfLists:
    @pytest.mark.parametrize(
        ("row", "count", "name"),
        [
            ("4 Lightning Bolt", 4, "Lightning Bolt"),
            ("4x Lightning Bolt", 4, "Lightning Bolt"),
            ("4X Lightning Bolt", 4, "Lightning Bolt"),
            ("4xLightning Bolt", 4, "Lightning Bolt"),
            ("x4 Lightning Bolt", 4, "Lightning Bolt"),
            ("4Lightning Bolt", 4, "Lightning Bolt"),
            ("• 4 Lightning Bolt", 4, "Lightning Bolt"),
            ("- 20 Island", 20, "Island"),
            ("Lightning Bolt x4", 4, "Lightning Bolt"),
            ("Lightning Bolt ×4", 4, "Lightning Bolt"),
            ("Lightning Bolt (4)", 4, "Lightning Bolt"),
            ("4 1996 World Champion", 4, "1996 World Champion"),
        ],
    )
    def test_the_count_stands_before_or_behind_the_name(self, row: str, count: int, name: str) -> None:
        assert tokens.split_quantity(row) == (count, name)

    @pytest.mark.parametrize(
        "row",
        [
            "Lightning Bolt",
            "Xenagos, God of Revels",
            "4",
            "x4",
            "1/1 Saproling",
            "Black Waltz No. 3",
            "Opt 4",
        ],
    )
    def test_rows_without_a_count_stay_as_they_are(self, row: str) -> None:
        assert tokens.split_quantity(row) == (None, row)

    @given(st.integers(1, tokens.MAX_COUNT), st.sampled_from(["{} ", "{}x ", "x{} "]))
    def test_every_count_is_taken_off(self, count: int, form: str) -> None:
        assert tokens.split_quantity(form.format(count) + "Opt") == (count, "Opt")


class TestTotals:
    @pytest.mark.parametrize(
        ("text", "size"),
        [
            ("60/60 Cards", 60),
            ("57/60 Cards", 57),
            ("60 / 60 cards", 60),
            ("15 Cards", 15),
            ("15 cards", 15),
            ("Deck: 60 cards", 60),
            ("49 cards in deck", 49),
            ("60 Karten", 60),
            ("100 cartes", 100),
            ("1 card", 1),
        ],
    )
    def test_the_size_of_a_deck_is_the_number_of_cards_that_are_in_it(self, text: str, size: int) -> None:
        assert tokens.deck_size(text) == size

    @pytest.mark.parametrize(
        "text", ["60", "60/60", "Draw 2 cards, then discard 1 card.", "Cards", "4 Sol Ring", "House of Cards"]
    )
    def test_other_texts_display_no_size(self, text: str) -> None:
        assert tokens.deck_size(text) is None

    @pytest.mark.parametrize(
        ("text", "totals"),
        [
            ("Lands: 22 Creatures: 18 Other: 20", {"land": 22, "creature": 18, "other": 20}),
            ("Lands:22 Creatures:18", {"land": 22, "creature": 18}),
            ("Creatures (16)", {"creature": 16}),
            ("Sideboard: 15", {"side": 15}),
            ("Sideboard (15)", {"side": 15}),
            ("Maindeck 60", {"main": 60}),
            ("22 Lands", {"land": 22}),
            ("Sorceries [4]", {"sorcery": 4}),
            ("Lightning Bolt", {}),
            ("Islands 4", {}),
        ],
    )
    def test_totals_bear_a_label(self, text: str, totals: dict[str, int]) -> None:
        assert tokens.labelled_totals(text) == totals


class TestHeadings:
    @pytest.mark.parametrize(
        ("text", "heading"),
        [
            ("Sideboard", Heading("side")),
            ("SIDEBOARD", Heading("side")),
            ("Sideboard (15)", Heading("side", 15)),
            ("Sideboard: 15", Heading("side", 15)),
            ("Sideboard - 15/15", Heading("side", 15)),
            ("15 Sideboard", Heading("side", 15)),
            ("Sideboard:", Heading("side")),
            ("// Sideboard", Heading("side")),
            ("Best of Three Only", Heading("side")),
            ("Deck", Heading("main")),
            ("Main deck (60)", Heading("main", 60)),
            ("Commander", Heading("commander")),
            ("COMMANDER (1)", Heading("commander", 1)),
            ("Companion", Heading("companion")),
            ("Maybeboard (12)", Heading("out", 12)),
            ("Tokens & Extras", Heading("out")),
            ("Creatures (16)", Heading("type", 16, "creature")),
            ("▼ Lands (22)", Heading("type", 22, "land")),
            ("Sorceries · 4", Heading("type", 4, "sorcery")),
        ],
    )
    def test_headings_open_a_part_of_the_list(self, text: str, heading: Heading) -> None:
        assert tokens.heading(text) == heading

    @pytest.mark.parametrize(
        "text",
        ["Land Tax", "Artifact Blast", "4 Lightning Bolt", "Commander's Sphere", "Creature - Elf", "15", ""],
    )
    def test_card_names_and_type_lines_are_none(self, text: str) -> None:
        assert tokens.heading(text) is None

    def test_a_heading_knows_the_section_that_it_opens(self) -> None:
        opened = [tokens.heading(text) for text in ("Sideboard", "Commander", "Companion", "Deck")]

        assert [each.section for each in opened if each] == [
            Section.SIDEBOARD,
            Section.COMMANDER,
            Section.COMPANION,
            Section.MAIN,
        ]

    def test_types_and_what_is_left_out_are_no_sections(self) -> None:
        opened = [tokens.heading(text) for text in ("Creatures", "Maybeboard")]

        assert [each.section for each in opened if each] == [None, None]

    def test_no_card_of_the_catalogue_is_called_like_a_heading(self, index: CardIndex) -> None:
        assert [spelling.text for spelling in index.spellings if tokens.heading(spelling.text)] == []


class TestMenus:
    @pytest.mark.parametrize("text", ["Home", "Play", "Deck Builder", "SEARCH", "Search...", "Sort: Price"])
    def test_lines_of_menu_words_are_the_interface(self, text: str) -> None:
        assert tokens.is_interface(text)

    @pytest.mark.parametrize("text", ["Opt", "Search for Tomorrow", "4", "...", "", "Home Sweet Opt"])
    def test_other_lines_are_not(self, text: str) -> None:
        assert not tokens.is_interface(text)


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for_counts_totals_and_headings(text: str) -> None:
    for count in (
        tokens.badge(text),
        tokens.quantity(text),
        tokens.times(text),
        tokens.split_quantity(text)[0],
    ):
        assert count is None or 0 < count <= tokens.MAX_COUNT
    assert tokens.deck_size(text) is None or tokens.deck_size(text) >= 0  # type: ignore[operator]
    assert all(total >= 0 for total in tokens.labelled_totals(text).values())
    tokens.heading(text)
    tokens.is_interface(text)
