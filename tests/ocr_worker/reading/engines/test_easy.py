"""EasyOCR alone reads a whole picture: fewer names than the default engine, but a deck that is worth having."""

import importlib.util

import pytest

from ocr_worker.cards import CardIndex
from ocr_worker.decks import deck_to_json
from ocr_worker.evaluation.scoring import score
from ocr_worker.pipeline import Reader
from ocr_worker.reading.decoding import Limits
from ocr_worker.reading.engines import create_engine
from ocr_worker.reading.layouts import all_layouts
from ocr_worker.reading.naming import NameReader
from tests.synthetic.generate import KINDS, make_picture
from tests.synthetic.pool import Pool

SEED = 2

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("easyocr") is None, reason="EasyOCR is not installed"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def easyocr_reader(names: NameReader) -> Reader:
    """Reads with EasyOCR alone, on one thread."""
    return Reader(create_engine("easyocr", threads=1), names, all_layouts(), Limits())


@pytest.mark.parametrize(("kind", "number"), [("plain-text", 19), ("arena-deck-builder", 5)])
def test_most_lines_of_a_synthetic_picture_are_right(
    kind: str, number: int, easyocr_reader: Reader, index: CardIndex
) -> None:
    drawn = next(each for each in KINDS if each.name == kind)
    picture = make_picture(Pool.of(index.cards), drawn, SEED, number)
    deck = easyocr_reader.read(picture.content)
    result = score(picture.truth, deck_to_json(deck, image=str(picture.truth["image"])))

    assert result.right >= 0.7 * result.asked
    assert result.silent <= 1
