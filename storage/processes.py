"""Processes of this machine."""

import os
import platform


def machine() -> str:
    """This machine's name, as short as applications of databases may be called."""
    return (platform.node() or "localhost")[:40].replace(" ", "-")


def is_alive_here(host: str, pid: int) -> bool:
    """Whether a process runs; one of another machine is taken for running."""
    if host != machine():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
