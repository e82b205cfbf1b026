"""Several pictures of one deck: sideboards apart, scrolled lists, totals that settle or contradict."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_worker.cards.card import Card
from ocr_worker.decks import Deck, DeckLine, Section, Total
from ocr_worker.decks.arrangement import MAIN_SIZES
from ocr_worker.decks.evidence import Observation, Option, Sighting
from ocr_worker.decks.merging import merge_decks
from ocr_worker.decks.remarks import total_remark
from ocr_worker.decks.solving import solve

Rows = dict[str, int]


def line(name: str, count: int = 1, certain: bool = True) -> DeckLine:
    return DeckLine(count, Card(name), certain, read=name, box=(0, 0, 9, 9))


def shot(
    main: Rows | None = None,
    side: Rows | None = None,
    main_total: int | None = None,
    side_total: int | None = None,
) -> Deck:
    """What one picture shows, with the remarks that the reader makes on its totals."""
    displayed = {Section.MAIN: main_total, Section.SIDEBOARD: side_total}
    lines = {
        section: tuple(line(name, count) for name, count in rows.items())
        for section, rows in ((Section.MAIN, main), (Section.SIDEBOARD, side))
        if rows
    }
    totals = {
        section: Total(sum(row.count for row in lines.get(section, ())), displayed[section])
        for section in (Section.MAIN, Section.SIDEBOARD)
        if section in lines or displayed[section] is not None
    }
    remarks = tuple(total_remark(section, total) for section, total in totals.items() if not total.agrees)
    return Deck(lines, kind="arena-list", totals=totals, warnings=remarks, complete=not remarks)


def cards(first: int, last: int, count: int = 4) -> Rows:
    """Cards by number, ``count`` of each."""
    return {f"Card {number}": count for number in range(first, last + 1)}


def rows(deck: Deck, section: Section = Section.MAIN) -> Rows:
    return {row.card.name: row.count for row in deck[section]}


def doubtful(deck: Deck) -> list[str]:
    return [row.card.name for _, row in deck if not row.certain]


SIXTY = cards(1, 15)
FIFTEEN = {"Duress": 3, "Negate": 4, "Abrade": 4, "Pithing Needle": 4}


class TestMainDeckAndSideboardApart:
    def test_a_second_picture_of_fifteen_cards_is_the_sideboard(self) -> None:
        merged = merge_decks([shot(SIXTY), shot(FIFTEEN)])

        assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (SIXTY, FIFTEEN)
        assert merged.verified
        assert merged.warnings == ("The list on picture 2 was taken for the sideboard.",)

    def test_the_sideboard_may_come_first(self) -> None:
        merged = merge_decks([shot(FIFTEEN), shot(SIXTY)])

        assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (SIXTY, FIFTEEN)
        assert merged.warnings == ("The list on picture 1 was taken for the sideboard.",)

    def test_what_the_picture_calls_a_sideboard_stays_one(self) -> None:
        merged = merge_decks([shot(SIXTY), shot(side=FIFTEEN)])

        assert rows(merged, Section.SIDEBOARD) == FIFTEEN
        assert merged.warnings == ()

    def test_a_full_main_deck_leaves_only_the_sideboard(self) -> None:
        merged = merge_decks([shot(SIXTY, main_total=60), shot(cards(50, 51))])

        assert rows(merged, Section.SIDEBOARD) == cards(50, 51)
        assert doubtful(merged) == []

    def test_a_total_of_fifteen_beside_one_of_sixty_is_the_sideboards(self) -> None:
        merged = merge_decks([shot(SIXTY, main_total=60), shot(FIFTEEN, main_total=15)])

        assert merged.totals[Section.SIDEBOARD] == Total(15, 15)
        assert merged.verified

    def test_the_main_decks_total_may_stand_above_the_sideboard(self) -> None:
        merged = merge_decks([shot(SIXTY, main_total=60), shot(FIFTEEN, main_total=60)])

        assert merged.totals == {Section.MAIN: Total(60, 60), Section.SIDEBOARD: Total(15)}
        assert merged.verified

    def test_a_card_of_the_main_deck_may_be_in_the_sideboard_too(self) -> None:
        side = FIFTEEN | {"Card 3": 1, "Duress": 2}
        merged = merge_decks([shot(SIXTY), shot(side)])

        assert rows(merged, Section.SIDEBOARD) == side
        assert rows(merged)["Card 3"] == 4

    def test_a_list_that_may_be_either_is_in_doubt(self) -> None:
        merged = merge_decks([shot(cards(1, 10)), shot(FIFTEEN)])

        assert set(doubtful(merged)) == set(FIFTEEN)
        assert "it may be part of the main deck" in merged.warnings[0]
        assert not merged.verified

    def test_a_sideboard_scrolled_without_its_heading_continues_the_sideboard(self) -> None:
        first = shot(SIXTY, cards(20, 22), main_total=60, side_total=15)
        merged = merge_decks([first, shot(cards(22, 22) | {"Card 23": 3})])

        assert rows(merged, Section.SIDEBOARD) == cards(20, 22) | {"Card 23": 3}
        assert merged.totals[Section.SIDEBOARD] == Total(15, 15)
        assert merged.verified


class TestScrolledLists:
    def test_rows_on_both_pictures_count_once(self) -> None:
        merged = merge_decks([shot(cards(1, 9)), shot(cards(7, 15))])

        assert list(rows(merged)) == list(SIXTY)
        assert merged.totals == {Section.MAIN: Total(60)}
        assert merged.verified

    def test_the_order_of_the_pictures_does_not_matter(self) -> None:
        parts = [shot(cards(10, 15)), shot(cards(1, 6)), shot(cards(5, 11))]

        assert list(rows(merge_decks(parts))) == list(SIXTY)

    def test_a_displayed_total_that_no_picture_meets_alone_is_met_together(self) -> None:
        merged = merge_decks([shot(cards(1, 9), main_total=60), shot(cards(7, 15), main_total=60)])

        assert merged.warnings == ()
        assert merged.verified

    def test_a_total_that_is_not_met_is_said(self) -> None:
        merged = merge_decks([shot(cards(1, 9), main_total=60), shot(cards(7, 14), main_total=60)])

        assert merged.warnings == ("The picture shows 60 cards in the main deck; 56 were read.",)
        assert not merged.verified

    def test_lists_that_share_nothing_follow_each_other(self) -> None:
        merged = merge_decks([shot(cards(1, 8)), shot(cards(9, 15))])

        assert rows(merged) == SIXTY
        assert doubtful(merged) == []

    def test_a_list_within_the_other_adds_nothing(self) -> None:
        assert rows(merge_decks([shot(SIXTY), shot(cards(4, 8))])) == SIXTY

    def test_the_same_picture_twice_is_the_deck(self) -> None:
        deck = shot(SIXTY, FIFTEEN, main_total=60, side_total=15)
        merged = merge_decks([deck, deck])

        assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (SIXTY, FIFTEEN)
        assert merged.verified

    def test_the_same_cards_in_another_order_count_once(self) -> None:
        backwards = dict(reversed(SIXTY.items()))

        assert rows(merge_decks([shot(SIXTY), shot(backwards)])) == SIXTY

    def test_main_deck_and_sideboard_scroll_together(self) -> None:
        first, second = shot(cards(1, 12)), shot(cards(9, 15), FIFTEEN)
        merged = merge_decks([first, second])

        assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (SIXTY, FIFTEEN)

    def test_a_scrolled_list_and_its_sideboard_apart_are_one_deck(self) -> None:
        merged = merge_decks([shot(FIFTEEN), shot(cards(7, 15)), shot(cards(1, 9))])

        assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (SIXTY, FIFTEEN)
        assert merged.verified

    def test_a_row_that_one_picture_lacks_among_the_shared_is_in_doubt(self) -> None:
        second = {name: count for name, count in cards(6, 15).items() if name != "Card 8"}
        merged = merge_decks([shot(cards(1, 10)), shot(second)])

        assert rows(merged) == SIXTY
        assert doubtful(merged) == ["Card 8"]

    def test_a_row_misread_at_the_edge_stays_with_a_doubt(self) -> None:
        merged = merge_decks([shot(cards(1, 9) | {"Misread": 1}), shot(cards(7, 15))])

        assert doubtful(merged) == ["Misread"]

    def test_a_certain_reading_settles_a_doubtful_one(self) -> None:
        first = shot(cards(1, 9))
        cut = (*first[Section.MAIN][:-1], replace(line("Card 9", 1, certain=False), candidates=("Card 99",)))
        merged = merge_decks([replace(first, lines={Section.MAIN: cut}), shot(cards(9, 15))])

        assert rows(merged) == SIXTY
        assert doubtful(merged) == []

    def test_two_certain_counts_that_differ_leave_a_doubt(self) -> None:
        merged = merge_decks([shot(cards(1, 9)), shot(cards(7, 15) | {"Card 8": 3})])

        assert doubtful(merged) == ["Card 8"]


class TestContradictions:
    def test_a_card_on_both_outside_of_shared_rows_counts_once_in_doubt(self) -> None:
        second = cards(9, 11) | {"Card 3": 4} | cards(12, 15)
        merged = merge_decks([shot(cards(1, 8)), shot(second)])

        assert rows(merged)["Card 3"] == 4
        assert doubtful(merged) == ["Card 3"]
        assert any(warning.startswith("Card 3 stands twice") for warning in merged.warnings)

    def test_it_counts_twice_where_only_that_meets_the_displayed_total(self) -> None:
        first, second = cards(1, 8) | {"Card 3": 2}, cards(9, 11) | {"Card 3": 2} | cards(12, 15)
        merged = merge_decks([shot(first, main_total=60), shot(second, main_total=60)])

        assert rows(merged)["Card 3"] == 4
        assert merged.totals[Section.MAIN] == Total(60, 60)
        assert doubtful(merged) == ["Card 3"]

    def test_different_totals_are_said_and_nothing_is_verified(self) -> None:
        merged = merge_decks([shot(SIXTY, side={"Duress": 1}, main_total=60), shot(SIXTY, FIFTEEN, main_total=61)])

        assert "The pictures show different totals of the main deck: 60 and 61." in merged.warnings
        assert not merged.verified

    def test_other_warnings_are_kept(self) -> None:
        hidden = replace(shot(SIXTY, main_total=60), warnings=("1 card could not be named.",))

        assert "1 card could not be named." in merge_decks([hidden, shot(side=FIFTEEN)]).warnings


class TestTheRest:
    def test_one_deck_stays_as_it_is(self) -> None:
        deck = shot(SIXTY)
        assert merge_decks([deck]) is deck

    def test_nothing_cannot_be_merged(self) -> None:
        with pytest.raises(ValueError, match="no deck"):
            merge_decks([])

    def test_a_companion_counts_in_the_displayed_sideboard(self) -> None:
        companion = {Section.COMPANION: (line("Lurrus of the Dream-Den"),)}
        first = shot(SIXTY, main_total=60)
        merged = merge_decks(
            [
                replace(first, lines={**first.lines, **companion}),
                shot(side=FIFTEEN | {"Duress": 2}, side_total=15),
            ]
        )

        assert merged.totals[Section.SIDEBOARD] == Total(15, 15)
        assert merged.verified

    def test_boxes_are_dropped_and_the_name_is_kept(self) -> None:
        merged = merge_decks([shot(SIXTY), replace(shot(FIFTEEN), name="Izzet")])

        assert merged.name == "Izzet"
        assert all(row.box is None for _, row in merged)

    def test_many_pictures_are_merged_as_they_were_read(self) -> None:
        merged = merge_decks([shot(cards(number, number)) for number in range(1, 16)])

        assert rows(merged) == SIXTY

    def test_remarks_on_totals_are_worded_as_the_solver_words_them(self) -> None:
        seen = Sighting(Section.MAIN, (Option(Card("Opt"), 1.0),), fit=1.0, count=4)
        deck = solve(Observation("other", (seen,), displayed={Section.MAIN: 60}))

        assert total_remark(Section.MAIN, deck.totals[Section.MAIN]) in deck.warnings


@st.composite
def scrolled(draw: st.DrawFn) -> tuple[Deck, list[Deck]]:
    """A deck with a displayed total, and pictures of it that scroll through its list with rows in common."""
    counts = draw(st.lists(st.integers(1, 4), min_size=4, max_size=30))
    main = {f"Card {number}": count for number, count in enumerate(counts)}
    whole = shot(main, main_total=sum(counts))
    parts, start = [], 0
    while start < len(counts) - 1 or not parts:
        end = draw(st.integers(start + 2, start + 12))
        parts.append(shot(dict(list(main.items())[start:end]), main_total=sum(counts)))
        if end >= len(counts):
            break
        start = draw(st.integers(start + 1, end - 1))
    return whole, parts


@given(scrolled())
def test_pictures_that_scroll_through_a_list_give_the_list(drawn: tuple[Deck, list[Deck]]) -> None:
    whole, parts = drawn
    merged = merge_decks(parts)

    assert rows(merged) == rows(whole)
    assert list(rows(merged)) == list(rows(whole))
    assert merged.verified


@given(scrolled(), st.randoms(use_true_random=False))
def test_their_order_does_not_matter(drawn: tuple[Deck, list[Deck]], random: object) -> None:
    whole, parts = drawn
    random.shuffle(parts)  # type: ignore[attr-defined]

    assert rows(merge_decks(parts)) == rows(whole)


@given(
    st.sampled_from(MAIN_SIZES),
    st.lists(st.integers(1, 4), min_size=2, max_size=8).filter(lambda counts: sum(counts) <= 15),
    st.booleans(),
)
def test_a_sideboard_apart_is_found_also_if_it_shares_a_card(size: int, side: list[int], side_first: bool) -> None:
    main = {"Relentless Rats": size - 4, "Card 0": 4}
    sideboard = {f"Card {number}": count for number, count in enumerate(side)}
    shots = [shot(main, main_total=size), shot(sideboard)]
    merged = merge_decks(shots[::-1] if side_first else shots)

    assert (rows(merged), rows(merged, Section.SIDEBOARD)) == (main, sideboard)
    assert merged.verified


@settings(deadline=None, max_examples=50)
@given(st.lists(scrolled(), min_size=1, max_size=3))
def test_whatever_is_merged_no_card_is_lost_or_made_up(drawn: list[tuple[Deck, list[Deck]]]) -> None:
    shots = [part for _, parts in drawn for part in parts][:6]
    merged = merge_decks(shots)

    assert {row.card.name for _, row in merged} == {row.card.name for each in shots for _, row in each}
