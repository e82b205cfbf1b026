"""Card lines in the grammars of all sites."""

import pytest

from ocr_worker.decks import parse_decklist
from tests.ocr_worker.decks.lists import FINDER, rows


def read(text: str) -> dict[str, list[tuple[int, str]]]:
    parsed = parse_decklist(text, FINDER)
    assert parsed.problems == ()
    return rows(parsed.deck)


@pytest.mark.parametrize(
    "line",
    [
        "4 Lightning Bolt",
        "4x Lightning Bolt",
        "4X Lightning Bolt",
        "4 x Lightning Bolt",
        "4× Lightning Bolt",
        "4xLightning Bolt",
        "x4 Lightning Bolt",
        "(4) Lightning Bolt",
        "Lightning Bolt x4",
        "Lightning Bolt (4)",
        "Lightning Bolt (x4)",
        "- 4 Lightning Bolt",
        "> 4 Lightning Bolt",
        "• 4x Lightning Bolt",
        "  4\tLightning Bolt  ",
        "4\u00a0Lightning Bolt",
        "4 lightning bolt",
        "4 Lightning Bolt (MH2) 290",
        "4 Lightning Bolt (mh2) 290 *F*",
        "4 Lightning Bolt (MH2) 290 *E*",
        "4 Lightning Bolt (PLST) DDC-49",
        "4 Lightning Bolt (SLD) 1532★ *F*",
        "4 Lightning Bolt (SLD:589) *f-etch*",
        "4 Lightning Bolt (DSK) 358 F",
        "4 Lightning Bolt (DSK)",
        "4 Lightning Bolt () 92",
        "4 Lightning Bolt ()",
        "4 Lightning Bolt [M10]",
        "4 Lightning Bolt [4ed/208] [foil]",
        "4 Lightning Bolt [A25:141]",
        "4 Lightning Bolt <prerelease> [OTJ] (F)",
        "4 Lightning Bolt <251> [THB]",
        "4 [MH2#290] Lightning Bolt",
        "4 [M10:146] Lightning Bolt",
        "4 [M10] Lightning Bolt # !Foil",
        "4 Lightning Bolt [BLB] #54 foil",
        "4 Lightning Bolt #Burn #Red Cards",
        "4x Lightning Bolt (a25) 141 [Removal,Burn] ^Have,#37d67a^",
        "4x Lightning Bolt ^Getting,#2ccce4^",
        "4x Lightning Bolt [Removal{noPrice}]",
        "4 Lightning Bolt|M10",
        "4 Lightning Bolt|M10|1",
        "4 Lightning Bolt+|M10",
    ],
)
def test_one_card_in_all_grammars(line: str) -> None:
    assert read(line) == {"main": [(4, "Lightning Bolt")]}


@pytest.mark.parametrize("slash", ["/", "//", "///", " / ", " // ", " /// ", "/ ", " //"])
def test_any_slashes_separate_two_names(slash: str) -> None:
    assert read(f"4 Fire{slash}Ice (MH2) 290") == {"main": [(4, "Fire // Ice")]}
    assert read(f"1 Who{slash}What{slash}When{slash}Where{slash}Why") == {
        "main": [(1, "Who // What // When // Where // Why")]
    }


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("1 Boggart Trawler / Boggart Bog (MH3) 243", "Boggart Trawler // Boggart Bog"),
        ("1 Brazen Borrower", "Brazen Borrower // Petty Theft"),
        ("1 Studious First-Year // Rampant Growth (sos) 162", "Studious First-Year // Rampant Growth"),
        ("1 Sol Ring // Sol Ring", "Sol Ring"),
        ("1 SP//dr, Piloted by Peni (SPM) 12", "SP//dr, Piloted by Peni"),
        ("1 Summon: Choco/Mog", "Summon: Choco/Mog"),
        ("1 A-Vivi Ornitier", "A-Vivi Ornitier"),
        ("1 Minsc & Boo, Timeless Heroes", "Minsc & Boo, Timeless Heroes"),
    ],
)  # fmt: skip
def test_cards_with_two_names_or_odd_ones(line: str, name: str) -> None:
    assert read(line) == {"main": [(1, name)]}


