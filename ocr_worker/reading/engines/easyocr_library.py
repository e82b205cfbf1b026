"""Loading EasyOCR with the weights of its offline package, also where torchvision does not fit PyTorch."""

import importlib.util
import warnings
from pathlib import Path
from typing import Any

from ocr_worker.errors import EngineUnavailable

_NOT_INSTALLED = (
    "The EasyOCR engine is not installed: run `make setup-easyocr`, or install the extra [easyocr]."
)

#: Keeps declared operators alive: PyTorch forgets them with the object that declared them.
_declared: list[Any] = []


def load_reader(threads: int = 2, quantize: bool = True) -> Any:
    """Return an ``easyocr.Reader`` for English that never goes to the network; raise EngineUnavailable."""
    try:
        import torch

        _declare_missing_operators(torch)
        import easyocr
        import easyocr_en_models
    except ImportError as error:
        raise EngineUnavailable(_NOT_INSTALLED) from error
    torch.set_num_threads(threads)
    weights = easyocr_en_models.model_dir()
    with warnings.catch_warnings():
        # PyTorch will move quantization to another package; the versions are pinned until EasyOCR follows.
        warnings.simplefilter("ignore")
        return easyocr.Reader(
            ["en"],
            gpu=False,
            download_enabled=False,
            verbose=False,
            quantize=quantize,
            model_storage_directory=weights,
            # Code is imported from here, so it must be a folder that only installations write to. Without it,
            # one is made in the user's home.
            user_network_directory=weights,
        )


def _declare_missing_operators(torch: Any) -> None:
    """Let torchvision be imported beside a PyTorch of another build.

    torchvision describes two of its compiled operators while it is imported, and fails where their library
    does not load, as that of a build for graphics cards beside a PyTorch for the processor. EasyOCR uses
    neither of them.
    """
    spec = importlib.util.find_spec("torchvision")
    if _declared or spec is None or spec.origin is None:
        return
    try:
        torch.ops.load_library(str(Path(spec.origin).with_name("_C.so")))
    except OSError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)
