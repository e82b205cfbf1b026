"""Traces of pictures from message to reply, across processes; nothing happens where they are not configured.

A picture's correlation id, which is stored with its conversion, is also the id of its trace. So nothing is added to
the queue, and whoever finds a line of the log finds the trace.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from config.settings import Settings, SettingsError

Value = str | int | float | bool


@dataclass(slots=True)
class Note:
    """What a span is to say besides its name and time: numbers and kinds, nothing of persons and no secret."""

    values: dict[str, Value] = field(default_factory=dict)


class Tracing:
    """Traces nothing; what does is in ``config.exporting_traces``."""

    is_on = False

    @contextmanager
    def root(self, correlation: str, name: str) -> Iterator[Note]:
        """The first span of a trace, while the context lasts."""
        yield Note()

    @contextmanager
    def span(self, correlation: str, name: str) -> Iterator[Note]:
        """A span below the first, in whatever process."""
        yield Note()

    def past(self, correlation: str, name: str, begin: datetime, end: datetime) -> None:
        """A span of what is over, below the one that lasts or else the first."""


UNTRACED = Tracing()


@asynccontextmanager
async def open_tracing(settings: Settings, service: str) -> AsyncIterator[Tracing]:
    """Traces of a process, sent in the background while the context lasts; raises SettingsError."""
    if settings.otel_exporter_otlp_endpoint is None:
        yield UNTRACED
        return
    try:
        from config.exporting_traces import exporting
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: install screen2deck[tracing]."
        ) from error
    tracing = exporting(settings.otel_exporter_otlp_endpoint, service)
    try:
        yield tracing
    finally:
        await asyncio.to_thread(tracing.close)
