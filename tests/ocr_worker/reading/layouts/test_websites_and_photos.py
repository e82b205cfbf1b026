"""Cards as pictures on sites and tables: piles of copies, numbers on cards, titles that are tilted."""

from ocr_worker.decks.deck import Section
from ocr_worker.reading.naming import NameReader
from tests.fakes.pages import numbered_cards, photo, piles_with_sideboard
from tests.fakes.screen import Screen
from tests.fakes.written import LANDS, SIDE, SPELLS
from tests.ocr_worker.reading.observed import doubtful, held
from tests.ocr_worker.reading.reading import deck_on

MAIN = [*SPELLS, *LANDS]


class TestPilesOfCopies:
    def test_every_visible_title_is_a_copy(self, names: NameReader) -> None:
        deck = deck_on(piles_with_sideboard(), names)

        assert deck.kind == "website-visual"
        assert sorted(held(deck)) == sorted(MAIN)
        assert deck.verified

    def test_the_sideboard_stands_right_of_its_upright_heading(self, names: NameReader) -> None:
        deck = deck_on(piles_with_sideboard(), names)

        assert held(deck, Section.SIDEBOARD) == list(SIDE)

    def test_an_unusual_number_of_cards_is_never_verified(self, names: NameReader) -> None:
        deck = deck_on(piles_with_sideboard(main=MAIN[:-1]), names)

        assert sum(count for count, _ in held(deck)) == 56
        assert not deck.verified

    def test_piles_come_row_by_row_and_a_row_shows_what_a_pile_lacks(self, names: NameReader) -> None:
        rows = [["Opt", "Negate", "Duress"], ["Shock", "Abrade", "Island"]]
        screen = Screen(900, 900)
        for number, row in enumerate(rows):
            for place, name in enumerate(row):
                for copy in range(4):
                    missed = name == "Negate" and copy == 0
                    screen.write(name, 60 + 250 * place, 60 + 400 * number + 30 * copy, hidden=missed)
        deck = deck_on(screen, names)

        assert held(deck) == [(4, name) for row in rows for name in row]


class TestNumbersOnCards:
    def test_each_card_counts_as_often_as_its_number_says(self, names: NameReader) -> None:
        deck = deck_on(numbered_cards(), names)

        assert deck.kind == "website-visual"
        assert held(deck) == MAIN
        assert deck.verified

    def test_headings_with_counts_contradict_what_was_missed(self, names: NameReader) -> None:
        screen = numbered_cards()
        screen.erase("Mountain")
        deck = deck_on(screen, names)

        assert sum(count for count, _ in held(deck)) == 56
        assert not deck.verified


class TestPhotos:
    CARDS = (
        "Lightning Bolt",
        "Treasure Cruise",
        "Ledger Shredder",
        "Spell Pierce",
        "Arclight Phoenix",
        "Fiery Impulse",
    )

    def test_every_tilted_title_is_a_copy(self, names: NameReader) -> None:
        deck = deck_on(photo([*self.CARDS, "Lightning Bolt"]), names)

        assert deck.kind == "paper-photo"
        assert sorted(held(deck)) == sorted([(2, "Lightning Bolt"), *((1, name) for name in self.CARDS[1:])])

    def test_how_many_basic_lands_lie_there_is_never_certain(self, names: NameReader) -> None:
        deck = deck_on(photo(self.CARDS, ["Island", "Mountain"]), names)

        assert doubtful(deck) == ["Island", "Mountain"]
        assert not deck.verified

    def test_not_even_in_one_taken_quite_straight(self, names: NameReader) -> None:
        screen = Screen(900, 900)
        for place, name in enumerate([*self.CARDS, "Island", "Mountain"]):
            screen.write(name, 60 + 250 * (place % 3), 60 + 300 * (place // 3))
        deck = deck_on(screen, names)

        assert {"Island", "Mountain"} <= set(doubtful(deck))

    def test_a_photo_shows_no_whole_deck_for_certain(self, names: NameReader) -> None:
        deck = deck_on(photo(self.CARDS), names)

        assert doubtful(deck) == []
        assert not deck.verified
