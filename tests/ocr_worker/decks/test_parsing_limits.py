"""What is refused, and that nothing else ever breaks the parser or gets lost."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_worker.decks import parse_decklist
from ocr_worker.errors import DecklistError
from tests.ocr_worker.decks.lists import CARDS, FINDER


@pytest.mark.parametrize("text", ["1 Opt\n" * 1_001, "x" * 100_001])
def test_too_long_a_list_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(DecklistError) as refusal:
        parse_decklist(text, FINDER)
    assert str(refusal.value) == "The list is too long: at most 1,000 lines and 100,000 characters are read."


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\ufeff", "// only a remark", "Deck\n\nSideboard", "Count,Name\n"])
def test_a_list_without_any_card_is_refused(text: str) -> None:
    with pytest.raises(DecklistError, match="There is no card in this list"):
        parse_decklist(text, FINDER)


def test_a_full_list_is_read_quickly() -> None:
    names = list(CARDS)
    text = "\n".join(
        f"{number % 4 + 1}x {names[number % len(names)]} (SET) {number} *F* [Ramp]" for number in range(1_000)
    )
    began = time.perf_counter()
    parsed = parse_decklist(text, FINDER)
    assert parsed.problems == ()
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "piece", ["(", "[", "*", "^", "<", "|", "# ", "/", "x ", "1 ", ": ", "//", "((", "+", "{", "a(b) "]
)
def test_lines_made_to_confuse_patterns_are_read_quickly(piece: str) -> None:
    text = "\n".join("1 " + (piece * 500)[:490] for _ in range(190))
    began = time.perf_counter()
    parse_decklist(text, FINDER)
    assert time.perf_counter() - began < 5


FRAGMENTS = st.sampled_from(
    [*"()[]{}<>*^|#/+:=,;\"'\n\t -x", "Sideboard", "Deck", "Commander", "SB:", "//", "*CMDR*", "About",
     "Name ", "[Commander{top}]", "4 ", "4x ", "Opt", "Fire // Ice", "1996 World Champion", "# !Commander",
     "\r\n", "\u2028", "\x00", "\ud800"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(FRAGMENTS, max_size=40).map("".join)))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    try:
        parsed = parse_decklist(text, FINDER)
    except DecklistError:
        return
    for _, line in parsed.deck:
        assert line.count >= 1
        assert CARDS[line.card.name] == line.card
    for problem in parsed.problems:
        assert 1 <= problem.line <= len(text.splitlines())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*sorted(CARDS), "No Such Card", "Lightnig Bolt", "Opt Opt"]), min_size=1, max_size=30),
    st.sampled_from(["1 {}", "1x {}", "{}", "SB: 1 {}", "1 {} (SET) 5", "1x {} [Sideboard]", "1 {} # !Commander"]),
)
def test_every_line_is_a_card_or_a_problem(names: list[str], form: str) -> None:
    parsed = parse_decklist("\n".join(form.format(name) for name in names), FINDER)
    read = sum(line.count for _, line in parsed.deck)
    assert read + len(parsed.problems) == len(names)
    assert len(parsed.problems) == sum(name not in CARDS for name in names)
