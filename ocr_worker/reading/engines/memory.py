"""How the process takes memory from the system."""

import ctypes
import sys

LARGE_BLOCK = 4 << 20
"""Bytes from which a block of memory is returned to the system as soon as it is free."""

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""``M_MMAP_THRESHOLD`` and ``M_ARENA_MAX`` of glibc's ``malloc.h``."""


def return_large_blocks() -> None:
    """Let glibc give large blocks back when they are freed; elsewhere nothing is done.

    By default it moves the limit up to 32 MB with what is freed. Networks free and take blocks of all sizes below
    that, one after the other, so the heap is torn to pieces and grows to twice of what is in use.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
        library.mallopt(_ARENA_MAX, 1)
    except (OSError, AttributeError):  # another C library, which has no such limit
        return
