"""Figures for Prometheus: what this process counts, and what database and workers tell when asked."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.http.accuracy_metrics import add_accuracy
from bot.http.ops_metrics import add_operations
from bot.http.problems import Problem
from bot.http.untrusted import is_same
from bot.services import Services
from chatops.figures.levels import Levels
from chatops.observing.meters import Meters
from chatops.observing.readiness import Check, checked
from chatops.parts import Parts
from storage import conversions, outbox
from storage.dead_letters import dead_letter_count
from storage.errors import StorageError
from storage.queue import WorkerRecord
from storage.spans import Spans

Look = Callable[[], Awaitable[Levels]]
"""Measures what processor, memory, disks and pictures are like now."""

_METHODS = frozenset(hdrs.METH_ALL)
_UNKNOWN = "unknown"


def counting(meters: Meters) -> Middleware:
    """A middleware that counts answers by method, route and status, and how long they take.

    It stands around all others, so that it sees what they make of errors. What stays open, as a socket or a stream of
    events, is counted without its time.
    """

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status, stays_open = time.monotonic(), 500, False
        with meters.http_open.track_inprogress():
            try:
                response = await handler(request)
                status, stays_open = response.status, _stays_open(response)
                return response
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                seconds = None if stays_open else time.monotonic() - began
                method = request.method if request.method in _METHODS else _UNKNOWN
                meters.answered(method, _route(request), status, seconds)

    return count


def _route(request: web.Request) -> str:
    """The pattern that a path matched: paths themselves are without number."""
    resource = request.match_info.route.resource
    return _UNKNOWN if resource is None else resource.canonical


def _stays_open(response: web.StreamResponse) -> bool:
    return isinstance(response, web.WebSocketResponse) or response.content_type == "text/event-stream"


@dataclass(frozen=True, slots=True)
class MetricsRoutes:
    """``registry`` holds what this process counts, ``look`` measures what else is to be told, ``checks`` ask parts.

    ``operations`` are what figures of operations come from.
    """

    services: Services
    registry: CollectorRegistry
    look: Look | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    operations: Parts | None = None

    def add_to(self, app: web.Application) -> None:
        """Register the route."""
        app.router.add_get("/metrics", self.metrics)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format."""
        self._check(request)
        present = CollectorRegistry()
        up = Gauge("screen2deck_part_up", "Whether a part answers.", ["part"], registry=present)
        await _measured(up, "database", self._from_database(present))
        await _measured(up, "redis", self._from_queue(present))
        beside = {name: check for name, check in self.checks.items() if name not in ("database", "redis")}
        for part in await asyncio.gather(*(checked(name, check) for name, check in beside.items())):
            up.labels(part.name).set(bool(part.is_ok))
        if self.look is not None:
            _add_levels(present, await self.look())
        if self.operations is not None:
            await add_operations(present, self.operations)
        text = generate_latest(self.registry) + generate_latest(present)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _check(self, request: web.Request) -> None:
        token = self.services.settings.metrics_token
        wanted = f"Bearer {token.get_secret_value()}" if token else ""
        given = request.headers.get("Authorization", "")
        if token and not is_same(given, wanted):
            raise Problem(401, "unauthorized", "This needs the metrics token.", {"WWW-Authenticate": "Bearer"})

    async def _from_database(self, registry: CollectorRegistry) -> None:
        states = Gauge("screen2deck_conversions_open", "Conversions that have not ended.", ["state"], registry=registry)
        for state, count in (await conversions.counts()).items():
            states.labels(state).set(count)
        oldest = await conversions.oldest_waiting()
        waiting = 0.0 if oldest is None else (self.services.clock() - oldest).total_seconds()
        for name, text, value in (
            ("screen2deck_queue_oldest_seconds", "Age of the conversion that waits longest.", waiting),
            ("screen2deck_outbox_pending", "Messages that are not delivered.", await outbox.pending_count()),
            ("screen2deck_dead_letters", "Conversions that were given up.", await dead_letter_count()),
        ):
            Gauge(name, text, registry=registry).set(value)
        await add_accuracy(registry)

    async def _from_queue(self, registry: CollectorRegistry) -> None:
        Gauge("screen2deck_queue_jobs", "Jobs that wait or run.", registry=registry).set(
            await self.services.queue.depth()
        )
        labels = ["worker", "engine"]
        done = Gauge("screen2deck_worker_done", "Pictures that a worker ended.", labels, registry=registry)
        failed = Gauge("screen2deck_worker_failed", "Pictures that a worker gave up.", labels, registry=registry)
        memory = Gauge("screen2deck_worker_memory_bytes", "Worker and its reader.", labels, registry=registry)
        busy = Gauge("screen2deck_worker_busy", "Whether a worker reads.", labels, registry=registry)
        workers = await self.services.queue.workers()
        Gauge("screen2deck_workers", "Workers that live.", registry=registry).set(len(workers))
        for worker in workers:
            done.labels(worker.name, worker.engine).set(worker.done)
            failed.labels(worker.name, worker.engine).set(worker.failed)
            memory.labels(worker.name, worker.engine).set(worker.memory)
            busy.labels(worker.name, worker.engine).set(worker.conversion is not None)
        registry.register(_Stages(workers))


@dataclass(slots=True, eq=False)
class _Stages(Collector):
    """How long workers took for each stage of reading, since each began."""

    workers: Iterable[WorkerRecord]

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily("screen2deck_stage_seconds", "Time of a stage.", labels=["worker", "stage"])
        for worker in self.workers:
            for stage, stored in worker.stages.items():
                spans = Spans.from_json(stored)
                family.add_metric([worker.name, stage], spans.cumulative(), spans.total)
        yield family


def _add_levels(registry: CollectorRegistry, levels: Levels) -> None:
    for figure, name, text in (
        ("cpu", "screen2deck_cpu_share", "Share of its cores that the machine, or container, uses."),
        ("memory", "screen2deck_memory_share", "Share of its memory that the machine, or container, uses."),
        ("disk", "screen2deck_disk_share", "Share in use of the fullest disk that the product writes to."),
        (
            "cache_hit_rate",
            "screen2deck_cache_hit_rate",
            "Of pictures seen before, those of 15 min that it answered.",
        ),
        ("reading_p95", "screen2deck_reading_p95_seconds", "From picture to answer, 95 % of those of 15 min."),
        ("failure_rate", "screen2deck_failure_rate", "Share of pictures of 15 min that we failed to read."),
        ("throughput", "screen2deck_throughput", "Pictures ended in a minute, over 15 min."),
    ):
        if figure in levels.values:
            Gauge(name, text, registry=registry).set(levels.values[figure])
    known = Gauge("screen2deck_cache_lookups", "Pictures of 15 min that the cache should know.", registry=registry)
    known.set(levels.cases.get("cache_hit_rate", 0))
    kills = Gauge("screen2deck_oom_kills", "Processes killed for want of memory.", ["counted_by"], registry=registry)
    for name, count in levels.values.items():
        if name.startswith("oom_kills:"):
            kills.labels(name.partition(":")[2]).set(count)


async def _measured(up: Gauge, part: str, measuring: Awaitable[None]) -> None:
    try:
        await measuring
    except StorageError:
        up.labels(part).set(0)
    else:
        up.labels(part).set(1)
