"""EasyOCR's recogniser without EasyOCR: the same probabilities, and neither the library nor PyTorch in memory."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines import easyocr_library
from ocr_worker.reading.engines.easyocr_library import load_reader, load_recogniser
from tests.shared import ROOT


def test_without_easyocr_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(easyocr_library.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EngineUnavailable, match=r"make setup-easyocr"):
        load_recogniser(1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("easyocr") is None, reason="EasyOCR is not installed")
class TestWithEasyOcr:
    def test_the_network_computes_what_the_library_computes(self) -> None:
        import torch

        lines = np.random.default_rng(1).uniform(-1, 1, (3, 1, 64, 400)).astype(np.float32)
        network, characters = load_recogniser(1)
        library = load_reader(1, quantize=False)
        with torch.inference_mode():
            expected = torch.softmax(library.recognizer.eval()(torch.from_numpy(lines), None), 2).numpy()

        np.testing.assert_allclose(network.run(lines), expected, atol=1e-4)
        assert ["[blank]", *characters] == library.converter.character

    def test_neither_the_library_nor_pytorch_is_loaded(self) -> None:
        script = (
            "import sys; from ocr_worker.reading.engines.easy_recogniser import EasyRecogniser\n"
            "EasyRecogniser(1); print(*sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)

        assert not set(done.stdout.split()) & {"easyocr", "torch", "torchvision"}

    def test_weights_that_easyocr_does_not_know_are_not_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "model"
        folder.mkdir()
        for file in (easyocr_library.DETECTOR_FILE, easyocr_library.RECOGNISER_FILE):
            (folder / file).write_bytes(b"other weights")
        monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path))

        with pytest.raises(EngineUnavailable, match=r"does not start: .* is not the file that EasyOCR knows\.$"):
            load_recogniser(1)
