"""Networks that OpenVINO runs in bfloat16: half the time of onnxruntime, on processors that compute in that format.

Elsewhere it would gain a quarter of the time and take twice the memory, more than a worker has.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenVinoNetwork:
    """Compiled by OpenVINO for each shape of the input."""

    library: Any
    compiled: Any
    metadata: Mapping[str, str]
    is_compiled: bool = True

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """See the protocol. The memory of a run is given back: a page needs much, and none is like another."""
        outputs = np.array(self.compiled([inputs], share_inputs=True)[0], np.float32)
        self.compiled.release_memory()
        return outputs

    def run_each(self, batches: Iterable[NDArray[np.float32]], take: Callable[[NDArray[np.float32]], T]) -> list[T]:
        """See the protocol. Each thread runs an input of its own, so that none waits for another."""
        found: dict[int, T] = {}

        def end(request: Any, number: int) -> None:
            found[number] = take(request.get_output_tensor(0).data)

        queue = self.library.AsyncInferQueue(self.compiled)
        queue.set_callback(end)
        for number, inputs in enumerate(batches):
            queue.start_async([inputs], number)
        queue.wait_all()
        self.compiled.release_memory()
        return [found[number] for number in range(len(found))]

    def told(self, key: str) -> str:
        """See the protocol."""
        return self.metadata[key]


def open_in_bfloat16(file: str, threads: int, recurring: bool) -> OpenVinoNetwork | None:
    """Load the network of this file; None where OpenVINO is not installed or the processor lacks the format.

    ``recurring`` is for inputs of a few shapes, which are run one by each thread, and what was compiled for a shape is
    kept. Others are run by all threads together, since pages are large and have ever other shapes.
    """
    openvino = _library()
    if openvino is None:
        return None
    core = openvino.Core()
    if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return None
    options = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": threads}
    options |= (
        {"NUM_STREAMS": threads, "CPU_RUNTIME_CACHE_CAPACITY": 0}
        if recurring
        else {"NUM_STREAMS": 1, "CPU_RUNTIME_CACHE_CAPACITY": 0}
    )
    model = core.read_model(file)
    return OpenVinoNetwork(openvino, core.compile_model(model, "CPU", options), _metadata(model))


def _metadata(model: Any) -> dict[str, str]:
    """What an ONNX file tells of itself, which OpenVINO keeps under ``framework``."""
    if not model.has_rt_info("framework"):
        return {}
    keys = model.get_rt_info("framework").astype(dict)
    return {key: str(model.get_rt_info(["framework", key]).value) for key in keys}


def _library() -> Any | None:
    # Its telemetry starts a thread and opens a socket when it is imported; without it OpenVINO takes its own stub.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        return None
    return openvino
