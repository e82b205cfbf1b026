"""Deck JSON, as the contract has it."""

import json

import pytest

from ocr_worker.decks import Deck, DeckLine, Section, Total, deck_to_json, error_to_json, json_line
from ocr_worker.errors import PictureError
from tests.ocr_worker.decks.lists import CARDS, deck

BOLT = DeckLine(4, CARDS["Lightning Bolt"], read="Lightning Bo1t", box=(812, 40, 1010, 66))


def test_a_deck_has_the_fields_of_the_contract_in_its_order() -> None:
    read = Deck({Section.MAIN: (BOLT,)}, kind="arena-deck-builder", totals={Section.MAIN: Total(4, 4)})
    assert list(deck_to_json(read, image="arena-rg-1.jpg", engine="rapidocr", seconds=1.3119).items()) == [
        ("schema", 1),
        ("image", "arena-rg-1.jpg"),
        ("kind", "arena-deck-builder"),
        (
            "main",
            [
                {
                    "count": 4,
                    "name": "Lightning Bolt",
                    "certain": True,
                    "read": "Lightning Bo1t",
                    "box": [812, 40, 1010, 66],
                    "candidates": [],
                }
            ],
        ),
        ("side", []),
        ("commander", []),
        ("companion", []),
        ("totals", {"main": {"read": 4, "displayed": 4}, "side": {"read": 0, "displayed": None}}),
        ("verified", True),
        ("warnings", []),
        ("engine", "rapidocr"),
        ("seconds", 1.312),
    ]


def test_names_are_the_full_ones_of_the_catalogue() -> None:
    data = deck_to_json(deck(main=[(1, "Bonecrusher Giant // Stomp"), (1, "A-Vivi Ornitier")]))
    assert [row["name"] for row in data["main"]] == ["Bonecrusher Giant // Stomp", "A-Vivi Ornitier"]


def test_totals_are_those_of_the_deck_where_it_has_them() -> None:
    data = deck_to_json(deck(main=[(4, "Opt")], companion=[(1, "Lurrus of the Dream-Den")], side_total=1))
    assert data["totals"] == {"main": {"read": 4, "displayed": None}, "side": {"read": 1, "displayed": 1}}


def test_a_doubtful_row_makes_the_deck_unverified() -> None:
    doubtful = DeckLine(1, CARDS["Opt"], certain=False, candidates=("Ow",))
    data = deck_to_json(Deck({Section.MAIN: (doubtful,)}))
    assert data["verified"] is False
    assert data["main"][0]["candidates"] == ["Ow"]


def test_an_unreadable_picture_gives_its_sentence() -> None:
    assert error_to_json("a.png", PictureError("The file is empty.")) == {
        "schema": 1,
        "image": "a.png",
        "error": "The file is empty.",
    }


@pytest.mark.parametrize("char", ["\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\ud800"])
def test_one_object_is_one_line_for_every_reader(char: str) -> None:
    text = json_line({"read": f"a{char}b"})
    assert len(text.splitlines()) == 1
    assert json.loads(text.encode("utf-8")) == {"read": f"a{char}b"}


def test_accents_are_not_escaped() -> None:
    assert "Séance" in json_line({"name": "Séance"})
