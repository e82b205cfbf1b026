"""A Debian 12 in a folder: made, entered, and started with its own systemd."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.bare_debian import ending, machine
from tools.bare_debian.machine import GoneWrongError

PROJECT = Path(__file__).parents[2]
START_S = 120.0
_TOLD = 4000
"""Characters of what a command said that failed."""
_FILES = "/srv/of-the-machine"
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Root:
    """One of them; ``cache`` keeps what is downloaded of Debian from one run to the next."""

    folder: Path
    cache: Path

    def run(
        self,
        *words: str,
        user: str = "root",
        at: str = "/",
        network: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program in the root, without its systemd; raise ``GoneWrongError`` where it fails."""
        settings = {**_ENVIRONMENT, **machine.proxies(), **(environment or {})}
        options = [f"--user={user}", f"--chdir={at}", "--console=pipe", *_setenv(settings)]
        options += [] if network else ["--private-network"]
        _quietly(self._nspawn(*options, *words), " ".join(words))

    @contextmanager
    def started(self, log: Path) -> Iterator["Started"]:
        """While it lasts, the root's systemd runs, with a network of its own that leads nowhere."""
        with log.open("wb") as told, ending.running(self._nspawn("--boot", "--private-network"), told) as process:
            try:
                yield Started.of(process)
            except GoneWrongError as problem:
                if process.poll() is not None:
                    raise GoneWrongError(f"{problem}\n{log.read_text(errors='replace')}") from problem
                raise

    def _nspawn(self, *words: str) -> list[str]:
        # Without a systemd on this machine there is nobody to register with.
        alone = [] if Path("/run/systemd/system").is_dir() else ["--register=no", "--keep-unit"]
        binds = [f"--bind-ro={path}" for path in machine.named_by_pip() if path.is_dir()]
        binds.append(f"--bind={self.cache / 'archives'}:/var/cache/apt/archives")
        quiet = ["env", "SYSTEMD_LOG_LEVEL=crit", "systemd-nspawn", "--quiet"]
        return [*quiet, *alone, f"--directory={self.folder}", *binds, *words]


@dataclass(frozen=True)
class Started:
    """A root whose systemd runs."""

    leader: int

    @classmethod
    def of(cls, process: "subprocess.Popen[bytes]") -> "Started":
        """Wait for the start of everything that is enabled."""
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if children:
                started = cls(int(children[0]))
                if started.ask("systemctl", "is-system-running").strip() in ("running", "degraded"):
                    return started
            time.sleep(0.2)
        raise GoneWrongError("systemd does not start here")

    def run(self, text: str, at: str = "/") -> None:
        """Run a line of a shell as root; raise ``GoneWrongError`` where it fails."""
        _quietly(self._enter(text, at), text)

    def ask(self, *words: str) -> str:
        """What a program says, whether it fails or not."""
        command = self._enter('"$@"', "/", *words)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout

    def _enter(self, text: str, at: str, *words: str) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root"]
        shell = ["sh", "-c", f'cd "$0" && {text}', at, *words]
        environment = [f"{name}={value}" for name, value in {**_ENVIRONMENT, "HOME": "/root"}.items()]
        return ["nsenter", f"--target={self.leader}", *spaces, "env", "-i", *environment, *shell]


def _quietly(command: Sequence[str], what: str) -> None:
    """Run it; what it said is told where it fails."""
    code, said = ending.run(command)
    if code:
        raise GoneWrongError(f"{what}: ended with {code}\n{said[-_TOLD:]}")


def _setenv(environment: Mapping[str, str]) -> list[str]:
    return [f"--setenv={name}={value}" for name, value in environment.items()]


def base(cache: Path) -> Path:
    """The folder of a Debian as small as debootstrap makes it; made once for each cache."""
    made = cache / machine.RELEASE
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    if made.is_dir():
        return made
    unfinished = cache / f"{machine.RELEASE}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    address = machine.sources()[machine.RELEASE]
    # With mounts and processes of its own, of which none outlives it. What starts it heeds no gentler signal.
    settings = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
    making = ["debootstrap", "--variant=minbase", machine.RELEASE, str(unfinished), address]
    code, said = ending.run([*machine.SPACES, "env", *settings, *making], by=signal.SIGKILL)
    if code:
        raise GoneWrongError(f"debootstrap failed:\n{said[-_TOLD:]}")
    unfinished.rename(made)
    return made


@contextmanager
def root(cache: Path, work: Path | None, name: str) -> Iterator[Root]:
    """A copy of it that reaches packages as this machine does; gone at the end."""
    origin = base(cache)
    with tempfile.TemporaryDirectory(prefix=f"bare-debian-{name}-", dir=work, ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "root"
        made = Root(folder, cache)
        try:
            subprocess.run(["cp", "--archive", str(origin), str(folder)], check=True)  # noqa: S607  (found by PATH, as its user does)
            _settle(folder / "etc", name)
            made.run("apt-get", "-qq", "update")
            yield made
        finally:
            # Python's own way of removing takes minutes for a whole Debian.
            subprocess.run(["rm", "--recursive", "--force", "--one-file-system", str(folder)], check=False)  # noqa: S607  (found by PATH, as its user does)


def _settle(etc: Path, name: str) -> None:
    """Give it a name and the ways of this machine to packages."""
    (etc / "apt" / "sources.list").write_text(machine.apt_sources())
    (etc / "apt" / "apt.conf.d" / "10machine").write_text(machine.apt_settings())
    (etc / "pip.conf").write_text(_pip_settings(etc.parent))
    (etc / "hostname").write_text(f"{name}\n")
    # Debian's installer writes this, debootstrap does not.
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost ip6-localhost\n")


def _pip_settings(folder: Path) -> str:
    """Those of this machine. Folders that they name are mounted where they are; files are copied, since packages of
    the root may bring their own."""
    pip = "".join(f"{key} = {value}\n" for key, value in machine.pip_settings().items())
    for path in machine.named_by_pip():
        if path.is_file():
            copy = Path(_FILES) / path.name
            (folder / _FILES.removeprefix("/")).mkdir(exist_ok=True)
            shutil.copy(path, folder / str(copy).removeprefix("/"))
            pip = pip.replace(str(path), str(copy))
    return f"[global]\n{pip}"


def clone(made: Root, at: str) -> Path:
    """A clone of this project, as it is committed, in a folder of the root; its path from outside."""
    folder = made.folder / at.removeprefix("/")
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = ["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(folder)]
    subprocess.run(command, check=True)
    return folder
