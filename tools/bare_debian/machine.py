"""What this machine can do, and how it reaches Debian's packages and Python's; the roots reach them the same way."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

RELEASE = "bookworm"
SPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Runs a command with mounts and processes of its own, which end with it."""
_PROGRAMS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "git": "git",
}
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


class GoneWrongError(Exception):
    """Something did not work that the pages say works; ``str(error)`` tells what."""


def missing(cache: Path) -> str | None:
    """Why this machine cannot make such a root in that folder, or start it; None where it can."""
    if os.geteuid() != 0:
        return "only root can make a root of Debian and start it"
    lacking = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    if lacking:
        return f"not installed here: {', '.join(lacking)}"
    if subprocess.run([*SPACES, "true"], capture_output=True, check=False).returncode:
        return "root may not mount anything here, as in a container without rights"
    if not _takes_devices(cache):
        return f"no device can be made in {cache}: it takes none, or root may not"
    if not sources():
        return f"this machine's apt knows no packages of Debian 12 ({RELEASE})"
    return None


def _takes_devices(folder: Path) -> bool:
    device = folder / f"null.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        return False
    finally:
        device.unlink(missing_ok=True)
    return True


def sources() -> dict[str, str]:
    """Address and components of the package archive of each suite of the release that this machine's apt knows."""
    if shutil.which("apt-get") is None:
        return {}
    wanted = ["--format", "$(CODENAME) $(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"]
    found: dict[str, str] = {}
    told = subprocess.run(["apt-get", "indextargets", *wanted], capture_output=True, text=True, check=False)  # noqa: S607  (found by PATH, as its user does)
    for line in told.stdout.splitlines():
        _, suite, component, address = line.split()
        if component == "main" and re.fullmatch(rf"{RELEASE}(-updates|-security)?", suite):
            found[suite] = address
    return found


def apt_sources() -> str:
    """The same as lines of ``sources.list``."""
    return "".join(f"deb {address} {suite} main\n" for suite, address in sources().items())


def apt_settings() -> str:
    """How this machine's apt gets there: proxies, certificates, patience."""
    told = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout  # noqa: S607  (found by PATH, as its user does)
    return "".join(
        line for line in told.splitlines(keepends=True) if re.match(r"Acquire::(https?|Check|Retries)", line)
    )


def pip_settings() -> dict[str, str]:
    """What this machine's pip is told by files and environment, by name of the setting."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    pairs = re.findall(r"(?m)^(?:global|install|:env:)\.([\w-]+)='(.*)'$", told.stdout)
    return {name: value.replace("\\n", " ") for name, value in pairs}


def named_by_pip() -> list[Path]:
    """Files and folders of this machine that pip's settings name."""
    words = [word.removeprefix("file://") for value in pip_settings().values() for word in shlex.split(value)]
    paths = {Path(word) for word in words if word.startswith("/") and Path(word).exists()}
    # A folder of an index names files beside it.
    return sorted({path.parent if path.name == "simple" else path for path in paths})


def proxies() -> dict[str, str]:
    """Environment variables that name a proxy."""
    return {name: value for name, value in os.environ.items() if name.lower() in _PROXIES}
