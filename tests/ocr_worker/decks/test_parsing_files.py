"""XML, CSV and JSON decks, their damaged and hostile kinds too."""

import csv
import json

import pytest

from ocr_worker.decks import ParsedDecklist, Section, Total, deck_from_json, parse_decklist
from ocr_worker.errors import DecklistError
from tests.ocr_worker.decks.lists import FINDER, rows


def parse(text: str) -> ParsedDecklist:
    return parse_decklist(text, FINDER)


def test_dek_with_attributes_in_any_order() -> None:
    parsed = parse(
        '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<Deck xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        "<NetDeckID>0</NetDeckID>"
        '<Cards CatID="1" Quantity="4" Sideboard="false" Name="Fire/Ice" Annotation="0" />'
        '<Cards Name="Minsc &amp; Boo, Timeless Heroes" Sideboard="True" Quantity="1" CatID="2"/>'
        '<Cards CatID="3" Quantity="2" Sideboard="false" Name="Nobody"/></Deck>'
    )
    assert rows(parsed.deck) == {"main": [(4, "Fire // Ice")], "side": [(1, "Minsc & Boo, Timeless Heroes")]}
    assert [(problem.line, problem.text) for problem in parsed.problems] == [(3, "2 Nobody")]


def test_cod_with_name_zones_and_tokens() -> None:
    parsed = parse(
        '<?xml version="1.0" encoding="UTF-8"?><cockatrice_deck version="1">'
        "<deckname>Burn</deckname><comments/>"
        '<zone name="main"><card number="4" name="Fire // Ice" setShortName="MH2"/></zone>'
        '<zone name="side"><card number="1" price="0" name="Negate"/></zone>'
        '<zone name="tokens"><card number="2" name="Treasure"/></zone></cockatrice_deck>'
    )
    assert parsed.deck.name == "Burn"
    assert rows(parsed.deck) == {"main": [(4, "Fire // Ice")], "side": [(1, "Negate")]}
    assert parsed.notes == ("Tokens (2 cards) left out.",)


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "xxxxxxxxxxxxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<Deck><Cards Quantity="1" Name="&b;"/></Deck>'
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE d SYSTEM "file:///etc/passwd"><Deck/>',
        "<Deck><Cards",
        "<Deck>\x00</Deck>",
        "<",
        "<a>" * 30_000,
        "<html><body>404</body></html>",
    ],
)
def test_damaged_and_hostile_xml_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(DecklistError, match=r"XML.*\.$"):
        parse(text)


def test_deeply_nested_xml_is_survived() -> None:
    parsed = parse(
        f'<cockatrice_deck><zone name="main">{"<x>" * 9_000}{"</x>" * 9_000}<card name="Opt"/></zone></cockatrice_deck>'
    )
    assert rows(parsed.deck) == {"main": [(1, "Opt")]}


@pytest.mark.parametrize(
    "header",
    [
        "Count,Name",
        "Quantity,Card",
        "Qty,Name",
        "count,card_name",
        "Count,Tradelist Count,Name",
        "Count,Edition,Name",
    ],
)
def test_tables_are_read_by_their_headings(header: str) -> None:
    columns = len(header.split(","))
    row = ["4", *["0"] * (columns - 2), "Fire // Ice"]
    assert rows(parse(f"{header}\r\n{','.join(row)}\r\n").deck) == {"main": [(4, "Fire // Ice")]}


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Board,Qty,Name\nside,1,Opt", "side"),
        ("Board,Qty,Name,Commander\nmain,1,Opt,True", "commander"),
        ("Count,Name,Section\n1,Opt,companion", "companion"),
        ("Section,Count,Name\nMain Deck,1,Opt", "main"),
        ("Card Name,Quantity,ID #,Sideboarded\nOpt,1,123,Yes", "side"),
        ("Quantity,Name,Categories\n1,Opt,Sideboard", "side"),
        ("Quantity;Name;Board\n1;Opt;sideboard", "side"),
        ("Quantity\tName\tBoard\n1\tOpt\tsideboard", "side"),
        ('"sep=,"\nFolder Name,Quantity,Card Name\nBinder,1,Opt', "main"),
        ("\n\nCount,Name\n\n1,Opt\n", "main"),
    ],
)
def test_tables_say_in_many_ways_where_a_card_belongs(text: str, section: str) -> None:
    assert rows(parse(text).deck) == {section: [(1, "Opt")]}


def test_rows_that_are_no_cards_keep_their_line_numbers() -> None:
    parsed = parse(
        'Count,Name,Board\n1,"Kongming, ""Sleeping Dragon""",main\n2,Nobody,main\nx,Opt,main\n3,Opt,maybe\n,,\n'
    )
    assert [(problem.line, problem.reason) for problem in parsed.problems] == [
        (3, "there is no card of this name"),
        (4, "the count is no number from 1 to 999"),
    ]
    assert parsed.notes == ("Maybeboard (3 cards) left out.",)


