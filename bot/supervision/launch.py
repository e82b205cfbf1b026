"""Runs a program so that it does not outlive the supervisor: ``python -m bot.supervision.launch -- PROGRAM ...``."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from config.parent import ask_kernel, taken_parent

_BAD_COMMAND = 2
_CANNOT_START = 1


def main(arguments: Sequence[str]) -> int:
    """Become the program where the kernel ends it with the supervisor, else stay beside it; return its exit code."""
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    parent = taken_parent(os.environ)
    try:
        if parent is not None and not ask_kernel(signal.SIGKILL):
            return accompany(command, parent)
        _become(command, parent)
    except OSError as error:
        print(f"{command[0]} cannot be started ({error.strerror}).", file=sys.stderr)  # noqa: T201
        permanent = isinstance(error, FileNotFoundError | PermissionError)
        return _BAD_COMMAND if permanent else _CANNOT_START


def accompany(command: Sequence[str], parent: int, poll_s: float = 0.5) -> int:
    """Run ``command`` as a child, pass SIGTERM on, kill it when ``parent`` is gone; return its exit code.

    Who kills this process must kill its process group.
    """
    child = subprocess.Popen(command)  # noqa: S603  (the supervisor's own choice)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            code = child.wait(poll_s)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                child.kill()
        else:
            return code if code >= 0 else 128 - code


def _become(command: list[str], parent: int | None) -> NoReturn:
    if parent is not None and os.getppid() != parent:
        # It died before the kernel was asked.
        os.kill(os.getpid(), signal.SIGKILL)
    os.execv(command[0], command)  # noqa: S606  (the supervisor's own choice)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
