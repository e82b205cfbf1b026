"""The same networks in both runtimes, and which of them is taken."""

import io
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from ocr_worker.reading.engines import openvino_networks
from ocr_worker.reading.engines.networks import open_network
from ocr_worker.reading.engines.openvino_networks import open_in_bfloat16
from ocr_worker.reading.engines.ppocr_models import load_detector, load_recogniser, model_file, symbols
from ocr_worker.reading.engines.rapid import RapidEngine
from ocr_worker.reading.lines import Image
from tests.shared import ROOT

TEXTS = ("4 Lightning Bolt", "Fable of the Mirror-Breaker", "Jace, the Mind Sculptor", "Sideboard: 15", "3 Opt")


def line(text: str, size: int) -> Image:
    """A line of text, black on white."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    picture = Pictures.new("RGB", (round(right - left) + size, round(bottom - top) + size // 2), "white")
    ImageDraw.Draw(picture).text((size / 2 - left, size / 4 - top), text, "black", font)
    return np.asarray(picture, np.uint8)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[RapidEngine]:
    """The engine as it is on a processor with bfloat16, and where OpenVINO is not installed."""
    if open_in_bfloat16(model_file("det"), 1) is None:
        pytest.skip("this processor does not compute in bfloat16")
    fast = RapidEngine(threads=2)
    monkeypatch.setitem(sys.modules, "openvino", None)
    return [fast, RapidEngine(threads=1)]


def test_both_read_the_same(engines: list[RapidEngine]) -> None:
    crops = [line(text, size) for text in TEXTS for size in (18, 30)]
    for engine in engines:
        found = engine.recognise(crops)
        assert [one.text for one in found] == [text for text in TEXTS for _ in (18, 30)]
        assert min(one.confidence for one in found) > 0.8
        assert engine.recognise([]) == []


def test_both_find_the_same_lines(engines: list[RapidEngine]) -> None:
    sample = (ROOT / "bot" / "data" / "sample.jpg").read_bytes()
    picture = np.asarray(Pictures.open(io.BytesIO(sample)).convert("RGB"), np.uint8)
    fast, slow = ({tuple(np.round(quad.mean(axis=0) / 8)) for quad in engine.detect(picture)} for engine in engines)
    assert len(slow) > 20
    assert len(fast & slow) > 0.9 * len(slow)


def test_both_know_their_characters(engines: list[RapidEngine]) -> None:
    known = [symbols(open_network(model_file("rec"), 1)), *(list(one._symbols) for one in engines)]
    assert {"", "A", "é"} <= set.intersection(*map(set, known))
    assert known[1] == known[2]


def test_a_key_that_a_file_lacks() -> None:
    for network in (load_recogniser(1), open_network(model_file("rec"), 1)):
        with pytest.raises(KeyError):
            network.told("colour")


@pytest.mark.parametrize("capabilities", [["FP32", "INT8"], []])
def test_a_processor_without_the_format_takes_onnxruntime(
    capabilities: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    core = SimpleNamespace(get_property=lambda *_: capabilities)
    monkeypatch.setattr(openvino_networks, "_library", lambda: SimpleNamespace(Core=lambda: core))
    assert open_in_bfloat16(model_file("det"), 1) is None
    assert not load_detector(1).is_compiled
    assert not load_recogniser(1).is_compiled


def test_nothing_is_told_to_its_publisher() -> None:
    """Its telemetry, which starts a thread and opens a socket, is not loaded."""
    script = (
        "import sys, threading; from ocr_worker.reading.engines.rapid import RapidEngine; RapidEngine(threads=1)\n"
        "print(sys.modules.get('openvino_telemetry'), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["None", "1"]
