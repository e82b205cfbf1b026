"""The whole product with its real reader, started, used and stopped as people do."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.processes import ENVIRONMENT, until
from tests.shared import ROOT

SAMPLE = ROOT / "bot" / "data" / "sample.jpg"
PATIENCE_S = 180.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bot.cli", *words]


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.slow
def test_from_up_to_a_decklist_and_down_again(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **ENVIRONMENT,
        "DATA_DIR": str(tmp_path / "data"),
        "HTTP_PORT": str(port),
        "WORKERS": "1",
        "OCR_ENGINE": "rapidocr",
    }
    log = tmp_path / "log"
    with log.open("wb") as file:
        product = subprocess.Popen(
            command("up"), stdout=file, stderr=file, env=environment, cwd=ROOT, start_new_session=True
        )
    with product:
        try:
            assert until(lambda: is_ready(port) or product.poll() is not None, PATIENCE_S), log.read_text()
            assert product.poll() is None, log.read_text()
            parts = psutil.Process(product.pid).children(recursive=True)

            second = run("up", environment=environment)
            assert (second.returncode, second.stdout) == (2, "")
            assert f"is already running on the data folder {tmp_path / 'data'} (process {product.pid})" in second.stderr

            sent = run("send", str(SAMPLE), environment=environment)
            assert sent.returncode == 0, sent.stderr
            assert sent.stdout.startswith("Deck\n")
            assert "sample.jpg: 60 main" in sent.stderr

            assert until(lambda: measures_and_logs(environment, port), PATIENCE_S)
            looks_into_its_processes(environment)

            os.killpg(product.pid, signal.SIGINT)
            assert product.wait(PATIENCE_S) == 0
            assert not psutil.wait_procs(parts, timeout=PATIENCE_S)[1]
            assert not is_ready(port)
        finally:
            product.kill()


def looks_into_its_processes(environment: dict[str, str]) -> None:
    """Bot and worker have the same settings, sign people in, log more for a while, and show where time goes."""
    checks = {one["check"]: one for one in told(environment, "config", "check")["data"]}
    assert checks["same settings"] == {"state": "ok", "check": "same settings", "found": "on 2 processes"}
    assert told(environment, "auth", "test")["text"] == "Signing in works."

    levels = told(environment, "debug", "on", "--confirm", "yes")["data"]["levels"]
    assert len(levels) == 2
    assert all(level.endswith("(all debug)") for level in levels.values()), levels
    assert told(environment, "debug", "off")["data"] == {"ended": 1}
    profile = told(environment, "profile", "cpu", "--service", "worker", "--seconds", "1", "--confirm", "yes")
    assert profile["data"]["bytes"] > 100


def told(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """What an action of the console answers to programs."""
    done = run("ops", *words, "--format", "json", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def measures_and_logs(environment: dict[str, str], port: int) -> bool:
    """The console knows the worker's stage times, what was measured, and the log of the reading."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        figures = answer.read().decode()
    shown = run(
        "ops", "metrics", "show", "--name", "reading_p95", "--plot", "no", "--format", "json", environment=environment
    )
    logged = run("ops", "logs", "tail", "--component", "worker", environment=environment)
    return (
        'screen2deck_stage_seconds_count{stage="reading"' in figures
        and "screen2deck_cpu_share" in figures
        and json.loads(shown.stdout)["data"][0]["value"] > 0
        and "correlation=" in logged.stdout
    )


def run(*words: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S
    )
