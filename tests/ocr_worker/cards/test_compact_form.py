import json
import zlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.cards.card import Card, Printing
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import pack, unpack
from ocr_worker.errors import CatalogueError

WORDS = st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=20)
CARDS = st.builds(
    Card,
    name=WORDS.filter(bool),
    layout=st.sampled_from(["normal", "split", "adventure", "meld"]),
    type_line=WORDS,
    mana_cost=WORDS,
    colour_identity=st.sampled_from(["", "W", "UR"]),
    printed_names=st.lists(WORDS.filter(bool), max_size=2).map(tuple),
    max_copies=st.sampled_from([None, 1, 4, 7, 9]),
    can_be_companion=st.booleans(),
    mtgo_id=st.none() | st.integers(0, 200_000),
    is_funny=st.booleans(),
    melds_into=WORDS,
    printing=st.none()
    | st.builds(Printing, st.sampled_from(["mh2", "plst"]), st.sampled_from(["290", "1532★", "A-248"]), st.booleans()),
)
SMALL = Catalogue("test", date(2026, 7, 3), (Card("Fire // Ice", "split"), Card("Opt", mana_cost="{U}")))


@given(st.lists(CARDS, min_size=1))
def test_what_is_packed_comes_out_again(cards: list[Card]) -> None:
    catalogue = Catalogue("test", date(2026, 7, 3), tuple(cards))

    assert unpack(pack(catalogue)) == catalogue


def test_equal_catalogues_give_equal_bytes() -> None:
    assert pack(SMALL) == pack(Catalogue(SMALL.source, SMALL.date, tuple(SMALL.cards)))


def test_a_catalogue_without_printings_has_no_column_for_them() -> None:
    def unpacked(catalogue: Catalogue) -> int:
        return zlib.decompress(pack(catalogue).partition(b"\n")[2]).count(b"\x1e")

    printed = replace(SMALL, cards=(*SMALL.cards, Card("Shock", printing=Printing("m19", "156"))))
    assert unpacked(printed) == unpacked(SMALL) + 1
    assert (printed.knows_printings, SMALL.knows_printings) == (True, False)


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    packed = pack(SMALL)
    for size in range(len(packed)):
        with pytest.raises(CatalogueError):
            unpack(packed[:size])


def test_a_file_with_any_changed_byte_in_its_columns_is_refused() -> None:
    packed = pack(SMALL)
    for place in range(packed.index(b"\n") + 1, len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 0x55
        with pytest.raises(CatalogueError):
            unpack(bytes(changed))


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"date": "yesterday"}, {"cards": 3}, {"sha256": ""}, {"source": None, "cards": "x"}],
)
def test_a_header_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    header, _, body = pack(SMALL).partition(b"\n")
    changed = json.dumps(json.loads(header) | change).encode()

    with pytest.raises(CatalogueError):
        unpack(changed + b"\n" + body)


@pytest.mark.parametrize("garbage", [b"", b"\n", b"[]\n", b"null\nabc", b"\x00" * 100, b"{}\n", b"PK\x03\x04"])
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(CatalogueError):
        unpack(garbage)
