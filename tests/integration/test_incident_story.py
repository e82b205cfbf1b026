"""An incident from beginning to end: real Prometheus and Alertmanager as shipped, the whole product, both chats."""

import asyncio
import contextlib
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import aiohttp
import psutil
import pytest

from chatops.alerting.alertmanager import Alertmanager, LiveSilence
from storage import conversions, incidents
from storage.incidents import IncidentRecord, IncidentState
from storage.records import State
from tests.chaos.driving import Players, Product, players
from tests.chaos.reader import Wish
from tests.fakes.discord_world import Message
from tests.fakes.telegram_rooms import Said
from tests.integration import operated
from tests.integration.alerting import bad_way, free_port, needed
from tests.integration.operated import PATIENCE_S, Chats
from tests.shared import ROOT

pytestmark = [pytest.mark.slow, needed("prometheus", "prometheus-alertmanager")]

SECRET = "a-secret-of-the-webhook"  # noqa: S105
DEPLOY = ROOT / "config" / "deploy"
MORE = """
alerts: {group_interval: 2s}
on_call:
  rotations: {primary: {members: [Alice]}}
  watchdog: {within: 15m}
"""
SECTIONS = (
    "Summary",
    "Impact",
    "Times against their targets",
    "Timeline (UTC)",
    "Alerts",
    "People who were called",
    "Actions taken",
    "Figures in the window",
    "What to fix",
    "Follow-up",
)
DATE = r"2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d"


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
    """Everything that takes part; ``members`` are the Alertmanagers, by their addresses."""

    product: Product
    chats: Chats
    people: Players
    members: list[str]

    async def silence(self, mutes: str, state: str) -> LiveSilence:
        """Wait until each Alertmanager has the silence of an alert in a state."""
        found: list[LiveSilence] = []
        for member in self.members:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := await _silences(member, mutes, state)):
                    await asyncio.sleep(0.1)
        return found[0]

    async def resolved(self, *names: str) -> list[IncidentRecord]:
        """Wait until the incidents of these alerts are resolved, and return all that there were."""
        async with asyncio.timeout(PATIENCE_S):
            while [one for one in await incidents.unresolved() if any(name in one.title for name in names)]:
                await asyncio.sleep(0.2)
        return [one for one in await incidents.incidents() if any(name in one.title for name in names)]


async def _silences(member: str, mutes: str, state: str) -> list[LiveSilence]:
    silences = await Alertmanager.of(member).silences()
    return [one for one in silences if one.state == state and any(mutes == label.value for label in one.matchers)]


def shipped_rules(folder: Path) -> Path:
    """The shipped alerts, which wait for seconds where they wait for minutes; but the one about unanswered pages."""
    text = (DEPLOY / "prometheus" / "rules" / "screen2deck.yml").read_text(encoding="utf-8")
    path = folder / "rules.yml"
    path.write_text(re.sub(r"for: (1?\dm|1h)\b", "for: 2s", text), encoding="utf-8")
    return path


def prometheus(folder: Path, port: int, bot: int, alertmanagers: list[int]) -> list[str]:
    """The shipped configuration, with these addresses, looking every second."""
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    text = re.sub(r"(scrape|evaluation)_interval: 15s", r"\1_interval: 1s", text)
    text = text.replace("rules/screen2deck.yml", str(shipped_rules(folder)))
    members = ", ".join(f'"127.0.0.1:{one}"' for one in alertmanagers)
    text = text.replace('"127.0.0.1:9093"', members).replace("127.0.0.1:8484", f"127.0.0.1:{bot}")
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    return [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
    ]


def alertmanager(folder: Path, port: int, webhook: str, gossip: int = 0, peer: int = 0) -> list[str]:
    """The same; ``gossip`` and ``peer`` are ports of a pair."""
    folder.mkdir()
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    token = folder / "token"
    token.write_text(SECRET)
    text = text.replace("/etc/screen2deck/alertmanager-token", str(token))
    text = text.replace("http://127.0.0.1:8484/webhooks/alertmanager", webhook)
    text = text.replace("group_wait: 10s", "group_wait: 1s").replace("group_interval: 1m", "group_interval: 2s")
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    pair = [f"--cluster.peer=127.0.0.1:{peer}", "--cluster.peer-timeout=2s"] if peer else []
    return [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--cluster.listen-address={f'127.0.0.1:{gossip}' if gossip else ''}",
        *(["--cluster.settle-timeout=0s"] if gossip else []),
        *pair,
    ]


