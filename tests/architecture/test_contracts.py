"""What keeps the parts apart: the rooms' contracts, and what a process of the bot never loads."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

OCR_LIBRARIES = ("cv2", "onnx", "onnxruntime", "openvino", "rapidocr", "easyocr", "torch", "torchvision")
READER = ("ocr_worker.pipeline", "ocr_worker.reading")


def modules_of(room: str) -> list[str]:
    """Return the names of all modules of a room."""
    files = sorted((ROOT / room).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def loaded_by(modules: list[str]) -> set[str]:
    """Return the names of everything that a fresh interpreter has loaded after importing ``modules``."""
    script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    command = [sys.executable, "-c", script, *modules]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split())


def test_the_rooms_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([tool, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_module_of_the_bot_loads_the_reader_when_imported() -> None:
    loaded = loaded_by(modules_of("bot"))
    assert not [name for name in loaded if name.split(".")[0] in OCR_LIBRARIES or name.startswith(READER)]


@pytest.mark.parametrize("room", ["ocr_worker/cards", "ocr_worker/decks", "ocr_worker/exporters"])
def test_the_pure_half_loads_no_ocr_library(room: str) -> None:
    loaded = loaded_by(modules_of(room))
    assert not [name for name in loaded if name.split(".")[0] in OCR_LIBRARIES]


@pytest.mark.parametrize("room", ["bot", "ocr_worker", "chatops", "storage", "config"])
def test_every_module_can_be_imported(room: str) -> None:
    assert set(modules_of(room)) <= loaded_by(modules_of(room))


def test_only_the_headless_opencv_is_installed() -> None:
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    assert "opencv-python-headless" in installed
    assert not installed & {"opencv-python", "opencv-contrib-python"}
