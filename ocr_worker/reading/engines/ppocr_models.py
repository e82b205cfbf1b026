"""The networks of PP-OCR, from the files that the package ``rapidocr`` brings.

They are run by onnxruntime itself: importing RapidOCR takes two seconds and 40 MB, mostly for settings of engines
that are not in use.
"""

import importlib.util
from pathlib import Path

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.networks import NOT_INSTALLED, Network, open_network

_NO_MODELS = "The RapidOCR engine has no models where they should be: install the package rapidocr again."


def load_network(task: str, threads: int) -> Network:
    """Load the network for the task ``det`` or ``rec``; raise EngineUnavailable."""
    return open_network(str(model_file(task)), threads)


def model_characters(network: Network) -> list[str]:
    """What the outputs of the recogniser stand for: nothing (CTC's blank), its characters, a space."""
    stored: str = network.session.get_modelmeta().custom_metadata_map["character"]
    return ["", *stored.splitlines(), " "]


def model_file(task: str) -> Path:
    """Where the network for the task ``det`` or ``rec`` is; raise EngineUnavailable."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineUnavailable(NOT_INSTALLED)
    found = sorted(Path(spec.origin).with_name("models").glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        raise EngineUnavailable(_NO_MODELS)
    return found[-1]
