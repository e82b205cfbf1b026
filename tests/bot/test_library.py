"""Cards that people search by name: misspelled ones are found, nonsense offers none."""

import asyncio
import random
import string

import pytest

from ocr_worker.cards import CardIndex
from tests.bot.product import library_of

MISSPELLED = {
    "lightnin bolt": "Lightning Bolt",
    "lihgtning blot": "Lightning Bolt",
    "ledgr shreder": "Ledger Shredder",
    "snapcster": "Snapcaster Mage",
    "tarmagoyf": "Tarmogoyf",
    "swrds to plowshare": "Swords to Plowshares",
}
NONSENSE = ["xqzwqxkz", "asdfghjkl", "qwertyuiop", "hello world", "blah blah", "the quick brown fox jumps", "1234567"]


@pytest.mark.parametrize("typed", MISSPELLED)
async def test_a_misspelled_name_is_found(index: CardIndex, typed: str) -> None:
    assert MISSPELLED[typed] in [card.name for card in await library_of(index).search(typed)]


@pytest.mark.parametrize("typed", NONSENSE)
async def test_nonsense_offers_no_cards(index: CardIndex, typed: str) -> None:
    library = library_of(index)
    assert await asyncio.gather(library.search(typed), library.complete(typed)) == [[], []]


async def test_of_random_letters_hardly_any_offers_a_card_and_of_slips_hardly_any_none(index: CardIndex) -> None:
    """Measured on names of the catalogue and as many texts without sense, the same ones each time."""
    dice, library = random.Random(5), library_of(index)
    letters = ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(5, 20))) for _ in range(100)]
    offered = [text for text in letters if await library.search(text)]
    assert len(offered) <= 3, offered

    names = dice.sample([card.name for card in index.cards if len(card.name) >= 6], 100)
    slipped = [name[:place] + name[place + 1 :] for name in names if (place := dice.randrange(1, len(name) - 1))]
    found = [
        name in [card.name for card in await library.search(typed)] for name, typed in zip(names, slipped, strict=True)
    ]
    assert sum(found) >= 98
