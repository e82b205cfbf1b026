"""What people change in a deck, line by line."""

import pytest

from bot.conversation.corrections import LineRef, add, confirm, lines_of, move, remove, set_card, set_count, swap
from ocr_worker.cards import CardIndex
from ocr_worker.decks import Deck, DeckLine, Section, Total

OPT = LineRef(Section.MAIN, 0)


@pytest.fixture
def deck(index: CardIndex) -> Deck:
    def line(count: int, name: str, certain: bool = True, candidates: tuple[str, ...] = ()) -> DeckLine:
        card = index.exact(name)
        assert card is not None
        return DeckLine(count, card, certain, candidates=candidates)

    return Deck(
        lines={
            Section.MAIN: (line(3, "Opt", False, ("Opal Palace",)), line(20, "Island"), line(1, "Consider")),
            Section.SIDEBOARD: (line(2, "Negate"),),
        },
        totals={Section.MAIN: Total(24, 25), Section.SIDEBOARD: Total(2, None)},
    )


def listed(deck: Deck, section: Section = Section.MAIN) -> list[str]:
    return [f"{line.count} {line.card.name}" for line in deck[section]]


def test_doubtful_lines_come_first(deck: Deck) -> None:
    assert [str(ref) for ref, _ in lines_of(deck)] == ["m0", "m1", "m2", "s0"]
    assert [str(ref) for ref, _ in lines_of(set_count(confirm(deck, OPT), OPT, 4))] == ["m0", "m1", "m2", "s0"]


def test_what_a_person_confirms_is_certain(deck: Deck) -> None:
    line = confirm(deck, OPT)[Section.MAIN][0]
    assert line.certain
    assert line.candidates == ()


def test_another_count_makes_the_totals_agree(deck: Deck) -> None:
    assert not deck.totals[Section.MAIN].agrees
    corrected = set_count(deck, OPT, 4)
    assert listed(corrected)[0] == "4 Opt"
    assert corrected.totals[Section.MAIN] == Total(25, 25)


def test_a_line_that_becomes_another_cards_is_added_to_it(deck: Deck, index: CardIndex) -> None:
    consider = index.exact("Consider")
    assert consider is not None
    assert listed(set_card(deck, OPT, consider)) == ["4 Consider", "20 Island"]


def test_a_line_moves_and_joins_what_is_there(deck: Deck, index: CardIndex) -> None:
    negate = index.exact("Negate")
    assert negate is not None
    both = add(deck, Section.MAIN, negate, 1)
    moved = move(both, LineRef(Section.MAIN, 3), Section.SIDEBOARD)
    assert listed(moved, Section.SIDEBOARD) == ["3 Negate"]
    assert moved.totals[Section.SIDEBOARD].read == 3


def test_no_copies_means_no_line(deck: Deck) -> None:
    assert listed(set_count(deck, OPT, 0)) == listed(remove(deck, OPT)) == ["20 Island", "1 Consider"]


def test_main_deck_and_sideboard_change_places_with_their_totals(deck: Deck) -> None:
    swapped = swap(deck)
    assert listed(swapped) == ["2 Negate"]
    assert swapped.totals == {Section.MAIN: Total(2, None), Section.SIDEBOARD: Total(24, 25)}
    assert swap(swapped) == deck


@pytest.mark.parametrize("text", ["m9", "x1", "", "s-1", "mm"])
def test_a_line_that_is_not_there_is_refused(deck: Deck, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        remove(deck, LineRef.of(text))


@pytest.mark.parametrize("count", [-1, 251])
def test_a_count_that_no_deck_has_is_refused(deck: Deck, count: int) -> None:
    with pytest.raises(ValueError, match="copies"):
        set_count(deck, OPT, count)
