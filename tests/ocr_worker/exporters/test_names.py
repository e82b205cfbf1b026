"""How each target spells names: one table, and what must never appear."""

import pytest

from ocr_worker.cards.card import Card
from ocr_worker.exporters import export, formats
from tests.ocr_worker.decks.lists import CARDS, DECKS, deck

#: One card each of split, adventure, modal_dfc, transform, flip, prepare.
FULL = [
    "Fire // Ice",
    "Brazen Borrower // Petty Theft",
    "Riverglide Pathway // Lavaglide Pathway",
    "Fable of the Mirror-Breaker // Reflection of Kiki-Jiki",
    "Nezumi Shortfang // Stabwhisker the Odious",
    "Studious First-Year // Rampant Growth",
]
FRONTS = [name.split(" // ")[0] for name in FULL]
ONE_SLASH = [name.replace(" // ", " / ") for name in FULL]

TABLE = {
    "arena": [FULL[0], *FRONTS[1:]],
    "mtgo": ["Fire/Ice", *FRONTS[1:]],
    "cockatrice": [*FULL[:2], *FRONTS[2:]],
    "archidekt": FULL,
    "moxfield": ONE_SLASH,
    "tappedout": [*ONE_SLASH[:2], *FRONTS[2:5], ONE_SLASH[5]],
}
SAME_AS = {
    "mtgo-dek": "mtgo", "xmage": "arena", "forge": "arena", "text": "arena", "mtggoldfish": "arena",
    "manabox": "archidekt", "deckbox": "archidekt", "deckstats": "archidekt", "csv": "archidekt",
}  # fmt: skip


@pytest.mark.parametrize("name", [*TABLE, *SAME_AS])
def test_two_names_are_spelled_as_the_target_does(name: str) -> None:
    spelled = [formats()[name].spelling(CARDS[card]) for card in FULL]
    assert spelled == TABLE[SAME_AS.get(name, name)]


def test_the_table_covers_every_format() -> None:
    assert {*TABLE, *SAME_AS, "json"} == set(formats())


@pytest.mark.parametrize(
    ("name", "five"),
    [
        ("arena", "Who // What // When // Where // Why"),
        ("mtgo", "Who/What/When/Where/Why"),
        ("tappedout", "Who / What / When / Where / Why"),
    ],
)
def test_all_separators_of_a_five_part_name_are_replaced(name: str, five: str) -> None:
    assert formats()[name].spelling(CARDS["Who // What // When // Where // Why"]) == five


@pytest.mark.parametrize("name", formats())
def test_slashes_within_one_name_stay(name: str) -> None:
    for card in ("SP//dr, Piloted by Peni", "Summon: Choco/Mog"):
        assert formats()[name].spelling(CARDS[card]) == card


@pytest.mark.parametrize("name", [name for name in formats() if name != "json"])
def test_rebalanced_cards_are_written_by_their_plain_names(name: str) -> None:
    text = export(DECKS["names"], name).text
    assert "A-" not in text
    assert "Vivi Ornitier" in text


def test_json_keeps_the_catalogue_names() -> None:
    text = export(DECKS["names"], "json").text
    assert '"A-Vivi Ornitier"' in text
    assert '"Brazen Borrower // Petty Theft"' in text


@pytest.mark.parametrize("name", formats())
def test_quotes_and_apostrophes_are_straight(name: str) -> None:
    spelling = formats()[name].spelling
    assert spelling(Card("Lim-Dûl’s “Vault”")).replace("û", "u") == 'Lim-Dul\'s "Vault"'


@pytest.mark.parametrize("name", formats())
def test_meld_and_reversible_cards_are_written_by_the_front(name: str) -> None:
    spelling = formats()[name].spelling
    assert spelling(Card("Graf Rats // Chittering Host", layout="meld")) == "Graf Rats"
    assert spelling(Card("Sol Ring // Sol Ring", layout="reversible_card")) == "Sol Ring"


def test_magic_online_text_is_ascii_and_says_whose_accents_it_lost() -> None:
    result = export(DECKS["names"], "mtgo")
    assert result.text.isascii()
    assert "1 Seance" in result.text
    assert any("use mtgo-dek" in note and "Séance" in note and "Lim-Dûl's Vault" in note for note in result.notes)


@pytest.mark.parametrize("name", [name for name in formats() if name not in ("mtgo", "json")])
def test_accents_survive_everywhere_else(name: str) -> None:
    text = export(DECKS["names"], name).text
    for card in ("Séance", "Lim-Dûl's Vault", "Jötun Grunt", "Ratonhnhaké꞉ton"):
        assert card in text


@pytest.mark.parametrize("name", ["manabox", "cockatrice", "archidekt"])
def test_a_note_says_that_the_paper_card_is_meant(name: str) -> None:
    notes = export(DECKS["names"], name).notes
    assert any("Alchemy" in note and "Vivi Ornitier; Blessed Hippogriff" in note for note in notes)


@pytest.mark.parametrize("name", ["arena", "text", "json"])
def test_no_such_note_where_the_plain_name_is_the_card(name: str) -> None:
    assert export(deck(main=[(1, "A-Vivi Ornitier")]), name).notes == ()
