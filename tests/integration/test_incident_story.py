"""An incident from beginning to end: real Prometheus and Alertmanager as shipped, the whole product, a chat."""

import asyncio
import contextlib
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import pytest

from storage import conversions, incidents
from storage.incidents import IncidentState
from storage.records import State
from tests.bot.telegram.seeing import hears, sees
from tests.chaos.driving import Product, players, running_product
from tests.chaos.reader import Wish
from tests.fakes.telegram_rooms import Player, Room, Said
from tests.fakes.telegram_server import TOKEN, TelegramServer, telegram_server
from tests.shared import ROOT

pytestmark = pytest.mark.slow

PATIENCE_S = 150.0
SECRET = "a-secret-of-the-webhook"  # noqa: S105
DEPLOY = ROOT / "config" / "deploy"
POLICY = """
environment: prod
people:
  - {{name: Alice, role: admin, accounts: {{telegram: "2001"}}}}
places:
  - {{platform: telegram, chat: "{chat}"}}
alerts: {{group_interval: 2s}}
on_call:
  rotations: {{primary: {{members: [Alice]}}}}
  watchdog: {{within: 15m}}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(*command: str, log: Path) -> Iterator[None]:
    """A program beside the product; ended with the test."""
    with log.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
        try:
            yield
        finally:
            process.kill()


@dataclass
class Story:
    """Everything that takes part."""

    product: Product
    telegram: TelegramServer
    alice: Player
    group: Room
    alone: Room

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.1)
        assert holds(), what

    async def confirmed(self, order: str, *plan: str) -> Said:
        """Give an order in the group and press the button of its plan."""
        number = self.group.text(self.alice, order)
        said = await self.answer(number, *plan)
        label = next(label for label in said.labels if "confirm" in label.lower())
        await hears(self.group, self.group.press(self.alice, said, label))
        return said

    async def answer(self, number: int, *words: str) -> Said:
        """Wait until what answers a message has all words."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                said = self.group.answer_to(number)
                if said is not None and all(word.lower() in said.text.lower() for word in words):
                    return said
                await asyncio.sleep(0.1)

    async def file(self, name: str) -> str:
        """Wait until a file was sent to the group."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for one in self.group.from_bot:
                    if one.file is not None and one.file_name == name:
                        return one.file.decode("utf-8", "replace")
                await asyncio.sleep(0.1)


def shipped_rules(folder: Path) -> Path:
    """The shipped alerts, which wait for seconds where they wait for minutes; but the one about unanswered pages."""
    text = (DEPLOY / "prometheus" / "rules" / "screen2deck.yml").read_text(encoding="utf-8")
    path = folder / "rules.yml"
    path.write_text(re.sub(r"for: (1?\dm|1h)\b", "for: 2s", text), encoding="utf-8")
    return path


def prometheus(folder: Path, port: int, bot: int, alertmanager: int) -> list[str]:
    """The shipped configuration, with these addresses, looking every second."""
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    text = re.sub(r"(scrape|evaluation)_interval: 15s", r"\1_interval: 1s", text)
    text = text.replace("rules/screen2deck.yml", str(shipped_rules(folder)))
    text = text.replace("127.0.0.1:9093", f"127.0.0.1:{alertmanager}").replace("127.0.0.1:8484", f"127.0.0.1:{bot}")
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    return [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
    ]


def alertmanager(folder: Path, port: int, bot: int) -> list[str]:
    """The same."""
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    token = folder / "token"
    token.write_text(SECRET)
    text = text.replace("/etc/screen2deck/alertmanager-token", str(token)).replace("127.0.0.1:8484", f"127.0.0.1:{bot}")
    text = text.replace("group_wait: 10s", "group_wait: 1s").replace("group_interval: 1m", "group_interval: 2s")
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    return [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


@pytest.fixture
async def story(tmp_path: Path, telegram: TelegramServer) -> AsyncIterator[Story]:
    if shutil.which("prometheus") is None or shutil.which("prometheus-alertmanager") is None:
        pytest.skip("prometheus and prometheus-alertmanager are not installed (Debian packages)")
    group, alice = telegram.group(1), Player(2001, "Alice")
    alone = telegram.private(alice)
    policy = tmp_path / "ops.yaml"
    policy.write_text(POLICY.format(chat=group.id))
    prom, am = free_port(), free_port()
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "OPS_FILE": str(policy),
        "ALERTMANAGER_WEBHOOK_TOKEN": SECRET,
        "ALERTMANAGER_URL": f"http://127.0.0.1:{am}",
        "PROMETHEUS_URL": f"http://127.0.0.1:{prom}",
    }
    with (
        running_product(tmp_path, workers=1, **settings) as product,
        served(*alertmanager(tmp_path, am, product.port), log=tmp_path / "alertmanager.log"),
    ):
        await all_ready(product)
        with served(*prometheus(tmp_path, prom, product.port, am), log=tmp_path / "prometheus.log"):
            yield Story(product, telegram, alice, group, alone)


async def all_ready(product: Product) -> None:
    """Until the bot is connected and the worker lives: what starts is nothing to be called for."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(f"http://127.0.0.1:{product.port}/health/ready") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)


async def test_a_worker_hangs_somebody_is_called_restarts_it_and_writes_down_what_happened(story: Story) -> None:
    async with players(story.product) as people:
        # A worker that is killed is started again at once: one that hangs is what people are needed for.
        worker = story.product.worker(1)
        for process in (worker, *worker.children(recursive=True)):
            process.send_signal(signal.SIGSTOP)
        sent = [one for number in range(3) if (one := await people.send(Wish(number + 1).picture)) is not None]

        called = await sees(story.alone, "P1", "WorkerDown", "you are called", within_s=PATIENCE_S)
        await sees(story.group, "WorkerDown", within_s=PATIENCE_S)
        story.alone.press(story.alice, called, "Acknowledge")
        await sees(story.alone, "You acknowledged INC-", within_s=PATIENCE_S)
        await story.until(lambda: "acknowledged by Alice" in called.text, "the page says so")

        restarted = await story.confirmed("/restart worker drain=no", "Restarts 1 instance")
        await story.until(lambda: "restarted and ready" in restarted.text, restarted.text)
        for one in sent:
            async with asyncio.timeout(PATIENCE_S):
                while (await conversions.conversion(one)).state is not State.DONE:
                    await asyncio.sleep(0.2)

        async with asyncio.timeout(PATIENCE_S):
            while [one for one in await incidents.unresolved() if "Worker" in one.title or "Queue" in one.title]:
                await asyncio.sleep(0.2)
        ended = [one for one in await incidents.incidents() if "WorkerDown" in one.title]
        [incident] = ended
        assert incident.state is IncidentState.RESOLVED
        assert incident.acknowledged_by == "Alice"
        await story.until(
            lambda: any("WorkerDown" in one.text and "No longer reported" in one.text for one in story.group.from_bot),
            "the card follows",
        )

        number = story.group.text(story.alice, f"/incident postmortem {incident.name}")
        await story.answer(number, "lines of timeline")
        document = await story.file(f"post-mortem-{incident.name}.md")
        assert (await story.file(f"post-mortem-{incident.name}.png")).startswith("\ufffdPNG")

    for words in (
        "WorkerDown",
        "Alice on Telegram: delivered",
        "| Alice | restart worker",
        "| Acknowledged | 15 min |",
    ):
        assert words in document, document
    assert re.search(r"\| 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d \| Alertmanager \| resolved", document)
    with contextlib.suppress(psutil.Error):
        assert not worker.is_running()
