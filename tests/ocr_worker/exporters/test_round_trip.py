"""Export, then parse: the same deck, but for what the format cannot hold."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ocr_worker.cards import Card, CardIndex, compact, load_index
from ocr_worker.cards.names import without_alchemy
from ocr_worker.decks import Deck, DeckLine, Section, deck_to_json, parse_decklist
from ocr_worker.decks.readers.headings import read_heading
from ocr_worker.exporters import Exporter, export, formats
from tests.ocr_worker.decks.lists import CARDS, DECKS, FINDER, rows

LURRUS = CARDS["Lurrus of the Dream-Den"]
NAMES = st.sampled_from(sorted(CARDS.keys() - {LURRUS.name}))


def _section(most_rows: int, counts: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[DeckLine, ...]]:
    row = st.builds(lambda name, count: DeckLine(count, CARDS[name]), NAMES, counts)
    return st.lists(row, max_size=most_rows, unique_by=lambda line: line.card.name).map(tuple)


@st.composite
def decks(draw: st.DrawFn) -> Deck:
    """A deck with a main deck, at most 15 cards beside it, perhaps a companion, one commander or two."""
    main = draw(_section(12, st.integers(1, 250)))
    assume(main)
    sections = {
        Section.MAIN: main,
        Section.SIDEBOARD: draw(_section(5, st.integers(1, 3))),
        Section.COMMANDER: draw(_section(2, st.just(1))),
        Section.COMPANION: draw(st.sampled_from([(), (DeckLine(1, LURRUS),)])),
    }
    return Deck({section: lines for section, lines in sections.items() if lines})


def held(deck: Deck, exporter: Exporter) -> dict[str, list[tuple[int, str]]]:
    """What a format can hold of a deck: its sections only, and paper cards but for JSON."""
    counts: dict[Section, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for section, line in deck:
        name = line.card.name
        if exporter.name != "json" and not line.card.is_funny:
            name = without_alchemy(name)
        counts[exporter.place_of(section)][name] += line.count
    return {
        section.value: [(count, name) for name, count in counts[section].items()]
        for section in Section
        if section in counts
    }


@pytest.mark.parametrize("exporter", formats().values(), ids=formats())
@settings(max_examples=25, deadline=None)
@given(deck=decks())
@example(deck=DECKS["names"])
@example(deck=DECKS["companion"])
@example(deck=DECKS["partners"])
@example(deck=DECKS["large"])
def test_a_deck_comes_back_as_it_was(exporter: Exporter, deck: Deck) -> None:
    assume(all(count <= 999 for lines in held(deck, exporter).values() for count, _ in lines))
    parsed = parse_decklist(export(deck, exporter.name).text, FINDER)
    assert rows(parsed.deck) == held(deck, exporter)
    assert parsed.problems == ()


@pytest.mark.parametrize("name", [name for name in formats() if formats()[name].suffix == ".txt"])
@settings(max_examples=15, deadline=None)
@given(deck=decks())
def test_line_ends_indentation_and_a_byte_order_mark_change_nothing(name: str, deck: Deck) -> None:
    text = export(deck, name).text
    mangled = "\ufeff" + text.replace("\r\n", "\n").replace(" ", "\t", 1).replace("\n", "  \r\n")
    assert rows(parse_decklist(mangled, FINDER).deck) == rows(parse_decklist(text, FINDER).deck)


@settings(max_examples=25, deadline=None)
@given(
    deck=decks(),
    certain=st.booleans(),
    read=st.text(max_size=20),
    title=st.sampled_from(["", "Burn", "Cats & Dogs"]),
)
def test_json_gives_back_everything_but_the_name(deck: Deck, certain: bool, read: str, title: str) -> None:
    doubtful = {
        section: tuple(
            DeckLine(line.count, line.card, certain, read, (1, 2, 30, 40), ("Opt", "Negate")) for line in lines
        )
        for section, lines in deck.lines.items()
    }
    original = Deck(doubtful, kind="arena-list", warnings=("One row is hidden.",), name=title)
    parsed = parse_decklist(export(original, "json").text, FINDER)
    assert deck_to_json(parsed.deck) == deck_to_json(original)
    assert parsed.problems == ()


@pytest.mark.parametrize("name", ["arena", "deckstats", "cockatrice", "forge"])
def test_the_name_of_the_deck_comes_back(name: str) -> None:
    assert parse_decklist(export(DECKS["companion"], name).text, FINDER).deck.name == 'Death & "Taxes" <v2>'


def _catalogue_sample(index: CardIndex) -> list[Card]:
    """All cards with an awkward name or two of them, and every fifteenth of the rest.

    Without the few whose names differ in punctuation or spaces only (Waste Land): to the index they are one.
    """
    keys = Counter(compact(card.name) for card in index.cards)
    cards = [card for card in index.cards if compact(card.name) and keys[compact(card.name)] == 1]
    awkward = [card for card in cards if not re.fullmatch(r"[A-Za-z' ,-]+", card.name)]
    return [replace(card, mtgo_id=1) for card in {*awkward, *cards[::15]}]


@pytest.mark.parametrize("exporter", formats().values(), ids=formats())
def test_the_cards_of_the_catalogue_come_back(exporter: Exporter, index: CardIndex) -> None:
    sample = _catalogue_sample(index)
    for start in range(0, len(sample), 400):
        deck = Deck({Section.MAIN: tuple(DeckLine(2, card) for card in sample[start : start + 400])})
        parsed = parse_decklist(export(deck, exporter.name).text, index)
        assert parsed.problems == ()
        assert rows(parsed.deck) == held(deck, exporter)


def test_no_card_is_called_like_a_heading(index: CardIndex) -> None:
    assert [card.name for card in index.cards if read_heading(card.name)] == []


@pytest.fixture(scope="module")
def index() -> CardIndex:
    return load_index()
