"""Observation in, deck out: sums that agree earn trust, what is forced is flagged, and nothing is invented."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.decks.deck import Deck, Section, Total
from ocr_worker.decks.evidence import Observation, Sighting, Unread
from ocr_worker.decks.solving import STRONG_FIT, STRONG_SHARE, SUPPORTED, solve
from tests.ocr_worker.decks.observations import CARDS, doubtfully, seen

MAIN, SIDE = Section.MAIN, Section.SIDEBOARD
SIXTY = (seen("Opt", 4), seen("Ledger Shredder", 4), seen("Steam Vents", 4), seen("Duress", 2), seen("Island", 46))
FIFTEEN = (seen("Negate", 4, SIDE), seen("Abrade", 4, SIDE), seen("Shock", 4, SIDE), seen("Pillage", 3, SIDE))
SHOWN = {MAIN: 60, SIDE: 15}


def solved(*sightings: Sighting, **facts: object) -> Deck:
    return solve(Observation("other", sightings, **facts))  # type: ignore[arg-type]


def rows(deck: Deck, section: Section = MAIN) -> dict[str, int]:
    return {line.card.name: line.count for line in deck[section]}


def doubtful(deck: Deck) -> list[str]:
    return [line.card.name for _, line in deck if not line.certain]


class TestWhatIsClear:
    def test_sums_that_agree_make_a_verified_deck(self) -> None:
        deck = solved(*SIXTY, *FIFTEEN, displayed=SHOWN)

        assert deck.totals == {MAIN: Total(60, 60), SIDE: Total(15, 15)}
        assert deck.verified
        assert deck.warnings == ()

    def test_sixty_clear_cards_need_no_displayed_total(self) -> None:
        assert solved(*SIXTY).verified

    def test_another_number_of_cards_without_a_total_may_lack_some(self) -> None:
        deck = solved(*SIXTY[:-1], seen("Island", 43))

        assert doubtful(deck) == []
        assert not deck.verified

    def test_copies_of_a_card_are_one_line_at_its_first_place(self) -> None:
        first = replace(seen("Opt"), box=(1, 2, 3, 4))
        deck = solved(first, seen("Duress"), seen("Opt", 2), seen("Opt", 1, SIDE))

        assert rows(deck) == {"Opt": 3, "Duress": 1}
        assert rows(deck, SIDE) == {"Opt": 1}
        assert deck[MAIN][0].box == (1, 2, 3, 4)

    def test_what_the_picture_says_of_itself_is_kept(self) -> None:
        deck = solved(*SIXTY, name="Izzet Phoenix", warnings=("Cut off.", "Cut off."))

        assert (deck.kind, deck.name, deck.warnings) == ("other", "Izzet Phoenix", ("Cut off.",))

    def test_nothing_seen_is_an_empty_deck(self) -> None:
        deck = solved()

        assert list(deck) == []
        assert not deck.verified


class TestCounts:
    def test_a_weak_count_is_believed_where_the_sum_agrees(self) -> None:
        weak = (seen("Opt", 4, trust=0.5), *SIXTY[1:])

        assert solved(*weak, displayed=SHOWN | {SIDE: 0}).verified
        assert doubtful(solved(*weak, displayed={MAIN: 61})) == ["Opt"]

    def test_a_count_that_was_hardly_seen_is_never_certain(self) -> None:
        assert doubtful(solved(seen("Opt", 4, trust=0.1), *SIXTY[1:], displayed={MAIN: 60})) == ["Opt"]

    def test_one_doubtful_count_follows_from_the_total_and_is_flagged(self) -> None:
        deck = solved(seen("Opt", 1, trust=0.1), *SIXTY[1:], displayed={MAIN: 60})

        assert rows(deck)["Opt"] == 4
        assert doubtful(deck) == ["Opt"]
        assert deck.totals[MAIN] == Total(60, 60)
        assert not deck.verified

    def test_so_does_one_that_is_too_high(self) -> None:
        deck = solved(seen("Opt", 4, trust=0.2), *SIXTY[1:], displayed={MAIN: 58})

        assert rows(deck)["Opt"] == 2
        assert doubtful(deck) == ["Opt"]

    def test_a_sum_that_was_made_to_agree_vouches_for_likely_counts_only(self) -> None:
        forced, likely, weak = seen("Opt", 1, trust=0.1), seen("Duress", 2, trust=0.7), seen("Duress", 2, trust=0.5)
        rest = (*SIXTY[1:3], SIXTY[4])

        assert doubtful(solved(forced, likely, *rest, displayed={MAIN: 60})) == ["Opt"]
        assert doubtful(solved(forced, weak, *rest, displayed={MAIN: 60})) == ["Opt", "Duress"]

    def test_a_forced_count_says_nothing_of_the_same_card_in_the_other_section(self) -> None:
        deck = solved(seen("Opt", 1, trust=0.1), *SIXTY[1:], seen("Opt", 2, SIDE), displayed={MAIN: 60})

        assert [line.certain for line in deck[MAIN] if line.card.name == "Opt"] == [False]
        assert [line.certain for line in deck[SIDE]] == [True]

    def test_of_two_equally_doubtful_counts_none_is_forced(self) -> None:
        deck = solved(seen("Opt", 1, trust=0.2), seen("Duress", 1, trust=0.2), *SIXTY[1:3], displayed={MAIN: 16})

        assert (rows(deck)["Opt"], rows(deck)["Duress"]) == (1, 1)
        assert set(doubtful(deck)) == {"Opt", "Duress"}
        assert deck.warnings == ("The picture shows 16 cards in the main deck; 10 were read.",)

    @pytest.mark.parametrize(("shown", "why"), [(70, "more than four"), (50, "fewer than none")])
    def test_no_count_is_forced_beyond_what_a_deck_can_hold(self, shown: int, why: str) -> None:
        deck = solved(seen("Opt", 1, trust=0.1), *SIXTY[1:], displayed={MAIN: shown})

        assert rows(deck)["Opt"] == 1, why
        assert not deck.verified

    def test_clear_counts_are_not_changed_to_meet_a_total(self) -> None:
        deck = solved(*SIXTY, displayed={MAIN: 61})

        assert rows(deck)["Island"] == 46
        assert doubtful(deck) == []
        assert deck.warnings == ("The picture shows 61 cards in the main deck; 60 were read.",)
        assert not deck.verified

    def test_more_copies_than_the_rules_allow_are_in_doubt(self) -> None:
        deck = solved(seen("Opt", 5), seen("Relentless Rats", 30), seen("Nazgûl", 9), seen("Island", 16))

        assert doubtful(deck) == ["Opt"]

    def test_a_pile_whose_displayed_number_is_met_confirms_its_counts(self) -> None:
        weak = [seen("Opt", 4, trust=0.5, pile="a"), seen("Duress", 2, trust=0.5, pile="b")]
        deck = solved(*weak, piles={"a": 4, "b": 4})

        assert doubtful(deck) == ["Duress"]


class TestTypes:
    TYPES = {"land": 50, "creature": 4, "other": 6}  # noqa: RUF012  (never changed)

    def test_totals_by_type_that_agree_confirm_the_counts(self) -> None:
        weak = tuple(replace(each, trust=0.5) for each in (*SIXTY[:-1], seen("Island", 46)))

        assert doubtful(solved(*weak, types=self.TYPES)) == []
        assert doubtful(solved(*weak[:-1], seen("Island", 44, trust=0.5), types=self.TYPES)) != []

    def test_a_land_that_is_a_creature_counts_as_a_creature(self) -> None:
        weak = tuple(replace(each, trust=0.5) for each in (seen("Dryad Arbor", 1), seen("Island", 3)))

        assert doubtful(solved(*weak, types={"land": 3, "creature": 1, "other": 0})) == []
        assert doubtful(solved(*weak, types={"land": 4, "creature": 0, "other": 0})) != []

    def test_they_may_count_the_sideboard_too(self) -> None:
        weak = tuple(replace(each, trust=0.5) for each in (seen("Opt", 3), seen("Island", 3), seen("Opt", 1, SIDE)))
        deck = solved(*weak, types={"land": 3, "other": 4}, types_cover=frozenset({MAIN, SIDE}))

        assert doubtful(deck) == []

    def test_one_of_them_alone_confirms_nothing(self) -> None:
        assert doubtful(solved(seen("Island", 3, trust=0.5), types={"land": 3})) == ["Island"]


class TestNames:
    def test_a_name_that_may_be_another_is_in_doubt_with_its_candidates(self) -> None:
        deck = solved(*SIXTY[:-1], seen("Shock", share=0.6, fit=0.85, rival="Stoke"), seen("Island", 45))
        (line,) = (line for line in deck[MAIN] if not line.certain)

        assert (line.card.name, line.candidates) == ("Shock", ("Stoke",))
        assert not deck.verified

    def test_certain_lines_have_no_candidates(self) -> None:
        assert all(line.candidates == () for _, line in solved(*SIXTY))

    def test_a_neighbour_in_the_pile_settles_it(self) -> None:
        deck = solved(seen("Stoke", pile="1"), doubtfully("Shock", "Stoke", pile="1"))

        assert rows(deck) == {"Stoke": 2}

    def test_so_does_the_other_section(self) -> None:
        deck = solved(seen("Stoke", 4), doubtfully("Shock", "Stoke", section=SIDE))

        assert rows(deck, SIDE) == {"Stoke": 1}

    def test_a_card_of_another_pile_does_not(self) -> None:
        deck = solved(seen("Stoke", pile="1"), doubtfully("Shock", "Stoke", pile="2"))

        assert rows(deck) == {"Stoke": 1, "Shock": 1}
        assert doubtful(deck) == ["Shock"]

    def test_a_weak_title_elsewhere_leaves_the_line_in_doubt(self) -> None:
        clear, weak = seen("Stoke", 3, pile="1"), seen("Stoke", fit=0.65, pile="2")

        assert doubtful(solved(clear, weak, *SIXTY[1:], displayed={MAIN: 60})) == ["Stoke"]
        assert doubtful(solved(clear, replace(weak, pile="1"), *SIXTY[1:], displayed={MAIN: 60})) == []

    def test_a_clear_name_is_never_changed_to_its_neighbours(self) -> None:
        deck = solved(seen("Pillage", pile="1"), seen("Village", pile="1", share=0.95, rival="Pillage"))

        assert rows(deck) == {"Pillage": 1, "Village": 1}

    def test_a_cut_name_that_fits_several_cards_is_in_doubt(self) -> None:
        cut = seen("Treasure Cruise", 4, share=0.5, rival="Duress", truncated=True)

        assert doubtful(solved(cut, *SIXTY[1:], displayed={MAIN: 60})) == ["Treasure Cruise"]

    def test_a_weak_fit_is_in_doubt_even_if_nothing_else_comes_near(self) -> None:
        assert doubtful(solved(seen("Opt", 4, fit=0.7), *SIXTY[1:], displayed={MAIN: 60})) == ["Opt"]


class TestCommandZones:
    def test_a_companion_is_the_card_too_many_that_stands_alone(self) -> None:
        alone = seen("Lurrus of the Dream-Den", pile="0", trust=0.7)
        deck = solved(alone, *SIXTY, displayed={MAIN: 60})

        assert rows(deck, Section.COMPANION) == {"Lurrus of the Dream-Den": 1}
        assert deck.totals[MAIN] == Total(60, 60)
        assert deck.verified

    def test_or_the_card_that_the_sideboard_lacks(self) -> None:
        alone = seen("Lurrus of the Dream-Den", pile="0")
        side = (*FIFTEEN[:-1], seen("Pillage", 2, SIDE))
        deck = solved(alone, *SIXTY, *side, displayed=SHOWN)

        assert rows(deck, Section.COMPANION) == {"Lurrus of the Dream-Den": 1}
        assert deck.totals == {MAIN: Total(60, 60), SIDE: Total(15, 15)}
        assert deck.verified

    def test_where_the_totals_are_met_it_is_a_card_of_the_main_deck(self) -> None:
        alone = seen("Lurrus of the Dream-Den", pile="0")
        deck = solved(alone, *SIXTY[:-1], seen("Island", 45), *FIFTEEN, displayed=SHOWN)

        assert rows(deck, Section.COMPANION) == {}
        assert rows(deck)["Lurrus of the Dream-Den"] == 1
        assert deck.verified

    @pytest.mark.parametrize(
        "first",
        [
            (seen("Ledger Shredder", pile="0"),),
            (seen("Lurrus of the Dream-Den"),),
            (seen("Lurrus of the Dream-Den", pile="0"), seen("Duress", pile="0")),
            (seen("Lurrus of the Dream-Den", 2, pile="0"),),
        ],
        ids=["no companion", "nowhere alone", "in company", "two copies"],
    )
    def test_nothing_else_is_one(self, first: tuple[Sighting, ...]) -> None:
        assert rows(solved(*first, *SIXTY, displayed={MAIN: 60}), Section.COMPANION) == {}

    @pytest.mark.parametrize("shown", [99, 100], ids=["beside the total", "within the total"])
    def test_a_legend_alone_before_single_copies_commands(self, shown: int) -> None:
        alone = seen("Vivi Ornitier", pile="0")
        singles = [seen(name) for name in ("Opt", "Abrade", "Negate", "Duress")]
        deck = solved(alone, *singles, seen("Island", 95), displayed={MAIN: 100})

        assert rows(deck, Section.COMMANDER) == {"Vivi Ornitier": 1}
        assert deck.totals[MAIN] == Total(100, 100)
        assert deck.verified

    def test_a_legend_alone_before_playsets_does_not(self) -> None:
        deck = solved(seen("Vivi Ornitier", pile="0"), *SIXTY[:-1], seen("Island", 45), displayed={MAIN: 60})

        assert rows(deck, Section.COMMANDER) == {}


class TestWhatCannotBeRead:
    def test_cards_without_a_name_are_said(self) -> None:
        deck = solved(*SIXTY, unread=(Unread(MAIN, 3), Unread(SIDE)))

        assert deck.warnings == ("4 cards could not be named: hidden, cut off or without a title.",)
        assert not deck.verified

    def test_nothing_is_forced_where_cards_are_missing(self) -> None:
        deck = solved(seen("Opt", 1, trust=0.1), *SIXTY[1:], displayed={MAIN: 60}, unread=(Unread(MAIN),))

        assert rows(deck)["Opt"] == 1
        assert "1 card could not be named: hidden, cut off or without a title." in deck.warnings

    def test_part_of_a_deck_is_never_verified(self) -> None:
        assert not solved(*SIXTY, partial=True).verified

    def test_a_displayed_sideboard_that_nobody_saw_is_missing(self) -> None:
        deck = solved(*SIXTY, displayed=SHOWN)

        assert deck.totals[SIDE] == Total(0, 15)
        assert not deck.verified


# What holds for every observation


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    name, rival = draw(st.lists(st.sampled_from(sorted(CARDS)), min_size=2, max_size=2, unique=True))
    return seen(
        name,
        draw(st.integers(1, 5)),
        draw(st.sampled_from([MAIN, MAIN, SIDE])),
        trust=draw(st.sampled_from([0.05, 0.2, 0.4, 0.6, 0.9, 0.98])),
        fit=draw(st.sampled_from([0.5, 0.75, 0.85, 1.0])),
        share=draw(st.sampled_from([0.5, 0.7, 0.92, 1.0])),
        rival=rival,
        pile=draw(st.sampled_from(["", "1", "2"])),
        truncated=draw(st.booleans()),
    )


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    shown = draw(st.lists(sightings(), max_size=10))
    sizes = {section: sum(s.count for s in shown if s.section is section) for section in (MAIN, SIDE)}
    displayed = {
        section: max(0, size + draw(st.sampled_from([0, 0, 0, 1, -1, 3, -3])))
        for section, size in sizes.items()
        if draw(st.booleans())
    }
    unread = draw(st.lists(st.builds(Unread, st.sampled_from([MAIN, SIDE]), st.integers(1, 4)), max_size=1))
    return Observation("other", tuple(shown), displayed, unread=tuple(unread), partial=draw(st.booleans()))


def is_clear(sighting: Sighting) -> bool:
    return sighting.fit >= STRONG_FIT and sighting.share >= STRONG_SHARE


def without_rivals(observation: Observation) -> Observation:
    """The same with one option each: no neighbour settles a name otherwise."""
    return replace(observation, sightings=tuple(replace(s, options=s.options[:1]) for s in observation.sightings))


def size(observation: Observation, section: Section) -> int:
    return sum(s.count for s in observation.sightings if s.section is section)


@given(observations())
def test_verified_means_certain_complete_and_never_contradicted(observation: Observation) -> None:
    deck = solve(observation)

    if deck.verified:
        assert all(line.certain for _, line in deck)
        assert all(total.agrees for total in deck.totals.values())
        assert deck.warnings == ()
        assert not observation.unread
        assert not observation.partial


@given(observations())
def test_a_certain_line_was_named_clearly_and_its_count_believed(observation: Observation) -> None:
    clear = {s.card.name for s in observation.sightings if is_clear(s)}
    for section, line in solve(observation):
        if line.certain:
            trust = [
                s.trust
                for s in observation.sightings
                if line.card in [option.card for option in s.options] and (s.section is section or section not in SHOWN)
            ]
            assert line.card.name in clear
            assert max(trust) >= SUPPORTED


@given(observations())
def test_no_card_is_made_up(observation: Observation) -> None:
    seen_names = {option.card.name for s in observation.sightings for option in s.options}

    assert {line.card.name for _, line in solve(observation)} <= seen_names


@given(observations())
def test_counts_change_only_to_meet_a_displayed_total(observation: Observation) -> None:
    deck = solve(observation)
    for section in (MAIN, SIDE):
        zones = [Section.COMMANDER, Section.COMPANION] if section is MAIN else []
        held = deck.size(section) + sum(deck.size(zone) for zone in zones)
        total = deck.totals.get(section)

        assert held == size(observation, section) or (total is not None and total.read == total.displayed)


@given(observations())
def test_the_order_of_the_picture_is_kept(observation: Observation) -> None:
    unsettled = without_rivals(observation)
    deck = solve(unsettled)
    for section in (MAIN, SIDE):
        first = dict.fromkeys(s.card.name for s in unsettled.sightings if s.section is section)
        names = [line.card.name for line in deck[section]]

        assert names == [name for name in first if name in names]


@given(observations())
def test_solving_is_repeatable(observation: Observation) -> None:
    assert solve(observation) == solve(observation)
