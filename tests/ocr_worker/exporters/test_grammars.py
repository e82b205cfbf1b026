"""Exports read back by others: the strict grammars of importers, standard parsers, and mtg-parser."""

import configparser
import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from xml.etree import ElementTree

import pytest
from mtg_parser.decklist import DecklistDeckParser  # type: ignore[import-untyped]

from ocr_worker.decks import Deck, Section
from ocr_worker.exporters import export, formats
from tests.ocr_worker.decks.lists import DECKS, deck

Rows = list[tuple[int, str]]

#: One line of Arena's import: a heading, the deck's name, or a card. Anything else refuses the whole list.
ARENA_LINE = re.compile(
    r"(?P<heading>About|Commander|Companion|Deck|Sideboard)"
    r"|Name (?P<title>\S.*)"
    r"|(?P<count>[1-9]\d*) (?P<name>(?!/)\S+(?: (?:// )?(?!/)\S+)*?)"
    r"(?: \((?P<set>[A-Z0-9]{3,5})\) (?P<number>\S+))?"
)
ORDER = ["About", "Commander", "Companion", "Deck", "Sideboard"]


def spelled(each: Deck, name: str, *sections: Section) -> Rows:
    """What the target should hold of these sections, by its own names."""
    exporter = formats()[name]
    rows: Counter[str] = Counter()
    for section, line in each:
        if exporter.place_of(section) in sections:
            rows[exporter.spelling(line.card)] += line.count
    return [(count, card) for card, count in rows.items()]


@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_every_line_of_an_arena_export_is_one_that_arena_imports(each: Deck) -> None:
    headings, after_blank = [], True
    for line in export(each, "arena").text.split("\n")[:-1]:
        match = ARENA_LINE.fullmatch(line)
        assert match or line == ""
        if match and match["heading"]:
            assert after_blank, "a blank line stands before every heading"
            headings.append(match["heading"])
        after_blank = line == ""
    assert headings == [heading for heading in ORDER if heading in headings]


@pytest.mark.parametrize(
    "line", ["Fire // Ice", "0 Opt", "4  Opt", "4x Opt", "Sideboard:", "# Opt", "4 Fire / Ice", "4 Opt "]
)
def test_the_check_for_arena_refuses_what_arena_refuses(line: str) -> None:
    assert ARENA_LINE.fullmatch(line) is None


def _understood_by_mtg_parser(name: str) -> bool:
    """Its grammar of names is narrower than the cards (``_CARD_ATOM`` in mtg_parser/grammar.py)."""
    return re.fullmatch(r"[\w+,/':.\" -]+", name) is not None


def _read_by_mtg_parser(text: str) -> Rows:
    return [(card.quantity, card.name) for card in DecklistDeckParser().parse_deck(text) or ()]


@pytest.mark.parametrize("name", ["arena", "text", "mtgo", "mtggoldfish", "moxfield"])
@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_mtg_parser_reads_the_same_cards(each: Deck, name: str) -> None:
    held = [
        (line.count, formats()[name].spelling(line.card))
        for section, line in each
        if formats()[name].place_of(section) is section
    ]
    read = set(_read_by_mtg_parser(export(each, name).text))
    assert {row for row in held if _understood_by_mtg_parser(row[1])} <= read


def test_mtg_parser_reads_deckstats_marks() -> None:
    parsed = DecklistDeckParser().parse_deck(export(DECKS["partners"], "deckstats").text) or ()
    tags = {card.name: card.tags for card in parsed}
    assert tags["Tymna the Weaver"] == {"main", "!commander"}
    assert tags["Sol Ring"] == {"main"}


@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_dek_is_xml_with_a_number_on_every_card(each: Deck) -> None:
    root = ElementTree.fromstring(export(each, "mtgo-dek").text)  # noqa: S314  (our own text)
    for flag, section in (("false", Section.MAIN), ("true", Section.SIDEBOARD)):
        cards = [card for card in root.iter("Cards") if card.attrib["Sideboard"] == flag]
        assert [(int(card.attrib["Quantity"]), card.attrib["Name"]) for card in cards] == spelled(
            each, "mtgo-dek", section
        )
        assert all(card.attrib["CatID"].isdecimal() for card in cards)


@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_cod_is_xml_with_zones(each: Deck) -> None:
    root = ElementTree.fromstring(export(each, "cockatrice").text)  # noqa: S314
    assert root.attrib == {"version": "1"}
    for zone, section in (("main", Section.MAIN), ("side", Section.SIDEBOARD)):
        cards = root.findall(f"zone[@name='{zone}']/card")
        assert [(int(card.attrib["number"]), card.attrib["name"]) for card in cards] == spelled(
            each, "cockatrice", section
        )


@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_forge_is_an_ini_file(each: Deck) -> None:
    ini = configparser.ConfigParser(allow_no_value=True, delimiters=("=",), interpolation=None)
    ini.optionxform = str  # type: ignore[assignment, method-assign]
    ini.read_string(export(each, "forge").text)
    assert ini["metadata"]["Name"]
    for heading, section in (
        ("Commander", Section.COMMANDER),
        ("Main", Section.MAIN),
        ("Sideboard", Section.SIDEBOARD),
    ):
        lines = [line.split(" ", 1) for line in ini[heading]] if heading in ini else []
        assert [(int(count), name) for count, name in lines] == spelled(each, "forge", section)


def _read_as_xmage(text: str) -> Iterator[tuple[bool, int, str]]:
    """The rules of ``TxtDeckImporter.java`` that decide on a line: marks, counts of 1 to 99, comments."""
    for line in text.splitlines():
        assert line, "a blank line would start the sideboard"
        assert not line.startswith("//")
        side, line = line.startswith("SB: "), line.removeprefix("SB: ")
        count, _, name = line.partition("#")[0].partition(" ")
        assert 1 <= int(count) <= 99
        yield side, int(count), name


@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_xmage_reads_every_line_by_name(each: Deck) -> None:
    read: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for side, count, name in _read_as_xmage(export(each, "xmage").text):
        read[side][name] += count
    for side, section in ((False, Section.MAIN), (True, Section.SIDEBOARD)):
        assert read[side] == Counter({name: count for count, name in spelled(each, "xmage", section)})


@pytest.mark.parametrize(("name", "count"), [("csv", "Count"), ("manabox", "Quantity"), ("deckbox", "Count")])
@pytest.mark.parametrize("each", DECKS.values(), ids=DECKS)
def test_tables_are_csv_with_headings(each: Deck, name: str, count: str) -> None:
    rows = list(csv.DictReader(StringIO(export(each, name).text, newline="")))
    read: Counter[str] = Counter()
    for row in rows:
        read[row["Name"]] += int(row[count])
    assert read == Counter({card: count for count, card in spelled(each, name, *Section)})


def test_names_with_commas_and_quotes_are_quoted_in_tables() -> None:
    text = export(deck(main=[(1, 'Kongming, "Sleeping Dragon"')]), "deckbox").text
    assert text == 'Count,Name\r\n1,"Kongming, ""Sleeping Dragon"""\r\n'
