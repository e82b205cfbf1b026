"""The networks of PP-OCR, from the files that the package ``rapidocr`` brings.

They are run by onnxruntime itself: importing RapidOCR takes two seconds and 40 MB, mostly for settings of engines
that are not in use.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_worker.errors import EngineUnavailable

_NOT_INSTALLED = "The RapidOCR engine is not installed: install the packages rapidocr and onnxruntime."
_NO_MODELS = "The RapidOCR engine has no models where they should be: install the package rapidocr again."

SILENT = 4
"""onnxruntime's level of messages: only what ends the process."""


@dataclass(frozen=True, slots=True)
class Network:
    """A loaded network with one input and one output, both of batches; safe to run from several threads."""

    session: Any
    input_name: str

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The output for these inputs."""
        outputs: NDArray[np.float32] = self.session.run(None, {self.input_name: inputs})[0]
        return outputs

    def characters(self) -> list[str]:
        """What the outputs of a recogniser stand for: nothing (CTC's blank), its characters, a space."""
        stored: str = self.session.get_modelmeta().custom_metadata_map["character"]
        return ["", *stored.splitlines(), " "]


def load_network(task: str, threads: int) -> Network:
    """Load the network for the task ``det`` or ``rec``; raise EngineUnavailable."""
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineUnavailable(_NOT_INSTALLED) from error
    path = model_file(task)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = SILENT
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Network(session, session.get_inputs()[0].name)


def model_file(task: str) -> Path:
    """Where the network for the task ``det`` or ``rec`` is; raise EngineUnavailable."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineUnavailable(_NOT_INSTALLED)
    found = sorted(Path(spec.origin).with_name("models").glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        raise EngineUnavailable(_NO_MODELS)
    return found[-1]
