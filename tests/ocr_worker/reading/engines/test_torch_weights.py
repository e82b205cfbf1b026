"""Weights are read from PyTorch's files without PyTorch, and nothing in such a file is run."""

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from ocr_worker.reading.engines.torch_weights import read_weights

# As PyTorch writes {"module.weight": a transposed 2 by 3 tensor at the second number of its storage}.
PICKLED = (
    b"\x80\x02ccollections\nOrderedDict\n)RX\x0d\x00\x00\x00module.weight"
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
    b"X\x01\x00\x00\x007X\x03\x00\x00\x00cpuK\x07tQK\x01K\x02K\x03\x86K\x01K\x02\x86\x89"
    b"ccollections\nOrderedDict\n)RtRs."
)


def saved(folder: Path, table: bytes, numbers: int = 7) -> Path:
    file = folder / "weights.pth"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", table)
        archive.writestr("archive/data/7", np.arange(numbers, dtype="<f4").tobytes())
    return file


def test_a_tensor_is_a_part_of_its_storage(tmp_path: Path) -> None:
    weights = read_weights(saved(tmp_path, PICKLED))

    assert list(weights) == ["module.weight"]
    assert weights["module.weight"].tolist() == [[1, 3, 5], [2, 4, 6]]


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    called = tmp_path / "called"
    attack = b"cpathlib\nPath\n(X" + len(str(called)).to_bytes(4, "little") + str(called).encode() + b"tR."

    with pytest.raises(ValueError, match="holds no weights"):
        read_weights(saved(tmp_path, attack))


@pytest.mark.parametrize(
    ("table", "numbers"),
    [(PICKLED, 6), (PICKLED[:60], 7), (pickle.dumps(OrderedDict(weight=1), 2)[:-1], 7)],
    ids=["a storage that is too short", "half a table", "a table without its end"],
)
def test_a_damaged_file_is_said_to_be_one(table: bytes, numbers: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"weights\.pth holds no weights of PyTorch"):
        read_weights(saved(tmp_path, table, numbers))


def test_something_else_is_no_file_of_weights(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(b"not an archive")

    with pytest.raises(ValueError, match="holds no weights"):
        read_weights(file)
