"""The command line in this process, on a data folder of its own, with the environment and logs put back after."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from bot.cli import app
from config.settings import Settings
from storage.embedded import EmbeddedRedis

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Call a command; its words become text."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LOG_LEVEL", "warning")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda *words, **options: CliRunner().invoke(app, [str(word) for word in words], **options)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def ops(
    run: Run, redis_server: EmbeddedRedis, empty_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """``screen2deck ops`` on a real server, emptied: other tests of this process left what they queued."""
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(empty_sqlite, tmp_path / "data" / "screen2deck.db")
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    return lambda *words, **options: run("ops", *words, **options)
