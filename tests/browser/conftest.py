"""The whole product in processes of its own, and real browsers that look at its page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import pytest

from tests.processes import ENVIRONMENT
from tests.shared import ROOT

playwright = pytest.importorskip("playwright.async_api", reason="playwright is installed by make setup-slow")

CHROMIUM = which("chromium") or which("chromium-browser")
PEOPLE = """
environment: local
terminal: admin
people:
  - {name: Alice, role: admin, accounts: {web: alice}}
  - {name: Bob, role: admin, accounts: {web: bob}}
"""
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-quic"]
_QUIET += ["--disable-component-update", "--disable-sync"]
_START_S = 120.0
TOKEN = "a-token-for-alertmanager-of-the-tests"  # noqa: S105


@dataclass
class Page:
    """The product with its page; it can be stopped and started on the same data."""

    folder: Path
    port: int
    process: "subprocess.Popen[str] | None" = field(default=None)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.folder / "data"),
            "HTTP_PORT": str(self.port),
            "WORKERS": "1",
            "OPS_FILE": str(self.folder / "ops.yaml"),
            "ALERTMANAGER_WEBHOOK_TOKEN": TOKEN,
        }
        return {**os.environ, **ENVIRONMENT, **own}

    def start(self) -> None:
        """As ``make run`` does."""
        command = [sys.executable, "-m", "bot.cli", "up"]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True)
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text()[-3000:])

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
            self.process = None

    def link(self, user: str = "") -> str:
        """A one-time link from the server's own terminal."""
        command = [sys.executable, "-m", "bot.cli", "link", *([user] if user else [])]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        found = re.search(r"http\S+", done.stdout)
        assert found
        return found[0]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Started once for a module."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "ops.yaml").write_text(PEOPLE, encoding="utf-8")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found = Page(folder, one.getsockname()[1])
    found.start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
async def chromium() -> AsyncIterator["playwright.Browser"]:
    """A real browser of the machine."""
    if CHROMIUM is None:
        pytest.skip("this machine has no Chromium: apt-get install chromium")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        try:
            yield browser
        finally:
            await browser.close()
