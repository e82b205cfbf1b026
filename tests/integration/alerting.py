"""A bot process of its own, real Alertmanagers and a real Prometheus, and a way between them that is bad."""

import asyncio
import io
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from config.settings import Settings
from tests.processes import ENVIRONMENT, eventually
from tests.shared import ROOT

SECRET = "secret-of-the-webhook"  # noqa: S105
_PATIENCE_S = 60.0


def needed(*programs: str) -> pytest.MarkDecorator:
    """Skips where a program is not installed."""
    missing = [one for one in programs if shutil.which(one) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class BotProcess:
    """``screen2deck bot`` in a process of its own, which may be killed."""

    settings: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def webhook(self) -> str:
        """Where Alertmanager delivers."""
        return f"http://127.0.0.1:{self.port}/webhooks/alertmanager"

    def start(self) -> None:
        """Without waiting."""
        clean = {name: value for name, value in ENVIRONMENT.items() if name.lower() not in Settings.model_fields}
        own = {"HTTP_PORT": str(self.port), "ALERTMANAGER_WEBHOOK_TOKEN": SECRET, **self.settings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "bot"],
                env={**clean, **own},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """At once, as a machine does that runs out of memory."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def is_ready(self) -> bool:
        """Wait until it answers."""
        async with aiohttp.ClientSession() as session:
            end = asyncio.get_running_loop().time() + _PATIENCE_S
            while asyncio.get_running_loop().time() < end:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/health") as response:
                        if response.status == 200:
                            return True
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(0.05)
        return False


@contextmanager
def bot_process(settings: Mapping[str, str], log: Path) -> Iterator[BotProcess]:
    """Started; killed at the end."""
    bot = BotProcess(settings, log)
    bot.start()
    try:
        yield bot
    finally:
        bot.kill()


@dataclass
class Sender:
    """Delivers as Alertmanager does: again and again until it is told that all is well."""

    url: str
    session: aiohttp.ClientSession
    times: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def send(self, body: Mapping[str, Any]) -> None:
        """Until 200."""
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        wait = 0.1
        while True:
            began = asyncio.get_running_loop().time()
            try:
                async with self.session.post(
                    self.url, data=io.BytesIO(json.dumps(body).encode()), headers=headers
                ) as response:
                    self.statuses.append(response.status)
                    if response.status == 200:
                        self.times.append(asyncio.get_running_loop().time() - began)
                        return
            except (aiohttp.ClientError, OSError):
                self.statuses.append(0)
            await asyncio.sleep(wait)
            wait = min(1.0, wait * 2)


@dataclass
class BadWay:
    """Stands between Alertmanagers and the bot: drops requests, drops answers, repeats."""

    target: str
    dice: random.Random
    is_good: bool = False
    passed: int = 0
    harmed: int = 0

    async def pass_on(self, request: web.Request) -> web.Response:
        """One request."""
        body = await request.read()
        kind = "pass" if self.is_good else self.dice.choice(["pass", "drop", "unanswered", "twice"])
        if kind == "drop":
            self.harmed += 1
            return web.Response(status=503)
        status = await self._send(request, body)
        if kind == "twice":
            self.harmed += 1
            status = await self._send(request, body)
        if kind == "unanswered":
            self.harmed += 1
            return web.Response(status=504)
        self.passed += 1
        return web.Response(status=status)

    async def _send(self, request: web.Request, body: bytes) -> int:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.target, data=body, headers=headers) as response,
        ):
            return response.status


@asynccontextmanager
async def bad_way(target: str, seed: int) -> AsyncIterator[tuple[BadWay, str]]:
    """The way, and its address."""
    way = BadWay(target, random.Random(seed))
    app = web.Application()
    app.router.add_post("/", way.pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield way, f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


_ALERTMANAGER = """
route:
  receiver: bot
  group_by: [alertname]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 1h
receivers:
  - name: bot
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config: {{authorization: {{type: Bearer, credentials: {secret}}}}}
"""


@asynccontextmanager
async def alertmanager(folder: Path, url: str, *, cluster: int = 0, peer: int = 0, web: str = "") -> AsyncIterator[str]:
    """A real one that delivers to ``url``; its address. ``cluster`` and ``peer`` are ports of a pair's gossip.

    ``web`` is the text of its own web configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "alertmanager.yml"
    config.write_text(_ALERTMANAGER.format(url=url, secret=SECRET))
    port = free_port()
    gossip = f"127.0.0.1:{cluster}" if cluster else ""
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--cluster.listen-address={gossip}",
    ]
    command += [f"--cluster.peer=127.0.0.1:{peer}", "--cluster.peer-timeout=2s"] if peer else []
    command += ["--cluster.settle-timeout=0s"] if cluster else []
    if web:
        (folder / "web.yml").write_text(web)
        command.append(f"--web.config.file={folder / 'web.yml'}")
    async with _served(command, folder / "log", f"http://127.0.0.1:{port}") as address:
        yield address


_PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: figures
    static_configs: [{{targets: ["{target}"]}}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: [{alertmanagers}]}}]
"""
_RULES = """
groups:
  - name: test
    rules:
      - alert: QueueBacklog
        expr: test_queue_jobs > 500
        labels: {severity: critical, service: worker}
        annotations: {summary: "{{ $value }} pictures wait", runbook_url: "https://runbooks.example.org/queue"}
"""


@dataclass
class Figures:
    """What Prometheus scrapes."""

    queue: int = 0

    async def told(self, _: web.Request) -> web.Response:
        """As text."""
        return web.Response(text=f"test_queue_jobs {self.queue}\n")


@asynccontextmanager
async def prometheus(folder: Path, *alertmanagers: str) -> AsyncIterator[tuple[Figures, str]]:
    """A real one with one rule on one figure, and its address."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, app = Figures(), web.Application()
    app.router.add_get("/metrics", figures.told)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rules, config, port = folder / "rules.yml", folder / "prometheus.yml", free_port()
    rules.write_text(_RULES)
    hosts = ", ".join(f'"{one.removeprefix("http://")}"' for one in alertmanagers)
    config.write_text(
        _PROMETHEUS.format(rules=rules, target=f"127.0.0.1:{runner.addresses[0][1]}", alertmanagers=hosts)
    )
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
    ]
    try:
        async with _served(command, folder / "log", f"http://127.0.0.1:{port}") as address:
            yield figures, address
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _served(command: list[str], log: Path, address: str) -> AsyncIterator[str]:
    """A process of which ``/-/ready`` says when it is."""
    with log.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told, env=os.environ) as process:
        try:
            assert await eventually(lambda: process.poll() is not None or _answers(address)), log.read_text()
            assert process.poll() is None, log.read_text()
            yield address
        finally:
            process.kill()


def _answers(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as found:
        found.settimeout(0.2)
        return found.connect_ex((host, int(port))) == 0
