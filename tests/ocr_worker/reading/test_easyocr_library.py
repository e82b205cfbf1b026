"""EasyOCR loads with its real weights, and says what to do where it is not installed."""

import importlib.util
import sys

import pytest

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.easyocr_library import load_reader
from tests.ocr_worker.reading.pictures import quarters


def test_without_easyocr_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineUnavailable, match=r"make setup-easyocr"):
        load_reader()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("easyocr") is None, reason="EasyOCR is not installed")
@pytest.mark.filterwarnings("ignore:'pin_memory' argument:UserWarning", "ignore::DeprecationWarning")
def test_the_real_weights_load_and_read() -> None:
    import numpy as np
    from PIL import ImageDraw, ImageFont

    picture = quarters().resize((400, 80))
    picture.paste("white", (0, 0, 400, 80))
    ImageDraw.Draw(picture).text((20, 15), "Lightning Bolt", "black", ImageFont.load_default(44))
    reader = load_reader()
    found = reader.recognize(np.asarray(picture.convert("L")), [[0, 400, 0, 80]], [])
    assert "lightning bolt" in found[0][1].casefold()
