"""Commands in surroundings that they cannot work in: one sentence each, exit code 2, no traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from storage.embedded import EmbeddedRedis
from tests.bot.commands.clean import Run, run
from tests.processes import ENVIRONMENT
from tests.shared import ROOT

__all__ = ["run"]


def told(tmp_path: Path, *words: str, **environment: str) -> str:
    """What a process that must not start tells."""
    env = {**ENVIRONMENT, "DATA_DIR": str(tmp_path / "data"), "LOG_LEVEL": "error", **environment}
    command = [sys.executable, "-m", "bot.cli", *words]
    ended = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_port_that_is_taken(tmp_path: Path, redis_server: EmbeddedRedis) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = told(tmp_path, "bot", REDIS_URL=redis_server.url, HTTP_PORT=port)

    assert sentence == (
        f"HTTP cannot listen on 127.0.0.1:{port} (another program uses it): set HTTP_PORT to another.\n"
    )


def test_an_address_of_redis_that_is_none(tmp_path: Path) -> None:
    assert told(tmp_path, "bot", REDIS_URL="http://host") == (
        "REDIS_URL must be redis://host:port/number, rediss://… or unix:///path.\n"
    )


@pytest.mark.parametrize("command", ["send", "worker", "up"])
def test_a_wrong_redis_address_is_wrong_everywhere(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setenv("REDIS_URL", "http://host")
    run("db", "upgrade")
    result = run(command, *([str(tmp_path / "x.png")] if command == "send" else []))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "REDIS_URL must be redis://host:port/number, rediss://… or unix:///path.\n"


def test_send_without_a_product_that_runs(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    result = run("send", tmp_path / "x.png")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("The Redis server does not answer (")


@pytest.mark.parametrize("command", ["up", "demo", "worker"])
def test_a_data_folder_that_is_a_file(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "data").touch()
    result = run(command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"The data folder {tmp_path / 'data'}")
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
@pytest.mark.parametrize("command", ["up", "demo", "worker"])
def test_a_data_folder_that_is_read_only(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    result = run(command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be used (Permission denied)" in result.stderr


def test_a_setting_that_cannot_be(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "many")
    for command in ("up", "bot", "worker", "demo"):
        result = run(command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("HTTP_PORT cannot be 'many'")


def test_a_secret_that_is_too_short(tmp_path: Path, redis_server: EmbeddedRedis) -> None:
    sentence = told(tmp_path, "bot", REDIS_URL=redis_server.url, HTTP_PORT="0", **{"JWT_SECRET": "short"})

    assert sentence == "JWT_SECRET is too short: it needs 32 characters or more.\n"