@pytest.fixture(params=["alone", "pair"])
async def story(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """One Alertmanager; or a pair, with a way between it and the bot that drops and repeats."""
    is_pair = request.param == "pair"
    ports, prom = [free_port() for _ in range(1 + is_pair)], free_port()
    members = [f"http://127.0.0.1:{one}" for one in ports]
    async with AsyncExitStack() as stack:
        chats = await stack.enter_async_context(operated.chats(tmp_path, MORE))
        told = {"ALERTMANAGER_WEBHOOK_TOKEN": SECRET, "ALERTMANAGER_URL": ",".join(members)}
        told["PROMETHEUS_URL"] = f"http://127.0.0.1:{prom}"
        product = await stack.enter_async_context(operated.product(tmp_path, chats, **told))
        webhook = f"http://127.0.0.1:{product.port}/webhooks/alertmanager"
        if is_pair:
            _, webhook = await stack.enter_async_context(bad_way(webhook, seed=11))
        gossip = [free_port() if is_pair else 0 for _ in ports]
        for number, port in enumerate(ports):
            peer = gossip[0] if number else 0
            command = alertmanager(tmp_path / f"am-{number}", port, webhook, gossip[number], peer)
            stack.enter_context(served(*command, log=tmp_path / f"alertmanager-{number}.log"))
        await all_ready(product)
        stack.enter_context(served(*prometheus(tmp_path, prom, product.port, ports), log=tmp_path / "prometheus.log"))
        people = await stack.enter_async_context(players(product))
        yield Story(product, chats, people, members)


async def all_ready(product: Product) -> None:
    """Until the bot is connected and the worker lives: what starts is nothing to be called for."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(f"http://127.0.0.1:{product.port}/health/ready") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)


@dataclass
class Cards:
    """An alert on both platforms, with the places of its talk."""

    telegram: Said
    discord: Message
    topic: int


async def cards_of(story: Story, alert: str) -> Cards:
    """Wait for the cards of an alert, its topic and its thread."""
    chats = story.chats
    on_telegram = await chats.on_telegram(f" · {alert} (", "INC-")
    on_discord = await chats.on_discord(f" · {alert} (", "INC-")
    await chats.until(lambda: on_discord.id in chats.discord.world.channels, lambda: "a thread")
    found = await chats.until(
        lambda: [number for number, one in chats.room.own_topics.items() if alert in one.name], lambda: "a topic"
    )
    return Cards(on_telegram, on_discord, found[0])


async def hung(story: Story) -> psutil.Process:
    """A worker that is killed is started again at once: one that hangs is what people are needed for."""
    worker = story.product.worker(1)
    for process in (worker, *worker.children(recursive=True)):
        process.send_signal(signal.SIGSTOP)
    return worker


async def sent(story: Story) -> list[UUID]:
    return [one for number in range(3) if (one := await story.people.send(Wish(number + 1).picture)) is not None]


async def silenced_on_both(story: Story, down: Cards, stalled: Cards) -> None:
    """From the card of each platform, with its preview; seen in the Alertmanagers' own API, and undone."""
    chats = story.chats
    await chats.press(stalled.telegram, "Silence 1 h")
    plan = await chats.on_telegram("alerts silence", "Mutes 1 alert of", "QueueStalled")
    await chats.press(plan, "Confirm")
    await chats.says(plan, "Muted until")
    made = await story.silence("QueueStalled", "active")
    assert made.created_by == "telegram:2001 via screen2deck-bot"
    await chats.press(plan, "Undo")
    await story.silence("QueueStalled", "expired")

    await chats.discord.press(chats.olga, down.discord, "Silence 1 h")
    shown = await chats.on_discord("alerts silence", "Mutes 1 alert of", "WorkerDown")
    await chats.discord.press(chats.olga, shown, "Confirm")
    await chats.until(lambda: "Muted until" in shown.content, lambda: shown.content)
    made = await story.silence("WorkerDown", "active")
    assert made.created_by == f"discord:{chats.olga.id} via screen2deck-bot"
    await chats.discord.press(chats.olga, shown, "Undo")
    await story.silence("WorkerDown", "expired")


async def diagnosed_and_restarted(story: Story, down: Cards) -> None:
    """The pack answers in the thread; the order is given in the topic, where both talk."""
    chats = story.chats
    thread = chats.discord.world.channels[down.discord.id]
    await chats.discord.press(chats.olga, down.discord, "Diagnose")
    await chats.on_discord("diagnose ", where=thread)
    await chats.discord.say(chats.olga, thread, "It does not answer at all.")
    chats.room.text(chats.alice, "I restart it.", thread=down.topic)
    restarted = await chats.confirmed("/restart worker drain=no", "Restarts 1 instance", thread=down.topic)
    assert restarted.raw["message_thread_id"] == down.topic
    await chats.says(restarted, "restarted and ready")


async def all_read(some: list[UUID]) -> None:
    for one in some:
        async with asyncio.timeout(PATIENCE_S):
            while (await conversions.conversion(one)).state is not State.DONE:
                await asyncio.sleep(0.2)


async def test_a_worker_hangs_people_are_called_mend_it_and_write_down_what_happened(story: Story) -> None:
    chats = story.chats
    worker = await hung(story)
    pictures = await sent(story)
    down, stalled = await cards_of(story, "WorkerDown"), await cards_of(story, "QueueStalled")
    called = await chats.on_telegram("P1", "WorkerDown", "you are called", room=chats.alone)

    await chats.discord.press(chats.olga, down.discord, "Acknowledge")
    await chats.says(down.telegram, "acknowledged by Olga")
    await chats.on_discord("WorkerDown", "acknowledged by Olga")
    await chats.says(called, "acknowledged by Olga")
    await chats.press(stalled.telegram, "Acknowledge")
    await chats.on_discord("QueueStalled", "acknowledged by Alice")

    await silenced_on_both(story, down, stalled)
    await diagnosed_and_restarted(story, down)
    await all_read(pictures)

    ended = await story.resolved("WorkerDown", "QueueStalled")
    assert [one.state for one in ended] == [IncidentState.RESOLVED] * 2, "each once, however often it was told"
    incident = next(one for one in ended if "WorkerDown" in one.title)
    assert incident.acknowledged_by == "Olga"
    for one in (down, stalled):
        await chats.says(one.telegram, "🟢", "No longer reported")
        await chats.until(lambda one=one: "No longer reported" in one.discord.content, lambda: "the card on Discord")
        await chats.until(lambda one=one: chats.room.topics[one.topic].is_closed, lambda: "the topic")
    _are_cards_once(chats)

    await chats.order(f"/incident postmortem {incident.name}", "lines of timeline")
    document = (await chats.file(f"post-mortem-{incident.name}.md")).decode()
    _is_complete(document, incident.name)
    assert (await chats.file(f"post-mortem-{incident.name}.png")).startswith(b"\x89PNG")
    with contextlib.suppress(psutil.Error):
        assert not worker.is_running()


def _are_cards_once(chats: Chats) -> None:
    for alert in ("WorkerDown", "QueueStalled"):
        assert len([one for one in chats.room.from_bot if f" · {alert} (" in one.text.partition("\n")[0]]) == 1
        shown = [one.content.replace("\\", "").partition("\n")[0] for one in chats.discord.visible(chats.channel)]
        assert len([one for one in shown if f" · {alert} (" in one]) == 1


def _is_complete(document: str, incident: str) -> None:
    """Every section, what was done with its audit id, what was said, dates, plots."""
    assert [one for one in SECTIONS if f"\n## {one}\n" not in document] == [], document
    lines = document.replace("\\", "").splitlines()

    def told(pattern: str) -> bool:
        return any(re.search(pattern, one) for one in lines)

    request = r"\[request [0-9a-f]{8}\]"
    wanted = {
        "acknowledged": rf"\| {DATE} \| Olga \| acknowledged.*{request}",
        "silenced": rf"\| {DATE} \| Olga \| silenced: A\d+ until .*{request}",
        "unsilenced": rf"\| {DATE} \| Olga \| unsilenced.*{request}",
        "diagnosed": rf"\| {DATE} \| Olga \| action: diagnose \w+: (done|failed)\..*{request}",
        "said on Discord": rf"\| {DATE} \| Olga \| message: It does not answer at all\.",
        "said on Telegram": rf"\| {DATE} \| Alice \| message: I restart it\.",
        "restarted": rf"\| {DATE} \| Alice \| action: restart worker drain=no: done\..*{request}",
        "resolved": rf"\| {DATE} \| Alertmanager \| resolved",
        "alert": rf"\| WorkerDown \| P1 \| {DATE} \| {DATE} \|",
        "called": r"Alice on Telegram: delivered",
        "action": rf"\| {DATE} \| Alice \| restart worker.* \| done \| \d+ \| [0-9a-f]{{8}} \|",
        "target": rf"\| Acknowledged \| 15 min \| .* \| {DATE} \| yes \|",
        "plot": rf"!\[post-mortem-{incident}\.png\]\(post-mortem-{incident}\.png\)",
        "figures": r"\| Figure \| Worst \| Typical \| Alert \|",
        "checklist": r"^- \[[x ]\] ",
    }
    assert {name: pattern for name, pattern in wanted.items() if not told(pattern)} == {}, document
