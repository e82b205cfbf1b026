import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ocr_worker.cards.card import Card
from ocr_worker.cards.corpus import corpus_cards, read_corpus
from ocr_worker.errors import CatalogueError

DAY = date(2026, 7, 3)
Record = dict[str, Any]


def record(name: str, layout: str = "normal", **fields: Any) -> Record:
    usual: Record = {
        "name": name,
        "manaCost": "{1}",
        "type": "Artifact",
        "keywords": None,
        "text": None,
        "layout": layout,
        "colorIdentity": [],
    }
    return usual | fields


def names(*records: Record) -> list[str]:
    return [card.name for card in corpus_cards(records)]


def test_a_record_becomes_a_card() -> None:
    lurrus = record(
        "Lurrus of the Dream-Den",
        manaCost="{1}{W/B}{W/B}",
        type="Legendary Creature — Cat Nightmare",
        keywords=["Companion", "Lifelink"],
        text="Companion — Each permanent card in your starting deck has mana value 2 or less.",
        colorIdentity=["B", "W"],
    )

    assert corpus_cards([lurrus]) == (
        Card(
            name="Lurrus of the Dream-Den",
            type_line="Legendary Creature — Cat Nightmare",
            mana_cost="{1}{W/B}{W/B}",
            colour_identity="WB",
            can_be_companion=True,
        ),
    )


def test_back_faces_in_the_list_are_no_cards_of_their_own() -> None:
    front = record("Delver of Secrets // Insectile Aberration", "transform")
    back = record("Insectile Aberration", "transform", face="back", front="Delver of Secrets")

    assert names(front, back) == ["Delver of Secrets // Insectile Aberration"]


def test_what_two_cards_meld_into_is_no_card_of_its_own() -> None:
    rats = record("Graf Rats // Chittering Host", "meld")
    scavengers = record("Midnight Scavengers // Chittering Host", "meld")
    host = record("Chittering Host", "meld", manaCost=None)

    cards = corpus_cards([host, rats, scavengers])

    assert [(card.name, card.melds_into) for card in cards] == [
        ("Graf Rats", "Chittering Host"),
        ("Midnight Scavengers", "Chittering Host"),
    ]


def test_a_plain_printing_tells_more_than_a_two_sided_one() -> None:
    plain, two_sided = record("Sol Ring"), record("Sol Ring // Sol Ring", "reversible_card", manaCost=None)

    assert corpus_cards([two_sided, plain]) == (Card("Sol Ring", type_line="Artifact", mana_cost="{1}"),)


def test_a_card_known_as_two_sided_only_is_an_adventure_or_plain() -> None:
    cards = corpus_cards(
        [
            record("Sol Ring // Sol Ring", "reversible_card"),
            record("Regent // Toxin // Regent // Toxin", "reversible_card"),
        ]
    )

    assert [(card.name, card.layout) for card in cards] == [
        ("Regent // Toxin", "adventure"),
        ("Sol Ring", "normal"),
    ]


def test_planes_are_left_out() -> None:
    assert names(record("Tazeem", "planar", type="Plane — Zendikar")) == []


def test_runs_of_un_cards_are_known_by_their_ends() -> None:
    cards = corpus_cards([record("Opt"), record("Fruitcake Elemental"), record("Ooze"), record("Cheer"), record("Ow")])

    assert [card.name for card in cards if card.is_funny] == ["Cheer", "Fruitcake Elemental", "Ooze"]


def test_a_run_that_lost_an_end_is_no_run() -> None:
    assert not any(card.is_funny for card in corpus_cards([record("Fruitcake Elemental"), record("Ooze")]))


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', '[{"name": "Opt"}]', "[1]", "\x00"])
def test_a_file_that_is_no_corpus_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "corpus.json"
    path.write_text(text)

    with pytest.raises(CatalogueError):
        read_corpus(path, "test", DAY)


def test_a_corpus_file_becomes_a_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps([record("Opt"), record("Bolt")]))

    catalogue = read_corpus(path, "test 1", DAY)

    assert (catalogue.source, catalogue.date, len(catalogue)) == ("test 1", DAY, 2)
