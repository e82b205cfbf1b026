"""Compose without containers: what it runs works with its settings, secrets, user and health checks."""

import io
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.deploy.files import services
from tests.deploy.kubernetes import container
from tests.deploy.stack import START_S, Stack, stack
from tests.deploy.test_page import beginning_with
from tests.parts import postgres_bin
from tests.processes import until
from tests.shared import ROOT

pytestmark = pytest.mark.slow

INSIDE = [words[1:] for words in beginning_with("docker", "compose", "exec", "bot")]
"""What docs/deploy.md says inside of the bot's container."""
SAMPLE = ROOT / "bot" / "data" / "sample.jpg"


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    """Stores with tables."""
    with stack() as made:
        done = made.run("migrations", *services()["migrations"]["command"])
        assert done.returncode == 0, done.stderr
        assert "0001_initial" in done.stdout
        yield made


def status(made: Stack, path: str, token: str = "") -> int:
    """The status of an answer of the bot."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{made.http}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def figure(made: Stack, name: str) -> float:
    """What the only worker's figure of that name is in the metrics."""
    headers = {"Authorization": f"Bearer {made.secrets['metrics_token']}"}
    request = urllib.request.Request(f"http://127.0.0.1:{made.http}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        found = re.search(rf"(?m)^{name}{{.*}} (\S+)$", answer.read().decode())
    return float(found[1]) if found else 0.0


def another(folder: Path) -> Path:
    """The sample as bytes that nobody sent before."""
    path = folder / "tmp" / "another.png"
    buffer = io.BytesIO()
    Image.open(SAMPLE).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
    path.chmod(0o644)
    return path


def sql(made: Stack, statement: str) -> None:
    programs = postgres_bin()
    assert programs is not None
    psql = [programs / "psql", made.secrets["database_url"], "--quiet", "--command", statement]
    subprocess.run(psql, check=True, capture_output=True)


def test_migrations_are_done_once(running: Stack) -> None:
    again = running.run("migrations", *services()["migrations"]["command"])
    assert (again.returncode, again.stdout) == (0, "The database is up to date.\n")


def test_nobody_gets_into_valkey_without_the_password(running: Stack) -> None:
    assert "NOAUTH" in running.ask_valkey("KEYS *")


def test_from_a_picture_to_its_decklist_while_the_next_release_changes_tables(running: Stack) -> None:
    assert not running.is_healthy("bot")
    assert not running.is_healthy("ocr-worker")
    with running.service("bot") as bot, running.service("ocr-worker") as worker:
        assert running.becomes_healthy("bot", bot), running.log("bot-1")
        assert running.becomes_healthy("ocr-worker", worker), running.log("ocr-worker-1")
        for process in (bot, worker):
            seen = psutil.Process(process.pid)
            assert seen.uids().real == running.uid
            held = "\n".join([*seen.environ().values(), *seen.cmdline()])
            assert not [name for name, secret in running.secrets.items() if secret and secret in held]

        assert status(running, "/metrics") == 401
        assert status(running, "/metrics", running.secrets["metrics_token"]) == 200
        assert until(lambda: status(running, "/health/ready") == 200, START_S)

        sent = running.run("bot", "send", str(SAMPLE))
        assert sent.returncode == 0, sent.stderr
        assert sent.stdout.startswith("Deck\n")

        for words in [*INSIDE, container("backup")["args"]]:
            done = running.run("bot", *words)
            assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        assert list((running.folder / "backups").iterdir())

        # Expand: the next release adds, and this one's workers go on.
        sql(running, "ALTER TABLE conversions ADD COLUMN later integer NOT NULL DEFAULT 0")
        sql(running, "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('storage', '0999_later', now())")
        assert running.run("migrations", "db", "status").returncode == 2
        before = figure(running, "screen2deck_worker_done")
        once_more = running.run("bot", "send", str(another(running.folder)))
        assert once_more.returncode == 0, once_more.stderr + running.log("ocr-worker-1")
        assert once_more.stdout == sent.stdout
        assert until(lambda: figure(running, "screen2deck_worker_done") > before), "it was read, and not remembered"

        for process, name in ((worker, "ocr-worker"), (bot, "bot")):
            process.send_signal(signal.SIGTERM)
            grace = int(services()[name]["stop_grace_period"].removesuffix("s"))
            assert process.wait(grace) == 0, running.log(f"{name}-1")

    logged = running.log("bot-1") + running.log("ocr-worker-1")
    assert not [name for name, secret in running.secrets.items() if secret and secret in logged]
    assert logged.splitlines()[0].startswith("{"), "JSON, as LOG_FORMAT of the image says"