def test_rows_swallowed_by_an_open_quote_are_a_problem() -> None:
    parsed = parse('Count,Name\n1,Opt\n2,"Negate\n3,X\n')
    assert rows(parsed.deck) == {"main": [(1, "Opt")]}
    assert [problem.text for problem in parsed.problems] == ["2 Negate 3,X"]


def test_a_table_beyond_the_limits_of_csv_is_refused() -> None:
    limit = csv.field_size_limit(1_000)
    try:
        with pytest.raises(DecklistError, match="CSV"):
            parse('Count,Name\n1,"' + "x" * 2_000)
    finally:
        csv.field_size_limit(limit)


def test_json_with_everything_that_a_reading_knows() -> None:
    text = json.dumps(
        {
            "schema": 1, "image": "a.png", "kind": "arena-list",
            "main": [{"count": 4, "name": "Opt", "certain": False,
                      "read": "0pt", "box": [1, 2, 3, 4], "candidates": ["Ow"]}],
            "side": [], "commander": [], "companion": [],
            "totals": {"main": {"read": 4, "displayed": 60}, "side": {"read": 0, "displayed": None}},
            "verified": False, "warnings": ["Hidden rows."], "engine": "rapidocr", "seconds": 1.3,
        }
    )  # fmt: skip
    deck = parse(text).deck
    (line,) = deck[Section.MAIN]
    assert (line.count, line.certain, line.read, line.box, line.candidates) == (
        4,
        False,
        "0pt",
        (1, 2, 3, 4),
        ("Ow",),
    )
    assert deck.kind == "arena-list"
    assert deck.totals == {Section.MAIN: Total(4, 60), Section.SIDEBOARD: Total(0)}
    assert deck.warnings == ("Hidden rows.",)


def test_two_json_rows_of_one_card_become_one_and_stay_doubtful() -> None:
    main = [{"count": 1, "name": "Opt"}, {"count": 2, "name": "opt", "certain": False}]
    (line,) = deck_from_json({"main": main}, FINDER).deck[Section.MAIN]
    assert (line.count, line.certain) == (3, False)


def test_mtgjson_decks_are_read() -> None:
    text = json.dumps(
        {
            "meta": {"version": "5"},
            "data": {
                "name": "Breed Lethality",
                "commander": [{"count": 1, "name": "Atraxa, Praetors' Voice"}],
                "mainBoard": [{"count": 2, "name": "Island", "uuid": "x"}],
                "sideBoard": [{"count": 1, "name": "Negate"}],
                "tokens": [{"count": 1, "name": "Treasure"}],
            },
        }
    )
    parsed = parse(text)
    assert parsed.deck.name == "Breed Lethality"
    assert rows(parsed.deck) == {
        "main": [(2, "Island")],
        "side": [(1, "Negate")],
        "commander": [(1, "Atraxa, Praetors' Voice")],
    }
    assert parsed.notes == ("Tokens (1 card) left out.",)


def test_json_rows_that_are_no_cards_are_problems() -> None:
    rows_of_main = [
        {"count": 1, "name": "Nobody"},
        {"count": True, "name": "Opt"},
        {"name": "Opt"},
        "Opt",
        None,
        {"count": 10**9, "name": "Opt"},
    ]
    parsed = deck_from_json({"main": rows_of_main}, FINDER)
    assert [problem.line for problem in parsed.problems] == [1, 2, 3, 4, 5, 6]
    assert not parsed.deck.lines


def test_json_with_fields_of_wrong_kinds_is_read_without_them() -> None:
    row = {"count": 1, "name": "Opt", "box": ["a", 2, 3], "read": 5, "candidates": [1, "Ow"], "certain": None}
    parsed = deck_from_json(
        {"main": [row], "totals": {"main": 60, "side": {"read": "x"}}, "warnings": "no", "kind": 3}, FINDER
    )
    (line,) = parsed.deck[Section.MAIN]
    assert (line.box, line.read, line.candidates, line.certain) == (None, "", ("Ow",), True)
    assert parsed.deck.totals == {}
    assert parsed.deck.kind == "other"


@pytest.mark.parametrize(
    "text",
    ["{", '{"main": 4}', '{"schema": 1, "image": "a", "error": "no"}', "{" * 50_000, '{"a":' * 20_000, "{}"],
)
def test_other_json_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(DecklistError, match=r"JSON.*\.$"):
        parse(text)


def test_json_that_is_no_object_is_refused() -> None:
    values: list[object] = [[], None, 5, "main"]
    for value in values:
        with pytest.raises(DecklistError):
            deck_from_json(value, FINDER)