@pytest.mark.parametrize(
    "name",
    [
        "+2 Mace",
        "1996 World Champion",
        "17-Year Cicadas",
        "Black Waltz No. 3",
        "Hazmat Suit (Used)",
        "B.F.M. (Big Furry Monster)",
        "Erase (Not the Urza's Legacy One)",
        '"Ach! Hans, Run!"',
        'Kongming, "Sleeping Dragon"',
        "X",
        "Ow",
        "TL;DR",
        "Commander's Sphere",
        "Companion of the Trials",
        "About Face",
        "Name Dropping",
        "Nameless Race",
        "Main Event Horizon",
        "Land Tax",
        "Artifact Blast",
        "SP//dr, Piloted by Peni",
    ],
)
@pytest.mark.parametrize("form", ["{}", "1 {}", "1x {}", "1 {} (UND) 5 *F*", "1 {} [UND]", "1 [UND:5] {}"])
def test_names_with_digits_brackets_or_heading_words(form: str, name: str) -> None:
    assert read(form.format(name)) == {"main": [(1, name)]}


@pytest.mark.parametrize("spelling", ["Lim-Dûl's Vault", "Lim-Dul's Vault", "Lim-Dûl’s Vault", "LIM-DÛL'S VAULT"])
def test_accents_and_apostrophes_may_differ(spelling: str) -> None:
    assert read(f"2 {spelling}") == {"main": [(2, "Lim-Dûl's Vault")]}


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("SB: 1 Opt", "side"),
        ("SB: Opt", "side"),
        ("SB:1 [M21:13] Opt", "side"),
        ("sideboard: 1 Opt", "side"),
        ("1x Opt [Sideboard]", "side"),
        ("1x Opt (dom) 60 [Sideboard{noPrice},Draw]", "side"),
        ("COMMANDER: 1 Opt", "commander"),
        ("1 Opt *CMDR*", "commander"),
        ("1x Opt (fin) 382 *F* [Commander{top}]", "commander"),
        ("1x Opt [Commander]", "commander"),
        ("1x Opt [Oathbreaker{top}]", "commander"),
        ("1 Opt # !Commander", "commander"),
        ("1 Opt #!Commander", "commander"),
        ("SB: 1 Opt # !Commander", "commander"),
        ("1 Opt *CMPN*", "companion"),
        ("1x Opt [Companion{noDeck}]", "companion"),
        ("SB: 1 Opt # !Companion", "companion"),
        ("1x Opt [Draw,Sideboard]", "main"),
        ("1x Opt [Sac,Maybeboard]", "main"),
    ],
)
def test_marks_on_a_line_say_where_it_belongs(line: str, section: str) -> None:
    assert read(f"4 Negate\n{line}").get(section, [])[-1:] == [(1, "Opt")]


@pytest.mark.parametrize(
    "line",
    [
        "1x Opt [Maybeboard{noDeck}{noPrice}]",
        "1x Opt [Considering{noDeck}{noPrice},Draw]",
        "considering: 1 Opt",
    ],
)
def test_maybeboard_marks_leave_the_card_out_with_a_note(line: str) -> None:
    parsed = parse_decklist(f"4 Negate\n{line}\n2x Nonsense [Maybeboard]", FINDER)
    assert rows(parsed.deck) == {"main": [(4, "Negate")]}
    assert "Maybeboard" in " ".join(parsed.notes) or "Considering" in " ".join(parsed.notes)
    assert parsed.problems == (), "names outside the deck need not be known"


def test_copies_of_several_printings_come_together_in_the_order_of_the_list() -> None:
    assert read("2 Island (MH2) 1\n1 Opt\n3 Island (LEA) 2") == {"main": [(5, "Island"), (1, "Opt")]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4 Lightnig Bolt", "no card of this name"),
        ("4 Fire // Opt", "no card of this name"),
        ("0 Opt", "no card of this name"),
        ("5000 Opt", "no card of this name"),
        ("4", "no card of this name"),
        ("what a deck!", "no card of this name"),
        ("4 " + "Opt" * 300, "too long"),
    ],
)
def test_what_names_no_card_is_a_problem_with_its_line(line: str, reason: str) -> None:
    parsed = parse_decklist(f"1 Opt\n{line}", FINDER)
    assert rows(parsed.deck) == {"main": [(1, "Opt")]}
    (problem,) = parsed.problems
    assert problem.line == 2
    assert problem.text.startswith(line[:40].strip())
    assert reason in problem.reason
    assert str(problem).startswith("Line 2: ")
