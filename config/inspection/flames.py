"""Flame graphs by py-spy, where it is installed and the system lets it look."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

_GRACE_S = 20.0


class FlamesError(Exception):
    """py-spy is not installed, or may not look; the text says which."""


def py_spy() -> str | None:
    """The program, of this environment or of the machine."""
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.is_file() else shutil.which("py-spy")


async def record(seconds: int) -> bytes:
    """An SVG of this process and its children, for some seconds; raises FlamesError."""
    program = py_spy()
    if program is None:
        raise FlamesError("py-spy is not installed")
    with tempfile.TemporaryDirectory(prefix="s2d-profile-") as folder:
        file = Path(folder) / "profile.svg"
        options = ["--format", "flamegraph", "--subprocesses", "--nonblocking", "--output", str(file)]
        process = await asyncio.create_subprocess_exec(
            program,
            "record",
            "--pid",
            str(os.getpid()),
            "--duration",
            str(seconds),
            *options,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(seconds + _GRACE_S):
                _, said = await process.communicate()
        except TimeoutError:
            raise FlamesError("py-spy did not end in time") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode or not file.exists():
            lines = said.decode(errors="replace").strip().splitlines()
            raise FlamesError(f"py-spy may not look ({lines[-1][:120] if lines else 'no reason given'})")
        return file.read_bytes()
