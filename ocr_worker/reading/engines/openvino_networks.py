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


def open_in_bfloat16(
    file: str, threads: int, choose: Callable[[Mapping[str, str]], NDArray[np.int64]] | None = None
) -> OpenVinoNetwork | None:
    """Load the network of this file; None where OpenVINO is not installed or the processor lacks the format.

    With ``choose`` it is a reader of lines: only those of its symbols are computed that are chosen by what the file
    tells, inputs are run one by each thread, and what was compiled for a shape is kept. Without, it is one for pages:
    run by all threads together, and nothing is kept, since they are large and have ever other shapes.
    """
    openvino = _library()
    if openvino is None:
        return None
    core = openvino.Core()
    if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return None
    options = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": threads}
    model = core.read_model(file)
    metadata = _metadata(model)
    if choose is None:
        options |= {"NUM_STREAMS": 1, "CPU_RUNTIME_CACHE_CAPACITY": 0}
    else:
        options["NUM_STREAMS"] = threads
        model = _only(openvino, model, choose(metadata))
    return OpenVinoNetwork(openvino, core.compile_model(model, "CPU", options), metadata)


def _only(openvino: Any, model: Any, columns: NDArray[np.int64]) -> Any:
    """A recogniser with these symbols alone: its last layer is cut, so that probabilities are shares of their sum.

    The layer has a hundred times the symbols that stand on cards, and takes a good part of the time. A network that
    ends in another way stays as it is.
    """
    operators = openvino.opset13
    found = [model.get_result().input_value(0).get_node()]
    while found[-1].get_type_name() in ("Softmax", "Identity", "Add") and found[-1].get_input_size():
        found.append(found[-1].input_value(0).get_node())
    sums = [node for node in found if node.get_type_name() == "Add"]
    layer = found[-1]
    if layer.get_type_name() != "MatMul" or len(sums) != 1:
        return model
    weights, bias = (node.input_value(1).get_node() for node in (layer, sums[0]))
    if {weights.get_type_name(), bias.get_type_name()} != {"Constant"} or weights.data.shape[-1:] != bias.data.shape:
        return model
    product = operators.matmul(layer.input_value(0), np.ascontiguousarray(weights.data[:, columns]), False, False)
    shares = operators.softmax(operators.add(product, np.ascontiguousarray(bias.data[columns])), -1)
    return openvino.Model([operators.result(shares)], model.get_parameters())


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
