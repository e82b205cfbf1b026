"""Networks that onnxruntime runs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_worker.errors import EngineUnavailable

NOT_INSTALLED = "The RapidOCR engine is not installed: install the packages rapidocr and onnxruntime."

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


def open_network(model: str | bytes, threads: int) -> Network:
    """Load the network of this file, or with this content; raise EngineUnavailable without onnxruntime.

    What it needs of memory is not kept for the next run: pictures differ, and the most of all would stay.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineUnavailable(NOT_INSTALLED) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = SILENT
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return Network(session, session.get_inputs()[0].name)
