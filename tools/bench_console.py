"""Speed of the console with many conversions in the database: ``python -m tools.bench_console [--json] [--all]``.

Each action of the product is ordered as in a chat, on SQLite and the embedded Redis-protocol server. Measured: the time
from the command to its plan, or to where its answer is on its way, and for what only reads the time to its answer.
"""

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from rich.console import Console as Screen

from bot.operations import open_console
from bot.services import Services, open_services
from chatops.console import Console
from chatops.model import Actor, Order, Place, Risk
from chatops.registry import Action
from config.settings import Settings
from storage import requests, schema
from storage.database import default_url
from storage.embedded import EmbeddedRedis
from storage.models import Conversion, ConversionEvent, Person
from storage.records import NewMessage, State
from storage.requests import SUBJECT, Stage
from tests.chatops.everything import sample
from tools.bench import Figure, _table

CONVERSIONS, PEOPLE, ROUNDS = 10_000, 500, 5
GOAL_MS = 200.0
_LONGEST_S = 3.0
_TICK_S = 0.002
_POLICY = """
people:
  - {name: Alice, role: admin, accounts: {discord: "1"}}
  - {name: Bob, role: admin, accounts: {discord: "2"}}
places:
  - {platform: discord, chat: "7"}
"""
_ALICE, _OPS = Actor("discord", "1", "alice"), Place("discord", "7")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--all", action="store_true", help="tell the time of each action too")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures, slowest = asyncio.run(measure())
    if options.json:
        rows = [asdict(figure) | {"reached": figure.is_reached} for figure in figures]
        print(json.dumps({"load_before": load, "figures": rows, "actions": slowest}, indent=1))
        return 0
    Screen().print(_table(figures))
    shown = slowest if options.all else dict(list(slowest.items())[:8])
    print("slowest to answer: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in shown.items()))
    print(f"load of {os.cpu_count()} cores: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0


async def measure() -> tuple[list[Figure], dict[str, float]]:
    """Percentiles over all actions, each some times; and the median of each action that reads, the slowest first."""
    async with _console() as console:
        plans: list[float] = []
        holds: dict[str, float] = {}
        answers: dict[str, list[float]] = {}
        for number in range(ROUNDS + 1):
            for action in console.registry:
                if action.missing(console.parts):
                    continue
                async with _watching(action.name, holds if number else {}):
                    planned, answered = await _once(console, action)
                if not number:  # the first round loads what is loaded when it is needed
                    continue
                if planned is not None:
                    plans.append(planned)
                if answered is not None and action.risk is Risk.READ:
                    answers.setdefault(action.name, []).append(answered)
        reads = [one for times in answers.values() for one in times]
        slowest = dict(sorted(((n, sorted(t)[len(t) // 2]) for n, t in answers.items()), key=lambda one: -one[1]))
        name = f"with {CONVERSIONS:,} conversions"
        figures = [
            Figure(f"command to plan, p95, {name}", _p95(plans), GOAL_MS, "ms"),
            Figure(f"command to answer of what reads, p95, {name}", _p95(reads), GOAL_MS, "ms"),
            Figure("longest that an action held all else up, p95 of actions", _p95([*holds.values()]), unit="ms"),
            Figure("actions that read and were answered", float(len(answers))),
        ]
        return figures, slowest


@asynccontextmanager
async def _watching(name: str, holds: dict[str, float]) -> AsyncIterator[None]:
    """How much later than wished for something else got its turn, at most, in milliseconds."""

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            late = (time.perf_counter() - before - _TICK_S) * 1000
            holds[name] = max(holds.get(name, 0.0), late)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _once(console: Console, action: Action) -> tuple[float | None, float | None]:
    """Milliseconds to the plan and to the answer; None where it is refused, or goes on longer than is waited."""
    given = {one.option: await sample(one, console.parts, "bench") for one in action.parameters if one.is_required}
    origin = f"bench:{uuid4()}"
    message = NewMessage(_OPS.platform, _OPS.chat, SUBJECT, "", origin=origin)
    start = time.perf_counter()
    outcome = await console.take(Order(_ALICE, _OPS, action.name, given, origin, message))
    planned = (time.perf_counter() - start) * 1000
    if outcome.request is None:
        return None, None
    identity = outcome.request.id
    if outcome.request.state is Stage.PLANNED:
        await console.cancel(identity, _ALICE, _OPS)
        return planned, None
    waiting = asyncio.create_task(console.executor.wait(identity))
    await asyncio.wait({waiting}, timeout=_LONGEST_S)
    if not waiting.done():
        await console.executor.close(within_s=0)
        return planned, None
    ended = (await requests.request(identity)).state
    return planned, (time.perf_counter() - start) * 1000 if ended is Stage.DONE else None


@asynccontextmanager
async def _console() -> AsyncIterator[Console]:
    with tempfile.TemporaryDirectory(prefix="s2d-bench-") as name:
        folder = Path(name)
        (folder / "ops.yaml").write_text(_POLICY, encoding="utf-8")
        await schema.upgrade(default_url(folder))
        server = EmbeddedRedis(folder)
        await server.prepare()
        with subprocess.Popen(server.command(), stdout=subprocess.DEVNULL) as process:
            try:
                while not await server.is_up():
                    await asyncio.sleep(0.02)
                settings = Settings(_env_file=None, data_dir=folder, ops_file=folder / "ops.yaml")
                async with open_services(settings) as services:
                    await _fill(services)
                    console = open_console(services)
                    yield console
                    await console.executor.close(within_s=1)
            finally:
                process.kill()


async def _fill(services: Services) -> None:
    """Conversions of a month, some of them failed, with their events."""
    now = datetime.now(UTC)
    people = [Person(id=uuid4(), created_at=now, seen_at=now) for _ in range(PEOPLE)]
    await Person.bulk_create(people, batch_size=200)
    rows, events = [], []
    for number in range(CONVERSIONS):
        at = now - timedelta(minutes=4 * number)
        state = State.FAILED if number % 50 == 0 else State.DONE
        rows.append(
            Conversion(
                id=uuid4(),
                person_id=people[number % PEOPLE].id,
                state=state,
                correlation="-",
                picture_hash=f"{number:064x}",
                picture_name="deck.png",
                accepted_at=at,
                queued_at=at,
                started_at=at + timedelta(seconds=1),
                ended_at=at + timedelta(seconds=4),
                code="ReadingCrashed" if state is State.FAILED else None,
                timings={"reading": 2.5, "matching": 0.2},
                attempts=1,
                post=uuid4(),
            )
        )
        for step, event in enumerate((State.QUEUED, State.RUNNING, state)):
            events.append(ConversionEvent(conversion_id=rows[-1].id, state=event, at=at + timedelta(seconds=step)))
    await Conversion.bulk_create(rows, batch_size=500)
    await ConversionEvent.bulk_create(events, batch_size=500)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


if __name__ == "__main__":
    raise SystemExit(main())
