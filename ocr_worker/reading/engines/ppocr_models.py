"""The networks of PP-OCR, from the files that the package ``rapidocr`` brings.

They are run without RapidOCR's own code: importing it takes two seconds and 40 MB, mostly for settings of engines that
are not in use.
"""

import importlib.util
from pathlib import Path

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.ctc import columns
from ocr_worker.reading.engines.networks import NOT_INSTALLED, Network, open_network
from ocr_worker.reading.engines.openvino_networks import open_in_bfloat16

_NO_MODELS = "The RapidOCR engine has no models where they should be: install the package rapidocr again."


def load_detector(threads: int) -> Network:
    """The network that finds lines on a page; raises EngineUnavailable."""
    file = model_file("det")
    return open_in_bfloat16(file, threads) or open_network(file, threads)


def load_recogniser(threads: int) -> Network:
    """The network that reads lines; raises EngineUnavailable.

    Its output has all of ``symbols``, or only their ``columns`` that matter.
    """
    file = model_file("rec")
    network = open_in_bfloat16(file, threads, lambda told: columns(_symbols(told["character"])))
    return network or open_network(file, threads)


def symbols(network: Network) -> list[str]:
    """What the outputs of the recogniser stand for: nothing (CTC's blank), its characters, a space."""
    return _symbols(network.told("character"))


def _symbols(characters: str) -> list[str]:
    return ["", *characters.splitlines(), " "]


def model_file(task: str) -> str:
    """Where the network for the task ``det`` or ``rec`` is; raise EngineUnavailable."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineUnavailable(NOT_INSTALLED)
    found = sorted(Path(spec.origin).with_name("models").glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        raise EngineUnavailable(_NO_MODELS)
    return str(found[-1])
