"""Makes and fills the project's virtual environment; needs nothing but a Python of 3.11 to 3.13.

    python3 tools/environment.py create FOLDER
    python3 tools/environment.py install FOLDER LOCK...
    python3 tools/environment.py install-easyocr FOLDER LOCK [PIP OPTION...]

``create`` keeps an environment that works. ``install`` takes exactly what the lock files say, with their
hashes, and this project from where it stands. ``install-easyocr`` adds EasyOCR and PyTorch. The latter has no
hash: its builds for the processor alone are not on every package index, and pip options can name another.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_VENV_MISSING = (
    "This Python cannot make virtual environments: install the package that adds it"
    " (on Debian and Ubuntu: apt-get install python3-venv), then try again."
)
_TORCH = "torch==2.13.0"
#: Quiet but for errors: pip's warnings are about the machine's own configuration.
_PIP = ("-m", "pip", "--disable-pip-version-check", "-qq", "install")


class SetupError(Exception):
    """Setting up failed; ``str(error)`` is for the person at the terminal."""


def create(folder: Path) -> None:
    """Make the environment, unless one that works is there already."""
    if _has_pip(folder):
        return
    if folder.exists():
        print(f"{folder} does not work on this machine any more: making it anew.", flush=True)
        shutil.rmtree(folder)
    for make in (_by_venv, _by_virtualenv, _by_system_pip, _by_debian_wheel):
        if make(folder) and _has_pip(folder):
            return
        shutil.rmtree(folder, ignore_errors=True)
    raise SetupError(_VENV_MISSING)


def install(folder: Path, locks: list[str]) -> None:
    """Install the locked packages and this project."""
    print("Installing the locked packages (about 900 MB on disk, one to three minutes) ...", flush=True)
    requirements = [part for lock in locks for part in ("-r", lock)]
    _pip(folder, "--require-hashes", *requirements)
    _pip(folder, "--no-deps", "--no-build-isolation", "-e", ".")


def install_easyocr(folder: Path, lock: str, options: list[str]) -> None:
    """Install EasyOCR, its weights and PyTorch."""
    print("Installing EasyOCR and PyTorch (1 GB on disk, more where PyTorch comes with CUDA) ...", flush=True)
    _pip(folder, "--require-hashes", "--no-deps", "-r", lock)
    _pip(folder, *options, _TORCH)


def _by_venv(folder: Path) -> bool:
    return _succeeds(sys.executable, "-m", "venv", str(folder))


def _by_virtualenv(folder: Path) -> bool:
    return _succeeds(sys.executable, "-m", "virtualenv", "-q", str(folder))


def _by_system_pip(folder: Path) -> bool:
    """Debian's python3-pip without python3-venv."""
    return _from_outside(folder, [sys.executable, "-m", "pip"])


def _by_debian_wheel(folder: Path) -> bool:
    """A bare Debian: its package that holds pip need only be fetched; installing it would take root."""
    with tempfile.TemporaryDirectory() as temporary:
        if not _succeeds("apt-get", "download", "python3-pip-whl", cwd=temporary):
            return False
        fetched = next(Path(temporary).glob("*.deb"))
        if not _succeeds("dpkg", "-x", str(fetched), temporary):
            return False
        wheel = next(Path(temporary).rglob("pip-*.whl"))
        return _from_outside(folder, [sys.executable, str(wheel / "pip")])


def _from_outside(folder: Path, pip: list[str]) -> bool:
    """Make an environment without pip, and let one that is not part of it install one there."""
    if not _succeeds(sys.executable, "-m", "venv", "--without-pip", str(folder)):
        return False
    return _succeeds(*pip, "--python", str(_python(folder)), "-qq", "install", "pip")


def _has_pip(folder: Path) -> bool:
    return _python(folder).exists() and _succeeds(str(_python(folder)), "-c", "import pip")


def _python(folder: Path) -> Path:
    # absolute(), not resolve(): the link's target is the Python outside of the environment
    return folder.absolute() / "bin" / "python"


def _succeeds(*command: str, cwd: str | None = None) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False, cwd=cwd).returncode == 0


def _pip(folder: Path, *arguments: str) -> None:
    if subprocess.run([str(_python(folder)), *_PIP, *arguments], check=False).returncode:
        raise SetupError(f"pip could not install {' '.join(arguments)}: its message stands above.")


def main(arguments: list[str]) -> int:
    """Run one of the commands of this module's head; return the exit code."""
    match arguments:
        case ["create", folder]:
            create(Path(folder))
        case ["install", folder, *locks] if locks:
            install(Path(folder), locks)
        case ["install-easyocr", folder, lock, *options]:
            install_easyocr(Path(folder), lock, options)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as problem:
        sys.exit(str(problem))
