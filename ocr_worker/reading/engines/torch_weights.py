"""The numbers in a file of PyTorch's, without PyTorch, whose import takes 200 MB.

Such a file is a ZIP archive: a pickle that names the tensors and says which part of which storage each of them is, and
the storages' bytes. Only what describes tensors is let through, so that a file cannot run code. Source of the format:
``torch/serialization.py``, ``torch/_utils.py``.
"""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}

Weights = dict[str, NDArray[Any]]


def read_weights(path: Path) -> Weights:
    """Each tensor by its name; raises OSError, ValueError for what is no such file."""
    try:
        with zipfile.ZipFile(path) as archive:
            (table,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
            folder = table.removesuffix("data.pkl") + "data/"
            with archive.open(table) as file:
                tensors = _Tensors(file, lambda key: archive.read(folder + key)).load()
    except (zipfile.BadZipFile, pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds no weights of PyTorch") from error
    return dict(tensors)


class _Tensors(pickle.Unpickler):
    """Makes arrays of the tensors in a pickle; ``storage`` gives the bytes of one by its key."""

    def __init__(self, file: Any, storage: Callable[[str], bytes]) -> None:
        super().__init__(file)
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        """What the pickle may name, and nothing else."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        """A storage: its kind, type, key, device and length."""
        _, kind, key, _, _ = pid
        return np.frombuffer(self._storage(key), kind)


def _tensor(storage: NDArray[Any], offset: int, size: Sequence[int], stride: Sequence[int], *_: object) -> NDArray[Any]:
    """A tensor: where it begins in its storage, its shape and its strides, in numbers."""
    if offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True)) >= len(storage):
        raise pickle.UnpicklingError("a tensor ends after its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides).copy()
