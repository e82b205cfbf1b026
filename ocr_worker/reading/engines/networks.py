"""Networks in files of ONNX, run by the runtime that is fastest on this processor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocr_worker.errors import EngineUnavailable

T = TypeVar("T")

NOT_INSTALLED = "The RapidOCR engine is not installed: install the packages rapidocr and onnxruntime."

SILENT = 4
"""onnxruntime's level of messages: only what ends the process."""


class Network(Protocol):
    """A loaded network with one input and one output, both of batches."""

    @property
    def is_compiled(self) -> bool:
        """Whether each new shape of the input is compiled, so that few of them should be asked for."""
        ...

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The output for these inputs."""
        ...

    def run_each(self, batches: Iterable[NDArray[np.float32]], take: Callable[[NDArray[np.float32]], T]) -> list[T]:
        """What ``take`` makes of the output of each of these inputs; outputs are large, and not kept."""
        ...

    def told(self, key: str) -> str:
        """What the file tells of itself under this key; raises KeyError."""
        ...


@dataclass(frozen=True, slots=True)
class OnnxNetwork:
    """Run by onnxruntime."""

    session: Any
    input_name: str
    is_compiled: bool = False

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """See the protocol."""
        outputs: NDArray[np.float32] = self.session.run(None, {self.input_name: inputs})[0]
        return outputs

    def run_each(self, batches: Iterable[NDArray[np.float32]], take: Callable[[NDArray[np.float32]], T]) -> list[T]:
        """See the protocol."""
        return [take(self.run(inputs)) for inputs in batches]

    def told(self, key: str) -> str:
        """See the protocol."""
        text: str = self.session.get_modelmeta().custom_metadata_map[key]
        return text


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
    # Threads that spin while they wait take the processor from other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = SILENT
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return OnnxNetwork(session, session.get_inputs()[0].name)
