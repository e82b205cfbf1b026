"""The product as whoever deploys it starts it, with embedded parts, and its processes by what they do."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
START_S = 180.0
STOP_S = 120.0
#: As for a staging copy: one address sends all, under few names.
SETTINGS = {
    "OCR_ENGINE": "rapidocr",
    "HTTP_PER_MINUTE": "0",
    "PICTURES_PER_HOUR": "1000000",
    "PICTURES_AT_ONCE": "100000",
    "LOG_FORMAT": "json",
}
_GRAVE = ("error", "critical")


@dataclass(frozen=True, slots=True)
class Product:
    """``screen2deck up`` on a folder of its own."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_dir(self) -> Path:
        """Where it keeps all."""
        return Path(self.environment["DATA_DIR"])

    @property
    def log(self) -> Path:
        """What all its processes write."""
        return self.folder / "log"

    def key(self, name: str, role: str) -> str:
        """A new API key."""
        command = [sys.executable, "-m", "bot.cli", "keys", "add", name, "--role", role]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=START_S
        )
        return done.stdout.strip()

    def processes(self) -> dict[psutil.Process, str]:
        """All that run at present, each with its role."""
        top = psutil.Process(self.process.pid)
        found = {top: "supervisor"}
        for one in top.children(recursive=True):
            with suppress(psutil.Error):
                found[one] = role(one.cmdline())
        return found

    def complaints(self) -> list[str]:
        """Log lines that tell of an error, and lines that are no log, such as a traceback."""
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                found += [line] if "Error" in line or "Traceback" in line else []
                continue
            if isinstance(told, dict) and told.get("level") in _GRAVE:
                found.append(f"{told.get('logger')}: {told.get('event')}")
        return found


def role(command: list[str]) -> str:
    """What a process of the product does, by its command line."""
    words = " ".join(command)
    for sign, name in (("ocr_worker.child", "reader"), ("bot.cli worker", "worker"), ("bot.cli bot", "bot")):
        if sign in words:
            return name
    return "redis" if "valkey-server" in words else "other"


@contextmanager
def running(folder: Path, workers: int | None, **settings: str) -> Iterator[Product]:
    """A product that is ready; stopped in order at the end. Raises RuntimeError where it does not start or stop."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    own = {"DATA_DIR": str(folder / "data"), "HTTP_PORT": str(port), "PYTHONPATH": str(ROOT)}
    counted = {} if workers is None else {"WORKERS": str(workers)}
    environment = {**os.environ, **SETTINGS, **own, **counted, **settings}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "up"],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
    product = Product(folder, port, environment, process)
    try:
        _wait_until_ready(product)
        yield product
        process.send_signal(signal.SIGTERM)
        if code := process.wait(STOP_S):
            raise RuntimeError(f"the product stopped with exit code {code}")
    finally:
        if process.poll() is None:
            with suppress(psutil.Error):
                for one in product.processes():
                    one.kill()
            process.wait()


def _wait_until_ready(product: Product) -> None:
    end = time.monotonic() + START_S
    while not _is_ready(product.address):
        if product.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the product does not start: {product.log.read_text()[-2000:]}")
        time.sleep(0.2)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=5) as answer:  # noqa: S310  (own address)
            return bool(answer.status == 200)
    except OSError:
        return False
