"""Stable names of worker processes: a successor has the name of the one that died, and frees what it held."""

import contextlib
import fcntl
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from storage.data_dir import make_private, unusable

_MOST = 256


@contextlib.contextmanager
def worker_name(wanted: str | None, data_dir: Path) -> Iterator[str]:
    """``wanted``, or this machine's name with the number of a free slot.

    A slot is a lock on a file: the system frees it when its process ends, however that ends. Raises EmbeddedError
    where the folder cannot be used.
    """
    if wanted:
        yield wanted
        return
    folder = data_dir / "workers"
    make_private(folder)
    for number in range(1, _MOST):
        descriptor = _open(folder / f"{number}.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield f"{platform.node() or 'localhost'}/{number}"
        finally:
            os.close(descriptor)
        return
    raise RuntimeError(f"{_MOST} workers already run on {data_dir}")


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(path.parent, error) from error
