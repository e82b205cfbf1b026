"""The catalogue that ships: size, date, and facts that anyone can check."""

import importlib.metadata

import pytest

from ocr_worker.cards import Card, CardIndex, snapshot_source
from ocr_worker.cards.make_snapshot import MAX_SNAPSHOT_BYTES, PACKAGE, installed_corpus


def card(index: CardIndex, name: str) -> Card:
    found = index.exact(name)
    assert found is not None
    return found


def test_the_snapshot_is_small_dated_and_counted() -> None:
    source = snapshot_source()
    header, catalogue = source.header(), source.load()

    assert source.path.stat().st_size < MAX_SNAPSHOT_BYTES
    assert header.date == catalogue.date
    assert header.cards == len(catalogue) > 33_000


def test_the_snapshot_is_what_the_installed_corpus_gives() -> None:
    try:
        importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"the development dependency {PACKAGE} is not installed")

    assert snapshot_source().load() == installed_corpus()


def test_cards_are_ordered_and_names_unique(index: CardIndex) -> None:
    names = [each.name for each in index.cards]

    assert names == sorted(set(names))


def test_facts_of_a_plain_card(index: CardIndex) -> None:
    bolt = card(index, "Lightning Bolt")

    assert (bolt.mana_cost, bolt.type_line, bolt.colour_identity) == ("{R}", "Instant", "R")
    assert (bolt.layout, bolt.max_copies, bolt.can_be_companion) == ("normal", 4, False)


def test_a_two_faced_card_has_the_type_and_cost_of_its_front(index: CardIndex) -> None:
    giant = card(index, "Bonecrusher Giant")

    assert giant.name == "Bonecrusher Giant // Stomp"
    assert (giant.layout, giant.type_line, giant.mana_cost) == ("adventure", "Creature — Giant", "{2}{R}")


@pytest.mark.parametrize(
    ("name", "copies"),
    [
        ("Forest", None),
        ("Snow-Covered Swamp", None),
        ("Wastes", None),
        ("Persistent Petitioners", None),
        ("Seven Dwarves", 7),
        ("Nazgul", 9),
        ("Dryad Arbor", 4),
    ],
)
def test_copies_allowed_of_unusual_cards(index: CardIndex, name: str, copies: int | None) -> None:
    assert card(index, name).max_copies == copies


def test_there_are_ten_real_companions(index: CardIndex) -> None:
    companions = {each.name for each in index.cards if each.can_be_companion and not each.is_funny}

    assert len(companions) == 10
    assert {"Lurrus of the Dream-Den", "Yorion, Sky Nomad"} <= companions


def test_layouts_that_decide_how_a_name_is_exported(index: CardIndex) -> None:
    assert card(index, "Fire // Ice").is_split
    assert card(index, "Unholy Annex // Ritual Chamber").is_split
    assert card(index, "Dusk // Dawn").is_split
    assert not card(index, "Delver of Secrets").is_split
    assert not card(index, "Akki Lavarunner").is_split


def test_cards_printed_with_two_equal_sides_are_there_once(index: CardIndex) -> None:
    assert card(index, "Propaganda").name == "Propaganda"
    assert card(index, "Scavenger Regent").name == "Scavenger Regent // Exude Toxin"
    assert card(index, "Scavenger Regent").layout != "reversible_card"
    assert not [each.name for each in index.cards if each.layout == "reversible_card"]


def test_meld_cards_bear_their_own_name_and_know_what_they_become(index: CardIndex) -> None:
    bruna = card(index, "Bruna, the Fading Light")

    assert bruna.name == "Bruna, the Fading Light"
    assert bruna.melds_into == "Brisela, Voice of Nightmares"
    assert card(index, "Brisela, Voice of Nightmares").melds_into == "Brisela, Voice of Nightmares"


@pytest.mark.parametrize(
    "name", ["Tazeem", "Chaotic Aether", "Your Inescapable Doom", "Goblin Warchief Avatar", "Ferris Wheel"]
)
def test_planes_schemes_and_the_like_are_not_there(index: CardIndex, name: str) -> None:
    assert index.exact(name) is None


@pytest.mark.parametrize("name", ["B.F.M. (Big Furry Monster)", "Bind // Liberate", "Lightning Colt", "Mise"])
def test_most_cards_of_un_sets_and_playtests_are_known_as_such(index: CardIndex, name: str) -> None:
    assert card(index, name).is_funny == (name != "Mise")  # first printed as a promo: the corpus cannot tell


@pytest.mark.parametrize("name", ["Pick Your Poison", "Red Herring", "Journey to Nowhere", "Abbey Matron"])
def test_cards_beside_the_funny_ones_are_real(index: CardIndex, name: str) -> None:
    assert not card(index, name).is_funny


def test_no_rules_text_is_shipped(index: CardIndex) -> None:
    longest = max(len(each.type_line) for each in index.cards)

    assert longest < 80
    assert not [each.name for each in index.cards if "\n" in each.type_line or "." in each.mana_cost]
