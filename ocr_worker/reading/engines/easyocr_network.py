"""EasyOCR's recogniser as a network for onnxruntime, made of its weights.

PyTorch and the library around it take about 400 MB for as long as the process lives, of which this network of 15 MB
needs nothing: onnxruntime, which runs RapidOCR's networks, computes the same. The layers are those of
``easyocr/model/vgg_model.py`` and ``modules.py``: convolutions, two LSTMs in both directions, a linear layer.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_worker.reading.engines.torch_weights import Weights

_OPSET, _FORMAT = 17, 8
"""Versions of ONNX's operators and file format that every supported onnxruntime knows."""

_PREFIX = "module."
_CONVOLUTIONS = "FeatureExtraction.ConvNet."

# Number of the convolution in the weights, of its normalisation, and the pooling after it.
_LAYERS: Sequence[tuple[int, int | None, tuple[int, int] | None]] = (
    (0, None, (2, 2)),
    (3, None, (2, 2)),
    (6, None, None),
    (8, None, (2, 1)),
    (11, 12, None),
    (14, 15, (2, 1)),
    (18, None, None),
)


def recogniser(weights: Weights) -> bytes:
    """The network as an ONNX file: lines (n, 1, height, width) in, probabilities (n, steps, symbols) out.

    Raises KeyError where weights are missing, ImportError without ONNX.
    """
    import onnx

    graph = _Graph(onnx.helper, {name.removeprefix(_PREFIX): values for name, values in weights.items()})
    found = "lines"
    for number, normalisation, pooling in _LAYERS:
        found = graph.convolution(found, number, normalisation, pooling)
    found = graph.add("ReduceMean", [found], axes=[2], keepdims=0)
    found = graph.add("Transpose", [found], perm=[2, 0, 1])
    for number in (0, 1):
        found = graph.both_ways(found, f"SequenceModeling.{number}.rnn.")
        found = graph.linear(found, f"SequenceModeling.{number}.linear.")
    found = graph.add("Softmax", [graph.linear(found, "Prediction.")], axis=2)
    found = graph.add("Transpose", [found], perm=[1, 0, 2])
    content: bytes = graph.model(found).SerializeToString()
    return content


class _Graph:
    """Nodes one after the other; each method returns the name of its output."""

    def __init__(self, helper: Any, weights: Weights) -> None:
        self._helper = helper
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], **attributes: object) -> str:
        """Any operator."""
        name = f"{kind}{len(self._nodes)}"
        self._nodes.append(self._helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolution(self, found: str, number: int, normalisation: int | None, pooling: tuple[int, int] | None) -> str:
        """A convolution that keeps the size unless it looks at squares of 2, with what follows it."""
        layer = f"{_CONVOLUTIONS}{number}."
        names = [layer + part for part in ("weight", "bias") if layer + part in self._weights]
        pads = [0 if self._weights[names[0]].shape[-1] == 2 else 1] * 4
        found = self.add("Conv", [found, *map(self._stored, names)], pads=pads)
        if normalisation is not None:
            parts = ("weight", "bias", "running_mean", "running_var")
            stored = [self._stored(f"{_CONVOLUTIONS}{normalisation}.{part}") for part in parts]
            found = self.add("BatchNormalization", [found, *stored])
        found = self.add("Relu", [found])
        return found if pooling is None else self.add("MaxPool", [found], kernel_shape=pooling, strides=pooling)

    def both_ways(self, found: str, layer: str) -> str:
        """An LSTM that reads forwards and backwards: (steps, n, values) in, twice its width out."""
        directions = ("", "_reverse")
        into, back, bias_in, bias_back = (
            np.stack([_gates(self._weights[f"{layer}{part}_l0{way}"]) for way in directions])
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        parts = {"weight_ih": into, "weight_hh": back, "bias": np.concatenate([bias_in, bias_back], axis=1)}
        inputs = [found, *(self._constant(layer + name, values) for name, values in parts.items())]
        width = self._weights[f"{layer}weight_hh_l0"].shape[1]
        found = self.add("LSTM", inputs, hidden_size=width, direction="bidirectional")
        found = self.add("Transpose", [found], perm=[0, 2, 1, 3])
        return self.add("Reshape", [found, self._constant(layer + "shape", np.array([0, 0, 2 * width]))])

    def linear(self, found: str, layer: str) -> str:
        """A matrix and a bias."""
        matrix = self._constant(layer + "matrix", self._weights[layer + "weight"].T)
        return self.add("Add", [self.add("MatMul", [found, matrix]), self._stored(layer + "bias")])

    def model(self, output: str) -> Any:
        """All of it as ONNX's message."""
        make, floats = self._helper, 1
        lines = make.make_tensor_value_info("lines", floats, ["n", 1, "height", "width"])
        scores = make.make_tensor_value_info(output, floats, ["n", "steps", "symbols"])
        graph = make.make_graph(self._nodes, "recogniser", [lines], [scores], self._constants)
        versions = [make.make_opsetid("", _OPSET)]
        return make.make_model(graph, opset_imports=versions, ir_version=_FORMAT)

    def _stored(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        kind = self._helper.np_dtype_to_tensor_dtype(values.dtype)
        content = np.ascontiguousarray(values).tobytes()
        self._constants.append(self._helper.make_tensor(name, kind, values.shape, content, raw=True))
        return name


def _gates(values: NDArray[Any]) -> NDArray[Any]:
    """An LSTM's gates in ONNX's order, input, output, forget, cell; PyTorch has input, forget, cell, output."""
    into, forget, cell, out = np.split(values, 4)
    return np.concatenate([into, out, forget, cell])
