import pytest

from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import colours, copies_allowed, is_deck_card, one_sided, unique_by_name


@pytest.mark.parametrize(
    ("layout", "type_line"),
    [
        ("planar", "Plane — Zendikar"),
        ("planar", "Phenomenon"),
        ("scheme", "Ongoing Scheme"),
        ("vanguard", "Vanguard"),
        ("token", "Token Creature — Goblin"),
        ("double_faced_token", "Token Creature — Zombie // Token Creature — Human"),
        ("emblem", "Emblem — Jace"),
        ("art_series", "Card // Card"),
        ("normal", "Dungeon — Undercity"),
        ("normal", "Stickers"),
        ("normal", "Card"),
        ("normal", "Hero"),
        ("normal", "Artifact — Attraction"),
        ("normal", "Artifact — Contraption"),
    ],
)
def test_what_stands_in_no_deck_is_no_deck_card(layout: str, type_line: str) -> None:
    assert not is_deck_card(layout, type_line)


@pytest.mark.parametrize(
    ("layout", "type_line"),
    [
        ("normal", "Legendary Creature — Human Hero"),
        ("normal", "Conspiracy"),
        ("normal", "Basic Land — Forest"),
        ("adventure", "Creature — Giant // Instant — Adventure"),
        ("normal", "Summon — Wolf"),
        ("normal", "Instant"),
    ],
)
def test_cards_of_decks_and_cubes_are_deck_cards(layout: str, type_line: str) -> None:
    assert is_deck_card(layout, type_line)


@pytest.mark.parametrize(
    ("type_line", "text", "copies"),
    [
        ("Basic Land — Island", "({T}: Add {U}.)", None),
        ("Basic Snow Land — Island", "", None),
        ("Creature — Rat", "A deck can have any number of cards named Relentless Rats.", None),
        ("Creature — Dwarf", "A deck can have up to seven cards named Seven Dwarves.", 7),
        ("Creature — Wraith Knight", "A deck can have up to nine cards named Nazgûl.", 9),
        ("Sorcery", "A deck can have only one card named Once More with Feeling.", 1),
        ("Instant", "Destroy target creature.", 4),
        ("Land", "{T}: Add one mana of any color that a basic land could produce.", 4),
    ],
)
def test_the_rules_text_says_how_many_copies_are_allowed(type_line: str, text: str, copies: int | None) -> None:
    assert copies_allowed(type_line, text) == copies


def test_colours_stand_in_the_order_of_the_wheel() -> None:
    assert colours(["G", "U", "W"]) == "WUG"
    assert colours([]) == ""


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Sol Ring // Sol Ring", "Sol Ring"),
        (
            "Scavenger Regent // Exude Toxin // Scavenger Regent // Exude Toxin",
            "Scavenger Regent // Exude Toxin",
        ),
        ("Fire // Ice", "Fire // Ice"),
        ("Who // What // When // Where // Why", "Who // What // When // Where // Why"),
        ("SP//dr, Piloted by Peni", "SP//dr, Piloted by Peni"),
    ],
)
def test_a_card_with_two_equal_sides_has_one_name(printed: str, name: str) -> None:
    assert one_sided(printed) == name


def test_of_two_cards_with_one_name_the_first_stays() -> None:
    first, second = Card("Red Herring", mana_cost="{1}{R}"), Card("Red Herring", mana_cost="{9}")

    assert unique_by_name([first, second, Card("Opt")]) == (Card("Opt"), first)
