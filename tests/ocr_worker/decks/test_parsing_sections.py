"""Headings, blank lines, comments, deck names."""

import pytest

from ocr_worker.decks import ParsedDecklist, Section, parse_decklist
from tests.ocr_worker.decks.lists import FINDER, rows

SINGLES = "\n".join(f"1 Test Spell {number:02}" for number in range(98))


def parse(text: str) -> ParsedDecklist:
    return parse_decklist(text, FINDER)


@pytest.mark.parametrize(
    "heading",
    [
        "Sideboard",
        "sideboard",
        "SIDEBOARD:",
        "Sideboard:",
        "Sideboard (15)",
        "Sideboard: 15",
        "Sideboard (15 cards):",
        "15 Sideboard",
        "Side",
        "SB:",
        "//Sideboard",
        "// SIDEBOARD",
        "# Sideboard",
        "#Sideboard",
        "[Sideboard]",
        "== SIDEBOARD ==",
        "**Sideboard**",
        "Side board",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
def test_sideboard_headings(heading: str, gap: str) -> None:
    assert rows(parse(f"4 Opt{gap}{heading}\n2 Negate\n\n1 X").deck) == {
        "main": [(4, "Opt")],
        "side": [(2, "Negate"), (1, "X")],
    }


@pytest.mark.parametrize("heading", ["Deck", "deck:", "Maindeck", "Main Deck (60)", "//Main", "[Main]", "Mainboard"])
def test_main_headings(heading: str) -> None:
    text = f"Commander\n1 Kelsien, the Plague\n\n{heading}\n4 Opt\n\nSideboard\n1 Negate"
    assert rows(parse(text).deck) == {
        "main": [(4, "Opt")],
        "side": [(1, "Negate")],
        "commander": [(1, "Kelsien, the Plague")],
    }


def test_arena_lists_the_companion_twice_and_we_once() -> None:
    lurrus = "1 Lurrus of the Dream-Den (IKO) 226"
    text = f"Companion\n{lurrus}\n\nDeck\n4 Opt\n\nSideboard\n2 Negate\n{lurrus}\n"
    assert rows(parse(text).deck) == {
        "main": [(4, "Opt")],
        "side": [(2, "Negate")],
        "companion": [(1, "Lurrus of the Dream-Den")],
    }


def test_about_gives_the_name_only() -> None:
    parsed = parse("About\nName Dropping\n\nDeck\n1 Name Dropping\n1 About Face")
    assert parsed.deck.name == "Dropping"
    assert rows(parsed.deck) == {"main": [(1, "Name Dropping"), (1, "About Face")]}


@pytest.mark.parametrize(
    "line", ["//NAME: Burn from deckstats.net", "// NAME: Burn", "NAME:Burn", "[metadata]\nName=Burn\n[Main]"]
)
def test_names_of_decks(line: str) -> None:
    parsed = parse(f"{line}\n4 Opt")
    assert parsed.deck.name == "Burn"
    assert rows(parsed.deck) == {"main": [(4, "Opt")]}


def test_one_blank_line_separates_the_sideboard() -> None:
    assert rows(parse("4 Opt\n20 Island\n\n3 Negate\n1 X").deck) == {
        "main": [(4, "Opt"), (20, "Island")],
        "side": [(3, "Negate"), (1, "X")],
    }


def test_leading_blank_lines_and_a_main_heading_keep_that_rule() -> None:
    assert rows(parse("\n\nDeck\n\n4 Opt\n\n3 Negate\n\n").deck) == {
        "main": [(4, "Opt")],
        "side": [(3, "Negate")],
    }


def test_blank_lines_between_card_types_do_not() -> None:
    text = (
        "Creatures (4)\n4 Brazen Borrower\n\nInstants and Sorceries: 4\n4 Opt\n\n"
        "24 Lands\n24 Island\n\nSideboard\n2 Negate"
    )
    assert rows(parse(text).deck) == {
        "main": [(4, "Brazen Borrower // Petty Theft"), (4, "Opt"), (24, "Island")],
        "side": [(2, "Negate")],
    }


def test_of_three_blocks_the_last_is_the_sideboard_where_the_sizes_say_so() -> None:
    parsed = parse("36 Opt\n\n24 Island\n\n15 Negate")
    assert rows(parsed.deck) == {"main": [(36, "Opt"), (24, "Island")], "side": [(15, "Negate")]}
    assert parsed.notes == ("The block after the last blank line was taken as the sideboard.",)


def test_other_blank_lines_are_not_interpreted_and_that_is_said() -> None:
    parsed = parse("4 Opt\n\n4 Negate\n\n24 Island")
    assert rows(parsed.deck) == {"main": [(4, "Opt"), (4, "Negate"), (24, "Island")]}
    assert parsed.notes == ("Blank lines separate more than two blocks: all were taken as the main deck.",)


@pytest.mark.parametrize("form", ["{legends}\n\n{main}", "{main}\n\n{legends}"])
def test_legends_apart_from_98_singles_are_the_commanders(form: str) -> None:
    legends = "1 Thrasios, Triton Hero\n1 Tymna the Weaver"
    parsed = parse(form.format(legends=legends, main=SINGLES))
    assert rows(parsed.deck)["commander"] == [(1, "Thrasios, Triton Hero"), (1, "Tymna the Weaver")]
    assert parsed.deck.size(Section.MAIN) == 98
    assert parsed.notes == ("Taken as the commander: Thrasios, Triton Hero and Tymna the Weaver.",)


def test_a_commander_block_may_follow_the_sideboard() -> None:
    parsed = parse(f"{SINGLES}\n1 Island\n\nSIDEBOARD:\n1 Negate\n\n1 Tymna the Weaver")
    assert rows(parsed.deck)["commander"] == [(1, "Tymna the Weaver")]
    assert rows(parsed.deck)["side"] == [(1, "Negate")]


@pytest.mark.parametrize("last", ["1 Test Spell 97", "2 Tymna the Weaver", "1 Nobody"])
def test_a_last_block_that_is_no_legend_is_no_commander(last: str) -> None:
    main = "\n".join(SINGLES.splitlines()[:97]) + "\n2 Island"
    assert "commander" not in rows(parse(f"{main}\n\n{last}").deck)


def test_the_sideboard_of_sixty_cards_is_no_commander() -> None:
    parsed = parse("36 Opt\n24 Island\n\n1 Tymna the Weaver")
    assert rows(parsed.deck)["side"] == [(1, "Tymna the Weaver")]


def test_remarks_below_a_plain_heading_stay_in_its_section() -> None:
    text = "// Amazing deck\n4 Opt\n# Do we need more?\n\nsideboard:\n  # try this\nNegate\n  // and that\n2 X"
    assert rows(parse(text).deck) == {"main": [(4, "Opt")], "side": [(1, "Negate"), (2, "X")]}


def test_groups_marked_like_the_sideboard_are_the_main_deck_again() -> None:
    text = "# Commander\n1x Kelsien, the Plague\n# Draw\n1x Opt\n# Sideboard\n1x Negate\n# Tutors\n1x X\n"
    assert rows(parse(text).deck) == {
        "main": [(1, "Opt"), (1, "X")],
        "side": [(1, "Negate")],
        "commander": [(1, "Kelsien, the Plague")],
    }


def test_deckstats_groups_and_marks() -> None:
    text = (
        "//NAME: Burn from deckstats.net\n//Main\n1 Kelsien, the Plague # !Commander\n//burn\n"
        "4 [MH2#290] Fire // Ice\n\n//Sideboard\nSB: 1 [M21] Negate\n\n//Maybeboard\n2 Opt\n"
    )
    parsed = parse(text)
    assert rows(parsed.deck) == {
        "main": [(4, "Fire // Ice")],
        "side": [(1, "Negate")],
        "commander": [(1, "Kelsien, the Plague")],
    }
    assert parsed.notes == ("Maybeboard (2 cards) left out.",)


def test_xmage_lines_with_name_and_layout() -> None:
    text = (
        "NAME:Burn\nAUTHOR:me\n4 [MH2:290] Fire // Ice\nSB: 1 [M21:13] Negate\n"
        "LAYOUT MAIN:(1,1)(NONE,false,50)|([MH2:290],)\n"
    )
    assert rows(parse(text).deck) == {"main": [(4, "Fire // Ice")], "side": [(1, "Negate")]}


@pytest.mark.parametrize("heading", ["Maybeboard", "Maybeboard:", "//Maybeboard", "Considering", "MAYBEBOARD (3)"])
def test_a_maybeboard_is_left_out_with_a_note(heading: str) -> None:
    parsed = parse(f"4 Opt\n\n{heading}\n2 Negate\n1 No Such Card")
    assert rows(parsed.deck) == {"main": [(4, "Opt")]}
    assert parsed.notes == ("Maybeboard (3 cards) left out.",)
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("Tokens", "Tokens"),
        ("Planar Deck", "Planes"),
        ("[Schemes]", "Schemes"),
        ("[Conspiracy]", "Conspiracies"),
    ],
)
def test_other_piles_are_left_out_too(heading: str, label: str) -> None:
    assert parse(f"4 Opt\n\n{heading}\n1 Treasure").notes == (f"{label} (1 card) left out.",)


def test_a_code_fence_around_a_list_is_ignored() -> None:
    assert rows(parse("```\nDeck\n4 Opt\n\nSideboard\n1 Negate\n```").deck) == {
        "main": [(4, "Opt")],
        "side": [(1, "Negate")],
    }


def test_problems_keep_their_line_numbers_behind_blank_lines_and_a_mark() -> None:
    parsed = parse("\ufeff\r\n\r\n4 Opt\r\n\r\nSideboard\r\n1 Nonsense\r\n")
    assert [(problem.line, problem.text) for problem in parsed.problems] == [(6, "1 Nonsense")]


def test_the_same_card_may_stand_in_both_sections() -> None:
    assert rows(parse("3 Opt\n\nSideboard\n1 Opt").deck) == {"main": [(3, "Opt")], "side": [(1, "Opt")]}


def test_sets_in_square_brackets_are_no_categories_and_a_blank_line_still_divides() -> None:
    assert rows(parse("4 Fire // Ice <290> [MH2]\n2 Opt [DOM]\n\n1 Negate [M21]\n").deck) == {
        "main": [(4, "Fire // Ice"), (2, "Opt")],
        "side": [(1, "Negate")],
    }
