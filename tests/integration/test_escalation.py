"""Escalation and deadlines with real bot processes that are killed and started again, two at a time."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.clock import utcnow
from config.ops_oncall import Severity
from storage import deadlines, incidents, outbox, pages, schema
from storage.budget import SUMMARY
from storage.database import default_url, open_database
from storage.deadlines import Kind
from storage.embedded import EmbeddedRedis
from storage.incidents import NewIncident
from tests.processes import ENVIRONMENT, PATIENCE_S
from tests.shared import ROOT

pytestmark = pytest.mark.slow

WITHIN = timedelta(seconds=5)
POLICY = """
people:
  - {name: Olga, role: operator, accounts: {discord: "1"}}
  - {name: Rita, role: responder, accounts: {discord: "2"}}
  - {name: Alice, role: admin, accounts: {discord: "3"}}
on_call:
  rotations: {primary: {members: [Olga]}, secondary: {members: [Rita]}}
  paging: {repeat: 15s, secondary_after: 40s, admins_after: 70s}
  severities:
    P0: {means: a, response: 60s, acknowledge: 50s, pages: true}
    P1: {means: b, response: 60s, acknowledge: 50s, pages: true}
    P2: {means: c, response: 2h}
    P3: {means: d, response: 24h}
"""


@contextmanager
def bots(folder: Path, redis: EmbeddedRedis, log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two bot processes; killed in the middle of whatever they do. Discord is not there, which changes no deadline."""
    settings = {
        "DATA_DIR": str(folder),
        "REDIS_URL": redis.url,
        "OPS_FILE": str(folder / "ops.yaml"),
        "HTTP_PORT": "0",
        "DISCORD_TOKEN": "a.b.c",
        "DISCORD_API_URL": "http://127.0.0.1:9",
        "OPS_DISCORD_CHANNEL": "7",
    }
    command = [sys.executable, "-m", "bot.cli", "bot"]
    with ExitStack() as stack:
        file = stack.enter_context(log.open("ab"))
        environment = {**ENVIRONMENT, **settings}
        started = [
            stack.enter_context(subprocess.Popen(command, env=environment, cwd=ROOT, stdout=file, stderr=file))
            for _ in range(2)
        ]
        try:
            yield started
        finally:
            for one in started:
                one.kill()


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder with its database open here."""
    (tmp_path / "ops.yaml").write_text(POLICY)
    await schema.upgrade(default_url(tmp_path))
    async with open_database(default_url(tmp_path)):
        yield tmp_path


async def ready(log: Path, count: int) -> None:
    """Until so many processes have said that they are."""
    end = time.monotonic() + PATIENCE_S
    while log.read_text(errors="replace").count("ready at") < count:
        assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
        await asyncio.sleep(0.1)


async def until(at: datetime) -> None:
    await asyncio.sleep(max(0.0, (at - utcnow()).total_seconds()))


async def test_deadlines_hold_across_the_death_of_all_processes_and_each_is_told_once(
    folder: Path, redis_server: EmbeddedRedis
) -> None:
    log = folder / "bots.log"
    with bots(folder, redis_server, log):
        await ready(log, 2)
        opened = await incidents.open_incident(NewIncident("OCR is down", Severity.P1), by="Vera", now=utcnow())
        await until(opened.opened_at + timedelta(seconds=18))
    killed = utcnow() - WITHIN
    with bots(folder, redis_server, log):
        await ready(log, 4)
        again = utcnow()
        await until(opened.opened_at + timedelta(seconds=56))

    def may(due_at: datetime) -> timedelta:
        """How late something may be: what was due while no process lived, as soon as one does."""
        return WITHIN + (max(timedelta(), again - due_at) if due_at > killed else timedelta())

    [page] = await pages.pages_of(opened.id)
    attempts = await pages.attempts(page.id)
    rounds = {one.round: one.at for one in attempts}
    due = {n: page.opened_at + timedelta(seconds=at) for n, at in enumerate((0, 15, 30, 40, 45), 1)}
    assert set(rounds) == set(due)
    late = {n: rounds[n] - due[n] for n in due}
    assert {n: span for n, span in late.items() if not timedelta() <= span <= may(due[n])} == {}
    assert page.opened_at - opened.opened_at <= WITHIN

    called = {(one.round, one.human) for one in attempts if one.human}
    assert called == {(1, "Olga"), (2, "Olga"), (3, "Olga"), (4, "Olga"), (4, "Rita"), (5, "Olga"), (5, "Rita")}
    assert len({(one.round, one.platform, one.chat) for one in attempts}) == len(attempts)

    told = [one for one in await deadlines.of([opened.id]) if one.told_at is not None]
    assert {(one.kind, one.percent) for one in told} == {
        (Kind.ACKNOWLEDGE, 50),
        (Kind.ACKNOWLEDGE, 80),
        (Kind.ACKNOWLEDGE, 100),
        (Kind.RESPONSE, 50),
        (Kind.RESPONSE, 80),
    }
    for one in told:
        assert one.told_at is not None
        assert timedelta() <= one.told_at - one.due_at <= may(one.due_at)
    notices = await outbox.due_messages(["discord"], now=datetime(2100, 1, 1, tzinfo=UTC), limit=500)
    # What the minute had no room for is a line of its summary.
    lines = [line for one in notices if one.subject == SUMMARY for line in (one.payload or {})["lines"]]
    said = [one.origin or "" for one in notices] + [line["origin"] for line in lines]
    origins = [one for one in said if one.startswith("deadline:")]
    assert len(origins) == len(set(origins)) == 5
    assert "fault in" not in log.read_text(errors="replace")
    print({n: f"{span.total_seconds():.2f} s late" for n, span in late.items()})  # noqa: T201
