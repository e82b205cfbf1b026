"""How one picture became its answer: each stage with its time, from message to message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import conversions, outbox
from storage.records import ConversionRecord, EventRecord, MessageRecord

_STAGES = ("decoding", "reading", "matching")
_NAMES = {"decoding": "preprocessed", "reading": "text read", "matching": "matched"}
_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Span:
    """One stage: seconds after the message came, and how long."""

    name: str
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Trace:
    """All stages that are over, in order; ``is_whole`` where the answer is delivered."""

    spans: Sequence[Span]
    is_whole: bool

    @property
    def total(self) -> float:
        """Seconds from the message to the end of the last stage."""
        return max((one.start + one.seconds for one in self.spans), default=0.0)

    def lines(self) -> list[str]:
        """A waterfall, in letters of one width."""
        total = self.total or 1.0
        return [_line(one, total) for one in self.spans]


def _line(one: Span, total: float) -> str:
    begin = min(_WIDTH - 1, int(_WIDTH * one.start / total))
    width = max(1, min(_WIDTH - begin, round(_WIDTH * one.seconds / total)))
    bar = f"{' ' * begin}{'█' * width}".ljust(_WIDTH)
    return f"{one.name:<12} {bar} {one.seconds * 1000:>8,.0f} ms"


async def trace(row: ConversionRecord) -> Trace:
    """Of what is known of a conversion now."""
    history = await conversions.events(row.id)
    messages = await outbox.messages_of(conversions.SUBJECT, str(row.post))
    spans = [*_before(row, history), *_during(row)]
    delivered = _delivered(row, messages)
    if delivered is not None and row.ended_at is not None:
        spans.append(_span("delivered", row, row.ended_at, delivered))
    return Trace(tuple(spans), is_whole=row.state.is_end and (delivered is not None or not messages))


def _before(row: ConversionRecord, history: Sequence[EventRecord]) -> list[Span]:
    """Until a worker takes it."""
    fetched = next((one.at for one in history if one.detail == "picture fetched"), None)
    spans = [] if fetched is None else [_span("downloaded", row, row.accepted_at, fetched)]
    goes_on = next((one.at for one in history if one.detail == "goes on"), None)
    if goes_on is not None:
        spans.append(_span("held", row, fetched or row.accepted_at, goes_on))
    if row.started_at is not None and row.queued_at is not None:
        spans.append(_span("waited", row, row.queued_at, row.started_at))
    return spans


def _during(row: ConversionRecord) -> list[Span]:
    """From the worker to the row of the result."""
    if row.ended_at is None:
        return []
    if row.started_at is None:
        return [_span("from cache", row, row.queued_at or row.accepted_at, row.ended_at)] if row.from_cache else []
    at, spans = (row.started_at - row.accepted_at).total_seconds(), []
    for stage in _STAGES:
        if stage in row.timings:
            spans.append(Span(_NAMES[stage], at, row.timings[stage]))
            at += row.timings[stage]
    end = (row.ended_at - row.accepted_at).total_seconds()
    return [*spans, Span("from cache" if row.from_cache else "stored", at, max(0.0, end - at))]


def _delivered(row: ConversionRecord, messages: Sequence[MessageRecord]) -> datetime | None:
    """When the last of its messages showed the end."""
    shown = [one.delivered_at for one in messages if one.is_final and one.wanted == one.delivered and one.delivered_at]
    return max(shown) if shown and row.state.is_end else None


def _span(name: str, row: ConversionRecord, begin: datetime, end: datetime) -> Span:
    start = (begin - row.accepted_at).total_seconds()
    return Span(name, max(0.0, start), max(0.0, (end - begin).total_seconds()))
