import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from ocr_worker.cards.card import Card, Printing
from ocr_worker.cards.scryfall_cards import read_scryfall, scryfall_cards
from ocr_worker.errors import CatalogueError
from tests.ocr_worker.cards import scryfall_records as records
from tests.ocr_worker.cards.scryfall_records import Record, record

DAY = date(2026, 11, 20)


def only(card: Record) -> Card:
    cards = scryfall_cards([card])
    assert len(cards) == 1
    return cards[0]


def test_an_adventure_has_its_full_name_and_the_facts_of_its_front() -> None:
    assert only(records.BONECRUSHER) == Card(
        name="Bonecrusher Giant // Stomp",
        layout="adventure",
        type_line="Creature — Giant",
        mana_cost="{2}{R}",
        colour_identity="R",
        mtgo_id=78_562,
        printing=Printing("mh2", "290"),
    )


def test_a_card_with_facts_on_its_faces_only_has_those_of_the_front() -> None:
    delver = only(records.DELVER)

    assert (delver.mana_cost, delver.type_line) == ("{U}", "Creature — Human Wizard")


def test_a_card_printed_with_two_equal_sides_is_the_plain_card() -> None:
    propaganda = only(records.PROPAGANDA)

    assert (propaganda.name, propaganda.layout) == ("Propaganda", "normal")
    assert (propaganda.mana_cost, propaganda.type_line) == ("{2}{U}", "Enchantment")


def test_melded_cards_are_no_cards_but_known_to_their_parts() -> None:
    assert scryfall_cards([records.CHITTERING_HOST]) == ()
    assert only(records.GRAF_RATS).melds_into == "Chittering Host"


def test_companions_are_known_by_their_keyword() -> None:
    assert only(records.LURRUS).can_be_companion
    assert not only(records.HANGARBACK).can_be_companion


def test_names_of_re_skinned_printings_are_known() -> None:
    assert only(records.HANGARBACK).printed_names == ("Mechagodzilla, Battle Fortress",)
    assert only(records.PUNK).printed_names == ("Kraza, the Swarm as One",)


def test_a_printing_is_kept_with_whether_arena_has_it() -> None:
    there = record("Vivi Ornitier", set="fin", collector_number="248", games=["arena", "paper"])

    assert only(there).printing == Printing("fin", "248", is_on_arena=True)


@pytest.mark.parametrize("fields", [{"set": None}, {"set": ""}, {"collector_number": ""}, {"collector_number": "1 2"}])
def test_half_a_printing_is_none(fields: Record) -> None:
    assert only(record("Opt", **fields)).printing is None


def test_translated_names_are_left_out() -> None:
    assert only(records.JAPANESE).printed_names == ()


def test_copies_come_from_the_rules_text_of_any_face() -> None:
    dwarves = record("Seven Dwarves", oracle_text="A deck can have up to seven cards named Seven Dwarves.")

    assert only(dwarves).max_copies == 7


@pytest.mark.parametrize("card", records.FOREIGN, ids=lambda card: card["name"])
def test_what_is_no_deck_card_is_left_out(card: Record) -> None:
    assert scryfall_cards([card]) == ()


@pytest.mark.parametrize(
    ("fields", "is_funny"),
    [
        ({"border_color": "silver"}, True),
        ({"security_stamp": "acorn"}, True),
        ({"set_type": "funny", "legalities": {"vintage": "not_legal"}}, True),
        ({"set_type": "funny", "legalities": {"vintage": "legal"}}, False),
        ({"set_type": "alchemy", "legalities": {"vintage": "not_legal"}}, False),
        ({}, False),
    ],
)
def test_un_cards_are_those_that_no_format_allows(fields: Record, is_funny: bool) -> None:
    assert only(record("Some Card", **fields)).is_funny == is_funny


def test_the_real_one_of_two_cards_with_one_name_stays() -> None:
    joke = record("Red Herring", mana_cost="{9}", set_type="funny", legalities={"vintage": "not_legal"})

    assert scryfall_cards([joke, record("Red Herring", mana_cost="{1}{R}")])[0].mana_cost == "{1}{R}"


def lines(cards: Sequence[Record]) -> str:
    """The layout of Scryfall's files: an object a line."""
    return "[\n" + ",\n".join(json.dumps(card, ensure_ascii=False) for card in cards) + "\n]\n"


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_is_read_however_it_is_laid_out(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "cards.json"
    path.write_text(json.dumps(records.cards(3_000), indent=indent))

    assert len(read_scryfall(path, DAY)) == 3_000


def test_a_file_longer_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "cards.json"
    path.write_text(lines([record(f"Séance {number}", oracle_text="x" * 900) for number in range(3_000)]))

    catalogue = read_scryfall(path, DAY)

    assert (len(catalogue), catalogue.source, catalogue.date) == (3_000, "Scryfall", DAY)


def test_a_zipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cards.json.gz"
    path.write_bytes(gzip.compress(lines(records.cards(10)).encode()))

    assert len(read_scryfall(path, DAY)) == 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        "<html></html>",
        "[",
        "[{]",
        "[1, 2]",
        '[{"name": "Opt"}]',
        lines(records.cards(50))[:-3],
        lines(records.cards(50))[:4_000],
    ],
)
def test_a_file_that_is_no_whole_list_of_cards_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cards.json"
    path.write_text(text)

    with pytest.raises(CatalogueError):
        read_scryfall(path, DAY)


def test_a_file_with_broken_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cards.json"
    path.write_bytes(lines(records.cards(5)).encode().replace(b"Number", b"N\xff\xfe"))

    with pytest.raises(CatalogueError):
        read_scryfall(path, DAY)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        read_scryfall(tmp_path / "none.json", DAY)
