"""How badly a name may be read and still be found: the search against a seeded model of misreading."""

import pytest

from ocr_worker.cards import CardIndex
from tests.ocr_worker.cards.noise import recall

NAMES = 400


@pytest.mark.parametrize(
    ("share", "first", "of_five", "of_twenty"),
    [
        (0.05, 0.99, 0.995, 0.995),
        (0.15, 0.975, 0.985, 0.99),
        (0.25, 0.93, 0.97, 0.975),
        (0.35, 0.84, 0.92, 0.94),
    ],
)
def test_misread_names_are_found(
    index: CardIndex, share: float, first: float, of_five: float, of_twenty: float
) -> None:
    measured = recall(index, share, NAMES)

    assert measured[0] >= first
    assert measured[1] >= of_five
    assert measured[2] >= of_twenty


@pytest.mark.parametrize(
    ("read", "name", "among"),
    [
        ("Lightning Bo1t", "Lightning Bolt", 1),
        ("Krark Clan Sha..", "Krark-Clan Shaman", 1),
        ("Texin Ansiyas()", "Toxin Analysis", 1),
        ("Creinang Wil.", "Cleansing Wildfire", 5),
        ("NiSoelbom1", "Nihil Spellbomb", 5),
        ("0pt", "Opt", 1),
        ("Klothys, God of Dest...", "Klothys, God of Destiny", 1),
        ("Mountaln", "Mountain", 1),
    ],
)
def test_names_that_a_real_engine_misread_are_found(index: CardIndex, read: str, name: str, among: int) -> None:
    assert name in [match.card.name for match in index.search(read, among)]


def test_a_name_that_was_merged_and_cut_is_found_when_the_caller_says_that_it_may_be_cut(
    index: CardIndex,
) -> None:
    matches = index.search("ResEmmenR", 20, truncated=True)

    assert "Red Elemental Blast" in [match.card.name for match in matches]
