"""Traces by OpenTelemetry, to whatever understands OTLP over HTTP. Imported only where that is configured."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib.metadata import version

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, Status, StatusCode, TraceFlags

from config.tracing import Note, Tracing

_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_CLOSE_MS = 3000
_ids: ContextVar[tuple[int, int] | None] = ContextVar("trace_ids", default=None)
"""Of the first span that is about to begin: both follow from the correlation id."""


class _Ids(RandomIdGenerator):
    def generate_trace_id(self) -> int:
        given = _ids.get()
        return super().generate_trace_id() if given is None else given[0]

    def generate_span_id(self) -> int:
        given = _ids.get()
        return super().generate_span_id() if given is None else given[1]


class Exporting(Tracing):
    """Traces that leave through a processor of the SDK."""

    is_on = True

    def __init__(self, processor: SpanProcessor, service: str) -> None:
        resource = Resource.create(
            {"service.name": f"screen2deck-{service}", "service.version": version("screen2deck")}
        )
        self._provider = TracerProvider(resource=resource, id_generator=_Ids(), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("screen2deck")

    def close(self) -> None:
        """Send what waits, for some seconds at most."""
        self._provider.force_flush(_CLOSE_MS)
        self._provider.shutdown()

    @contextmanager
    def root(self, correlation: str, name: str) -> Iterator[Note]:
        """As declared. Programs that send the same correlation id twice get two first spans."""
        token = _ids.set(ids(correlation))
        try:
            span = self._tracer.start_span(name, context.Context())
        finally:
            _ids.reset(token)
        with self._lasting(span) as note:
            yield note

    @contextmanager
    def span(self, correlation: str, name: str) -> Iterator[Note]:
        """As declared."""
        with self._lasting(self._tracer.start_span(name, self._below(correlation))) as note:
            yield note

    def past(self, correlation: str, name: str, begin: datetime, end: datetime) -> None:
        """As declared."""
        span = self._tracer.start_span(name, self._below(correlation), start_time=_nanoseconds(begin))
        span.end(_nanoseconds(end))

    @contextmanager
    def _lasting(self, span: Span) -> Iterator[Note]:
        note = Note()
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield note
        except BaseException as error:
            # Its message may say what no trace is to hold.
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.set_attributes(note.values)
            span.end()

    def _below(self, correlation: str) -> context.Context:
        """Below the span of the same trace that lasts here, or else its first."""
        trace_id, span_id = ids(correlation)
        present = trace.get_current_span()
        if present.get_span_context().trace_id == trace_id:
            return trace.set_span_in_context(present)
        decision = self._provider.sampler.should_sample(None, trace_id, "").decision
        is_sampled = decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if is_sampled else TraceFlags.DEFAULT)
        return trace.set_span_in_context(
            NonRecordingSpan(SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags))
        )


def exporting(endpoint: str, service: str) -> Exporting:
    """Traces in batches to a collector; headers and sampling as the SDK's own variables say (OTEL_…)."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_CLOSE_MS / 1000)
    return Exporting(BatchSpanProcessor(exporter), service)


def ids(correlation: str) -> tuple[int, int]:
    """The ids of a trace and of its first span. A correlation id of our own is the trace's id as it is."""
    digest = hashlib.sha256(correlation.encode()).digest()
    is_own = _TRACE_ID.fullmatch(correlation) and int(correlation, 16)
    return int(correlation, 16) if is_own else int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:24], "big")


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000_000)
