"""Flame graphs by py-spy, where it is installed and the system lets it look."""

import os
import tempfile
from pathlib import Path

from config.programs import installed, run_program

_GRACE_S = 20.0


class FlamesError(Exception):
    """py-spy is not installed, or may not look; the text says which."""


async def record(seconds: int) -> bytes:
    """An SVG of this process and its children, for some seconds; raises FlamesError."""
    program = installed("py-spy")
    if program is None:
        raise FlamesError("py-spy is not installed")
    with tempfile.TemporaryDirectory(prefix="s2d-profile-") as folder:
        file = Path(folder) / "profile.svg"
        options = ["--format", "flamegraph", "--subprocesses", "--nonblocking", "--output", str(file)]
        command = [program, "record", "--pid", str(os.getpid()), "--duration", str(seconds), *options]
        try:
            ended = await run_program(command, seconds + _GRACE_S)
        except TimeoutError:
            raise FlamesError("py-spy did not end in time") from None
        if ended.code or not file.exists():
            said = ended.lines() or ["no reason given"]
            raise FlamesError(f"py-spy may not look ({said[-1][:120]})")
        return file.read_bytes()
