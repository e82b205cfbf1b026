"""``screen2deck health``: the exit code by which processes are restarted."""

import asyncio
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from config.settings import Settings
from storage.embedded import EmbeddedRedis
from storage.queue import WorkerRecord, open_queue


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", redis_server.url)


def asked(process: str) -> Result:
    return CliRunner().invoke(app, ["health", process])


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that answers everything so; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not on stderr."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def says_alive(redis: EmbeddedRedis, name: str) -> None:
    async def say() -> None:
        now = time.time()
        async with open_queue(redis.url) as queue:
            await queue.redis.flushall()
            await queue.say_alive(WorkerRecord(name, 1, "here", "0", "stub", "p", now, now, None, 0, 0, 0))

    asyncio.run(say())


def test_a_bot_that_answers_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for status, code in ((200, 0), (500, 1)):
        with answering(status) as port:
            monkeypatch.setenv("HTTP_PORT", str(port))
            assert asked("bot").exit_code == code
    result = asked("bot")
    assert (result.exit_code, result.stderr) == (1, f"Nothing answers on http://127.0.0.1:{port}.\n")


def test_a_worker_is_well_as_long_as_its_heart_beats(
    redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    says_alive(redis_server, f"{platform.node()}/1")
    assert asked("worker").exit_code == 0
    says_alive(redis_server, "another/1")
    assert asked("worker").exit_code == 1
    monkeypatch.setenv("WORKER_NAME", "another/1")
    assert asked("worker").exit_code == 0


def test_a_worker_is_not_restarted_for_a_redis_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert asked("worker").exit_code == 0
