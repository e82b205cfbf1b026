"""One trace from message to reply, whatever process does the work, and none where that is not configured."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.delivery import Delivery
from bot.intake import Intake, Submission, Wanted
from config.exporting_traces import Exporting, ids
from config.settings import Settings
from config.tracing import open_tracing
from ocr_worker.jobs import JobLimits, PictureJobs
from storage.blobs import FileBlobs
from storage.queue import Queue
from tests.fakes.chat_platform import FakePlatform
from tests.fakes.reader import FakeReader
from tests.making import WORKER, message_of, somebody
from tests.processes import eventually
from tests.shared import ROOT

pytestmark = pytest.mark.usefixtures("database")


def now() -> datetime:
    return datetime.now(UTC)


class Scene:
    """A bot and a worker that only share database, queue and pictures; each traces by itself, to one collector."""

    def __init__(self, queue: Queue, settings: Settings, folder: Path) -> None:
        self.collector = InMemorySpanExporter()
        self.platform = FakePlatform()
        blobs = FileBlobs(folder)
        self.intake = Intake(queue, blobs, settings, now, tracing=self.tracing("bot"))
        self.jobs = PictureJobs(
            WORKER, queue, blobs, FakeReader(), "stub-1", JobLimits(attempts=1), now, self.tracing("worker")
        )
        self.delivery = Delivery({"fake": self.platform}, queue, now, tracing=self.tracing("bot"))

    def tracing(self, service: str) -> Exporting:
        return Exporting(SimpleSpanProcessor(self.collector), service)

    async def deliver(self, subject: UUID) -> None:
        delivering = asyncio.create_task(self.delivery.run())
        assert await eventually(lambda: self.platform.shown.get(str(subject)) == "final")
        delivering.cancel()
        await asyncio.wait({delivering})
        await self.delivery.finish(1)

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {one.name: one for one in self.collector.get_finished_spans()}


@pytest.fixture
async def scene(queue: Queue, settings: Settings, tmp_path: Path) -> Scene:
    return Scene(queue, settings, tmp_path / "pictures")


async def test_a_picture_is_one_trace_through_all_processes(scene: Scene) -> None:
    sent = Submission(await somebody(), b"picture", "my secret name.png", community="guild")
    accepted = await scene.intake.submit(sent, message_of)
    await scene.jobs.run(accepted.id)
    await scene.deliver(accepted.id)

    spans = scene.spans
    assert set(spans) == {"intake", "wait", "job", "reading", "deliver"}
    assert {f"{one.context.trace_id:032x}" for one in spans.values()} == {sent.correlation}
    root, job = spans["intake"], spans["job"]
    assert root.parent is None
    parents = {name: one.parent.span_id for name, one in spans.items() if one.parent is not None}
    assert parents["wait"] == parents["job"] == parents["deliver"] == root.context.span_id
    assert parents["reading"] == job.context.span_id
    assert spans["reading"].end_time - spans["reading"].start_time == 500_000_000  # type: ignore[operator]
    assert {one.resource.attributes["service.name"] for one in (root, spans["deliver"])} == {"screen2deck-bot"}
    assert job.resource.attributes["service.name"] == "screen2deck-worker"
    assert dict(job.attributes or {}) == {"worker": WORKER, "attempt": 1, "pipeline": "stub-1", "again": False}
    assert dict(spans["deliver"].attributes or {}) == {"platform": "fake", "final": True}
    assert "secret" not in "".join(one.to_json() for one in spans.values())


async def test_a_picture_that_is_fetched_later_belongs_to_it_too(scene: Scene) -> None:
    post = uuid4()
    [promised] = await scene.intake.promise(
        await somebody(), [Wanted("deck.png", {"url": "x"})], community="", post=post, message=message_of(post)
    )
    await scene.intake.take_picture(promised, b"picture")
    await scene.jobs.run(promised.id)
    await scene.deliver(post)
    assert set(scene.spans) == {"intake", "fetch", "wait", "job", "reading", "deliver"}
    assert {one.context.trace_id for one in scene.spans.values()} == {post.int}


async def test_what_fails_is_told_by_its_kind_alone(scene: Scene) -> None:
    sent = Submission(await somebody(), b"picture")
    scene.jobs.reader.read = None  # type: ignore[assignment, method-assign]
    accepted = await scene.intake.submit(sent)
    await scene.jobs.run(accepted.id)
    status = scene.spans["job"].status
    assert (status.is_ok, status.description) == (False, "TypeError")
    assert not scene.spans["job"].events


def test_a_correlation_id_of_our_own_is_the_id_of_the_trace() -> None:
    own, given = uuid4().hex, "build-1234"
    assert f"{ids(own)[0]:032x}" == own
    assert ids(given) == ids(given) != ids("build-1235")
    assert ids("0" * 32)[0] != 0  # no id of a trace


async def test_what_is_sampled_is_whole(
    queue: Queue, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    scene = Scene(queue, settings, tmp_path / "pictures")
    low, high = f"{0:016x}{1:016x}", f"{0:016x}{2**64 - 1:016x}"
    for number, correlation in enumerate((low, high)):
        person = await somebody(str(number))
        accepted = await scene.intake.submit(Submission(person, b"picture %d" % number, correlation=correlation))
        await scene.jobs.run(accepted.id)
    assert {f"{one.context.trace_id:032x}" for one in scene.collector.get_finished_spans()} == {low}
    assert len(scene.collector.get_finished_spans()) == 4


async def test_a_collector_gets_them_over_http(settings: Settings) -> None:
    got: list[ExportTraceServiceRequest] = []

    async def take(request: web.Request) -> web.Response:
        data = await request.read()
        got.append(ExportTraceServiceRequest.FromString(data))
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    configured = settings.model_copy(update={"otel_exporter_otlp_endpoint": address})
    async with open_tracing(configured, "bot") as tracing:
        with tracing.root("a" * 32, "intake"):
            pass
    await runner.cleanup()
    [span] = got[0].resource_spans[0].scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("intake", "a" * 32)


async def test_a_collector_that_is_away_holds_nothing_up(settings: Settings) -> None:
    configured = settings.model_copy(update={"otel_exporter_otlp_endpoint": "http://127.0.0.1:9"})
    async with asyncio.timeout(30), open_tracing(configured, "bot") as tracing:
        with tracing.root("a" * 32, "intake"):
            pass


async def test_without_the_setting_nothing_is_traced_and_nothing_is_loaded(settings: Settings, queue: Queue) -> None:
    async with open_tracing(settings, "bot") as tracing:
        assert not tracing.is_on
    code = "import sys, bot.app, ocr_worker.worker; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert said.stdout.strip() == "[]"
