"""The version under which results are kept."""

import subprocess
import sys
from datetime import date

from ocr_worker.version import pipeline_version
from tests.shared import ROOT

TODAY = date(2026, 11, 1)
OCR_LIBRARIES = {"cv2", "numpy", "onnx", "onnxruntime", "openvino", "rapidocr", "easyocr", "torch", "PIL"}


def run(script: str) -> set[str]:
    """The words that a fresh interpreter prints."""
    command = [sys.executable, "-c", script]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split())


def test_it_is_short_and_stays_the_same() -> None:
    version = pipeline_version("rapidocr", TODAY)

    assert len(version) == 16
    assert version == pipeline_version("rapidocr", TODAY)


def test_engines_and_catalogues_have_their_own() -> None:
    versions = {pipeline_version(engine, day) for engine in ("rapidocr", "auto") for day in (TODAY, date(2026, 11, 8))}

    assert len(versions) == 4


def test_every_process_of_the_installation_computes_the_same() -> None:
    script = (
        "from datetime import date; from ocr_worker.version import pipeline_version\n"
        "print(pipeline_version('rapidocr', date(2026, 11, 1)))"
    )
    assert run(script) == {pipeline_version("rapidocr", TODAY)}


def test_neither_it_nor_the_handle_loads_an_ocr_library() -> None:
    loaded = run("import sys, ocr_worker.version, ocr_worker.stages\nprint(*sys.modules)")
    assert not loaded & OCR_LIBRARIES

    loaded = run("import sys, ocr_worker.child, ocr_worker.child.__main__\nprint(*sys.modules)")
    assert not loaded & (OCR_LIBRARIES - {"numpy"})
