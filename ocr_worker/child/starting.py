"""How a child is started: its command, and the little of the environment that it gets."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config.parent import PARENT_VARIABLE

_PASSED = frozenset(
    {
        "PATH",
        "HOME",
        "USERPROFILE",
        "SYSTEMROOT",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "VIRTUAL_ENV",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        # Where EasyOCR keeps its weights.
        "EASYOCR_MODULE_PATH",
        "MODULE_PATH",
        # Where developers note which code was reached.
        "COVERAGE_PROCESS_CONFIG",
    }
)
_PASSED_PREFIXES = ("LC_", "PYTHON", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "ORT_", "MALLOC_")


def reader_command(
    engine: str, data_dir: Path | None = None, threads: int | None = None, log_level: str = "warning"
) -> list[str]:
    """The command of the real reader; ``threads`` are the engine's, by default a number that fits this machine."""
    command = [sys.executable, "-m", "ocr_worker.child", "--engine", engine, "--log-level", log_level]
    if data_dir is not None:
        command += ["--data-dir", str(data_dir)]
    if threads is not None:
        command += ["--threads", str(threads)]
    return command


def child_environment(source: Mapping[str, str]) -> dict[str, str]:
    """What the child gets of ``source``: what programs and libraries need to run, nothing that may be secret."""
    passed = {name: value for name, value in source.items() if name in _PASSED or name.startswith(_PASSED_PREFIXES)}
    return {**passed, PARENT_VARIABLE: str(os.getpid())}
