"""Numbers of copies on the pictures of cards: where they stand, what is none, and the letters that they cover."""

import pytest

from ocr_worker.reading.naming import NameReader
from ocr_worker.reading.parts.card_numbers import beheaded_titles, card_counts
from ocr_worker.reading.parts.piles import card_titles
from tests.fakes.engine import page_of
from tests.fakes.screen import Screen
from tests.ocr_worker.reading.parts.test_piles import whole_card


class TestNumbersOnCards:
    def test_the_number_at_the_same_place_of_every_card_is_its_count(self, names: NameReader) -> None:
        screen = Screen(1200)
        cards = {"Opt": 4, "Negate": 3, "Duress": 2, "Shock": 1}
        for number, (name, count) in enumerate(cards.items()):
            whole_card(screen, name, 100 + 250 * number, 100)
            screen.write(str(count), 250 + 250 * number, 300, 24, 24)
            screen.write(str(number), 120 + 40 * number, 190 + 20 * number, 16)  # in the rules texts
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert {title.reading.card.name: counts[id(title)][0] for title in titles} == cards
        assert all(trust > 0.9 for _, trust in counts.values())

    def test_missed_numbers_are_read_and_none_means_one_copy(self, names: NameReader) -> None:
        screen = Screen(1500)
        for number, (name, count) in enumerate(
            [("Opt", "4"), ("Negate", "3"), ("Duress", "2"), ("Shock", "4"), ("Abrade", "")]
        ):
            whole_card(screen, name, 100 + 250 * number, 100)
            if count:
                screen.write(count, 250 + 250 * number, 300, 24, 24, hidden=number == 3)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert [counts[id(title)][0] for title in titles] == [4, 3, 2, 4, 1]
        assert counts[id(titles[4])][1] < 0.85

    def test_power_and_costs_at_changing_places_are_no_counts(self, names: NameReader) -> None:
        screen = Screen(1200)
        for number, name in enumerate(["Opt", "Negate", "Duress", "Shock"]):
            whole_card(screen, name, 100 + 250 * number, 100)
            screen.write("2", 120 + 290 * number, 200 + 40 * number, 20, 20)
        page = page_of(screen, names)

        assert card_counts(page, card_titles(page)) is None

    def test_cards_without_numbers_have_no_counts(self, names: NameReader) -> None:
        screen = Screen()
        whole_card(screen, "Opt", 100, 100)
        page = page_of(screen, names)

        assert card_counts(page, card_titles(page)) is None

    def test_numbers_on_the_titles_rows_count_where_lands_bear_them_too(self, names: NameReader) -> None:
        cards = {"Opt": 4, "Negate": 3, "Island": 7, "Mountain": 2, "Steam Vents": 1}
        screen = Screen()
        for number, (name, count) in enumerate(cards.items()):
            screen.write(name, 100, 100 + 30 * number)
            screen.write(str(count), 330, 98 + 30 * number, 24, 24)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert {title.reading.card.name: counts[id(title)][0] for title in titles} == cards

    def test_numbers_on_the_rows_of_spells_alone_are_mana_costs(self, names: NameReader) -> None:
        screen = Screen()
        for number, name in enumerate(["Opt", "Negate", "Duress", "Shock", "Abrade", "Island", "Mountain", "Plains"]):
            screen.write(name, 100, 100 + 30 * number)
            if number < 5:
                screen.write("2", 330, 100 + 30 * number, 20, 20)
        page = page_of(screen, names)

        assert card_counts(page, card_titles(page)) is None

    def test_numbers_below_whole_cards_belong_to_the_cards_above_them(self, names: NameReader) -> None:
        cards = {"Opt": 4, "Negate": 3, "Duress": 2, "Shock": 1, "Abrade": 2, "Island": 8}
        screen = Screen(1000, 1100)
        for number, (name, count) in enumerate(cards.items()):
            left, top = 100 + 300 * (number % 2), 60 + 340 * (number // 2)
            whole_card(screen, name, left, top)
            screen.write(f"×{count}", left + 100, top + 300)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert {title.reading.card.name: counts[id(title)][0] for title in titles} == cards

    def test_a_number_read_as_part_of_its_title_counts(self, names: NameReader) -> None:
        screen = Screen()
        for number, text in enumerate(["×4 Opt", "×3 Negate", "Duress ×2", "Shock"]):
            screen.write(text, 100, 100 + 30 * number)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert [counts[id(title)][0] for title in titles] == [4, 3, 2, 1]
        assert counts[id(titles[3])][1] < 0.85

    def test_one_such_number_counts_beside_others_that_stand_alone(self, names: NameReader) -> None:
        screen = Screen()
        for number, name in enumerate(["Negate", "Duress", "Shock"]):
            screen.write("×3", 60, 100 + 30 * number, 20, 28)
            screen.write(name, 100, 100 + 30 * number)
        screen.write("×4 Opt", 60, 190)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert {title.reading.card.name: counts[id(title)][0] for title in titles}["Opt"] == 4

    def test_digits_before_names_without_any_x_are_symbols_of_the_cards(self, names: NameReader) -> None:
        screen = Screen()
        for number, text in enumerate(["4Opt", "4Negate", "1Duress", "Shock"]):
            screen.write(text, 100, 100 + 30 * number)
        page = page_of(screen, names)

        assert card_counts(page, card_titles(page)) is None

    def test_of_an_impossible_number_the_last_digit_is_half_believed(self, names: NameReader) -> None:
        screen = Screen()
        for number, (name, count) in enumerate([("Opt", "24x"), ("Negate", "3x"), ("Duress", "2x"), ("Island", "12x")]):
            screen.write(name, 100, 100 + 30 * number)
            screen.write(count, 330, 100 + 30 * number, 20, 30)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert [counts[id(title)][0] for title in titles] == [4, 3, 2, 12]
        assert counts[id(titles[0])][1] < 0.85

    def test_where_single_copies_bear_numbers_a_missing_one_was_missed(self, names: NameReader) -> None:
        screen = Screen()
        for number, (name, count) in enumerate([("Opt", "x4"), ("Negate", "x1"), ("Duress", "x2"), ("Shock", "")]):
            screen.write(name, 100, 100 + 30 * number)
            if count:
                screen.write(count, 330, 100 + 30 * number, 20, 30)
        page = page_of(screen, names)
        titles = card_titles(page)
        counts = card_counts(page, titles)

        assert counts is not None
        assert counts[id(titles[3])] == (1, pytest.approx(0.3))


class TestCoveredTitles:
    @pytest.mark.parametrize(
        ("rest", "name"),
        [("reasure Cruise", "Treasure Cruise"), ("pell Pierce", "Spell Pierce"), ("sland", "Island")],
    )
    def test_a_badge_may_cover_the_first_letters(self, rest: str, name: str, names: NameReader) -> None:
        screen = Screen()
        screen.write("×4", 70, 100, 20, 28)
        screen.write(rest, 100, 100)
        (title,) = beheaded_titles(page_of(screen, names))

        assert title.reading.card.name == name
        assert title.reading.strong

    def test_words_without_a_badge_before_them_lack_nothing(self, names: NameReader) -> None:
        screen = Screen()
        screen.write("sland", 100, 100)

        assert beheaded_titles(page_of(screen, names)) == []
