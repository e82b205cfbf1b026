"""Every engine tells lines in the same form: quads on the picture, texts, confidences, and what letters are likely."""

import importlib.util

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr_worker.pipeline import Reader
from ocr_worker.reading import lines
from ocr_worker.reading.engines import Engine, create_engine
from ocr_worker.reading.engines.ctc import best_path_score, decode, log_likelihoods
from ocr_worker.reading.lines import quad_rect
from ocr_worker.reading.page import cut_out

TEXTS = ("Lightning Bolt", "Counterspell", "4 Island", "60/60 Cards")
SIZE = (640, 360)
needs_easyocr = pytest.mark.skipif(importlib.util.find_spec("easyocr") is None, reason="EasyOCR is not installed")


@pytest.fixture(scope="module")
def picture() -> lines.Image:
    """The texts below each other, white on dark."""
    drawn = Image.new("RGB", SIZE, (24, 28, 40))
    pen = ImageDraw.Draw(drawn)
    for row, text in enumerate(TEXTS):
        pen.text((60, 40 + 80 * row), text, (240, 240, 240), ImageFont.load_default(28))
    return np.asarray(drawn, np.uint8)


@pytest.fixture(
    scope="module",
    params=[
        "rapidocr",
        "auto",
        pytest.param("easyocr", marks=[pytest.mark.slow, needs_easyocr, pytest.mark.filterwarnings("ignore")]),
    ],
)
def engine(request: pytest.FixtureRequest, reader: Reader) -> Engine:
    """Each engine on one thread, as every test's."""
    return reader.engine if request.param == "rapidocr" else create_engine(request.param, threads=1)


def test_every_line_is_found_and_read(engine: Engine, picture: lines.Image) -> None:
    quads = sorted(engine.detect(picture), key=lambda quad: float(quad[0, 1]))
    read = engine.recognise([cut_out(picture, quad) for quad in quads])

    assert [recognition.text for recognition in read] == list(TEXTS)


@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_places_are_on_the_picture_whatever_the_scale(engine: Engine, picture: lines.Image, scale: float) -> None:
    quads = sorted(engine.detect(picture, scale), key=lambda quad: float(quad[0, 1]))

    assert len(quads) == len(TEXTS)
    for row, quad in enumerate(quads):
        assert quad.shape == (4, 2)
        assert quad.dtype == np.float32
        assert quad_rect(quad).holds(lines.Rect(100, 40 + 80 * row + 16, 102, 40 + 80 * row + 18))
        assert quad_rect(quad).right < SIZE[0]


def test_a_recognition_has_a_text_a_confidence_and_a_lattice(engine: Engine, picture: lines.Image) -> None:
    (read,) = engine.recognise([picture[30:90, 50:300]])

    assert read.text == TEXTS[0]
    assert 0.8 < read.confidence <= 1
    assert read.lattice is not None
    steps, symbols = read.lattice.probabilities.shape
    assert len(read.lattice.symbols) == symbols
    assert steps > len(TEXTS[0])
    assert read.lattice.symbols[0] == ""
    assert read.lattice.probabilities.sum(axis=1) == pytest.approx(np.ones(steps), abs=1e-3)
    assert decode(read.lattice)[0].strip() == TEXTS[0]


def test_the_lattice_tells_the_right_name_from_others(engine: Engine, picture: lines.Image) -> None:
    (read,) = engine.recognise([picture[30:90, 50:300]])
    assert read.lattice is not None
    right, *wrong = log_likelihoods(read.lattice, [TEXTS[0], "Lightning Helix", "Chain Lightning", "Opt"])

    assert right > max(wrong) + 5
    assert right <= best_path_score(read.lattice) + 3


def test_readings_come_in_the_order_of_the_crops(engine: Engine, picture: lines.Image) -> None:
    rows = [picture[30 + 80 * row : 90 + 80 * row, 50:300] for row in (2, 0, 1)]

    assert [read.text for read in engine.recognise(rows)] == [TEXTS[2], TEXTS[0], TEXTS[1]]


def test_no_crops_give_no_readings(engine: Engine) -> None:
    assert engine.recognise([]) == []


@pytest.mark.parametrize("shape", [(4, 4), (3, 200), (200, 3), (48, 4000)])
def test_crops_of_any_shape_are_read(engine: Engine, shape: tuple[int, int]) -> None:
    (read,) = engine.recognise([np.full((*shape, 3), 128, np.uint8)])

    assert 0 <= read.confidence <= 1


def test_an_empty_picture_has_no_lines(engine: Engine) -> None:
    assert engine.detect(np.full((200, 300, 3), 90, np.uint8)) == []


def test_a_turned_line_is_found_along_its_slope(engine: Engine, picture: lines.Image) -> None:
    matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), 4, 1.0)
    turned = np.asarray(cv2.warpAffine(picture, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    quads = sorted(engine.detect(turned), key=lambda quad: float(quad[:, 1].mean()))
    slopes = [float(quad[1, 1] - quad[0, 1]) / float(quad[1, 0] - quad[0, 0]) for quad in quads]

    assert len(quads) == len(TEXTS)
    # Short ones may count as level.
    assert np.median(slopes) == pytest.approx(-np.tan(np.radians(4)), abs=0.03)
