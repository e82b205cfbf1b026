"""Cards that people search by name: misspelled ones are found, nonsense offers none."""

import asyncio

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
