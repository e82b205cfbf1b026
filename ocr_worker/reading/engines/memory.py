"""How the process takes memory from the system."""

import ctypes
import sys

LARGE_BLOCK = 4 << 20
"""Bytes from which a block of memory is returned to the system as soon as it is free."""

_MMAP_THRESHOLD = -3
"""``M_MMAP_THRESHOLD`` of glibc's ``malloc.h``."""


def return_large_blocks() -> None:
    """Let glibc give large blocks back when they are freed; elsewhere nothing is done.

    By default it moves the limit up to 32 MB with what is freed. Networks free and take blocks of all sizes below
    that, one after the other, so the heap is torn to pieces and grows to twice of what is in use.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
    except (OSError, AttributeError):  # another C library, which has no such limit
        return
