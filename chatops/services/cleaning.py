"""What killed processes leave in the data folder: files that were being written."""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LEFT = ("tmp", ".scratch-", ".dump-", ".tmp")
"""Names of files and folders under which something is written before it has its own."""
_DEEP = 3


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that was never finished."""

    path: Path
    size: int


def left_files(data_dir: Path, before: datetime) -> list[LeftFile]:
    """Of this product's own folders, last written before then; links are not followed."""
    return sorted(_left(data_dir, before), key=lambda one: str(one.path))


def _left(data_dir: Path, before: datetime) -> Iterator[LeftFile]:
    for folder, names, files in os.walk(data_dir):
        depth = len(Path(folder).relative_to(data_dir).parts)
        is_left = Path(folder) != data_dir and Path(folder).name.startswith(_LEFT)
        if depth >= _DEEP and not is_left:
            names.clear()
        for name in files:
            path = Path(folder) / name
            if is_left or name.startswith(_LEFT):
                with contextlib.suppress(OSError):
                    found = path.lstat()
                    if stat.S_ISREG(found.st_mode) and datetime.fromtimestamp(found.st_mtime, UTC) < before:
                        yield LeftFile(path, found.st_size)


def remove_files(found: list[LeftFile]) -> int:
    """Remove them; the bytes that were freed."""
    freed = 0
    for one in found:
        with contextlib.suppress(OSError):
            one.path.unlink()
            freed += one.size
    return freed
