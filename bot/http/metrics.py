"""Figures for Prometheus: what this process counts, and what database and workers tell when asked."""

import hmac
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.http.problems import Problem
from bot.services import Services
from storage import conversions, outbox
from storage.dead_letters import dead_letter_count
from storage.errors import StorageError


@dataclass(frozen=True, slots=True)
class MetricsRoutes:
    """``registry`` holds what this process counts."""

    services: Services
    registry: CollectorRegistry

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
        text = generate_latest(self.registry) + generate_latest(present)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _check(self, request: web.Request) -> None:
        token = self.services.settings.metrics_token
        wanted = f"Bearer {token.get_secret_value()}" if token else ""
        given = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(given.encode(), wanted.encode()):
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


async def _measured(up: Gauge, part: str, measuring: "object") -> None:
    try:
        await measuring  # type: ignore[misc]
    except StorageError:
        up.labels(part).set(0)
    else:
        up.labels(part).set(1)
