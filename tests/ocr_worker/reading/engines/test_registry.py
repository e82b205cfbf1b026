"""Engines are found by their names, and one that cannot be had says so in one sentence."""

import importlib.util
import sys
from pathlib import Path

import pytest

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines import create_engine, engine_names, ppocr_models


def test_all_engines_are_known_whether_installed_or_not() -> None:
    assert engine_names() == ("auto", "easyocr", "rapidocr")


def test_an_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(EngineUnavailable, match=r"no OCR engine called 'tess'.*auto, easyocr, rapidocr\.$"):
        create_engine("tess")


@pytest.mark.parametrize("missing", ["onnxruntime", "rapidocr"])
@pytest.mark.parametrize("name", ["rapidocr", "auto"])
def test_without_its_packages_rapidocr_says_what_to_install(
    name: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setitem(sys.modules, missing, None)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None if module == missing else find_spec(module))

    with pytest.raises(EngineUnavailable) as raised:
        create_engine(name)
    assert str(raised.value) == ("The RapidOCR engine is not installed: install the packages rapidocr and onnxruntime.")


def test_without_its_models_rapidocr_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("rapidocr", tmp_path / "__init__.py")
    monkeypatch.setattr(ppocr_models.importlib.util, "find_spec", lambda module: spec)

    with pytest.raises(EngineUnavailable, match=r"no models .* install the package rapidocr again\.$"):
        create_engine("rapidocr")


def test_without_easyocr_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(EngineUnavailable, match=r"^The EasyOCR engine is not installed: .*make setup-easyocr.*\.$"):
        create_engine("easyocr")
