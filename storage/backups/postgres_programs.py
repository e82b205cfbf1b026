"""The programs of Postgres: found in a release that fits the server, and run."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.programs import run_program
from storage.errors import BackupError
from storage.postgres_address import PostgresAddress

_USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
"""Where Debian, Red Hat and the sources put what is not on PATH."""
_VERSION_S = 10.0


@dataclass(frozen=True, slots=True)
class Programs:
    """``folder`` is where they are; None has them looked for."""

    folder: Path | None = None

    async def find(self, name: str, server: int) -> Path:
        """One of the server's major release or a newer one, the nearest; raises BackupError."""
        found = {major: path for path in self._candidates(name) if (major := await _major(path))}
        fitting = [major for major in found if major >= server]
        if fitting:
            return found[min(fitting)]
        there = f"there is only {name} {max(found)}" if found else f"there is no {name}"
        raise BackupError(
            f"A Postgres {server} needs {name} {server} or newer, and {there} here: install "
            f"postgresql-client-{server}, or set POSTGRES_BIN to the folder that has it."
        )

    async def run(self, program: Path, *words: str, address: PostgresAddress) -> str:
        """Run one to its end, or kill it when the caller is cancelled; its output. Raises BackupError."""
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **address.environment()}
        ended = await run_program([program, *words], None, environment=environment)
        if ended.code:
            raise BackupError(f"{program.name} failed: {_sentence(ended.said)}.")
        return ended.out.decode("utf-8", "replace")

    def _candidates(self, name: str) -> Iterator[Path]:
        if self.folder is not None:
            yield self.folder / name
            return
        if on_path := shutil.which(name):
            yield Path(on_path)
        for pattern in _USUAL:
            yield from sorted(Path("/").glob(f"{pattern.lstrip('/')}/{name}"))


async def _major(program: Path) -> int:
    """Its major release, 0 where it does not run."""
    try:
        ended = await run_program([program, "--version"], _VERSION_S)
    except (OSError, TimeoutError):
        return 0
    found = re.search(rb"\) (\d+)", ended.out)
    return int(found[1]) if found else 0


def _sentence(errors: bytes) -> str:
    """The line that says what is wrong."""
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()] or lines
    return telling[0][:300].rstrip(".") if telling else "without a word"
