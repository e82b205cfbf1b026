"""The size of the light image, as the sum of its installed parts; there need be no Docker.

    python -m tools.image_size

Packages are those of requirements/runtime.lock, measured where they are installed here, without what the Dockerfile
takes out. What is not installed here is told by its publisher: see ``PUBLISHED``.
"""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
MB = 1_000_000
GOAL_MB = 700
PUBLISHED = {
    # `docker images` of python:3.11-slim-trixie on amd64.
    "Debian and Python (base image)": 125 * MB,
    # Installed-Size of libpq5, libldap, libsasl2, Kerberos' libraries, and the two programs of postgresql-client-17.
    "pg_dump, pg_restore and their libraries": 10 * MB,
}
_ROOMS = ("bot", "chatops", "config", "ocr_worker", "storage")
_TAKEN_OUT = (".pyi", ".h", ".hpp", ".pyc")
_LOADED = """
import sys
from pathlib import Path
import bot.app, bot.commands.health, ocr_worker.worker, ocr_worker.pipeline, ocr_worker.reading.engines.rapid
import chatops.observing.plotting, cv2, onnxruntime, rapidocr
files = {getattr(module, "__cached__", None) for module in list(sys.modules.values())}
print(sum(Path(file).stat().st_size for file in files if file and Path(file).exists()))
"""


def locked() -> set[str]:
    """Names of the packages of the runtime's lock that this platform has."""
    text = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    names = set(re.findall(r"(?m)^([a-z0-9.-]+)(?:\[[^]]*\])?==", text))
    return names & {re.sub(r"[-_.]+", "-", one.name).lower() for one in metadata.distributions()}


def parts() -> dict[str, int]:
    """Bytes by part, the largest first."""
    packages = sum(_package(name) for name in locked())
    product = sum(_kept(path.relative_to(ROOT)) for room in _ROOMS for path in (ROOT / room).rglob("*"))
    found = {**PUBLISHED, "packages of the lock": packages, "the product": product, "bytecode of both": _bytecode()}
    return dict(sorted(found.items(), key=lambda part: -part[1]))


def _package(name: str) -> int:
    found = metadata.distribution(name)
    return sum(_kept(Path(file), Path(str(found.locate_file("")))) for file in found.files or ())


def _kept(path: Path, folder: Path = ROOT) -> int:
    is_kept = path.suffix not in _TAKEN_OUT and "tests" not in path.parts and (folder / path).is_file()
    return (folder / path).stat().st_size if is_kept else 0


def _bytecode() -> int:
    """Of what is imported while the image is made."""
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout)


def main() -> int:
    """Print the table; exit code 1 where it is beyond the goal."""
    found = parts()
    for name, size in found.items():
        print(f"{size / MB:6.0f} MB  {name}")
    total = sum(found.values()) / MB
    print(f"{total:6.0f} MB  in all; the goal is {GOAL_MB} MB")
    return int(total > GOAL_MB)


if __name__ == "__main__":
    sys.exit(main())
