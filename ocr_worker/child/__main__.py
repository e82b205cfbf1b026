"""``python -m ocr_worker.child``: the process that holds the OCR engine. Workers start it, people have no need to."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from config.logging import set_up_logging
from config.settings import LogLevel
from ocr_worker.child.process import Loaded, run
from ocr_worker.errors import EngineUnavailable


def main(words: Sequence[str] | None = None) -> None:
    """Serve the parent until it says stop or is gone."""
    options = _options(words)
    set_up_logging(LogLevel(options.log_level))
    run(lambda: _load(options))


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ocr_worker.child")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--log-level", default=LogLevel.WARNING.value, choices=[level.value for level in LogLevel])
    return parser.parse_args(words)


def _load(options: argparse.Namespace) -> Loaded:
    try:
        # Only now: the process must be cut off before libraries run, and may have to say that they are missing.
        from ocr_worker.child.loading import load
    except ImportError as error:
        raise EngineUnavailable(f"The reader cannot start: {str(error).rstrip('.')}.") from error
    return load(options.engine, options.data_dir, options.threads)


if __name__ == "__main__":
    main()
