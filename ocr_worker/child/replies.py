"""What a worker gets from its child: typed values of the messages, or the error that they stand for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ocr_worker.child.errors import PictureRefused, ReaderUnavailable, ReadingFaulted, ReadingOutOfMemory, RefusalCode
from ocr_worker.child.messages import Message, MessageKind, ProtocolError


@dataclass(frozen=True, slots=True)
class Reading:
    """The ``deck`` as of ``decks/serialising``, with engine and seconds, and ``timings``: seconds by stage."""

    deck: dict[str, Any]
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What reads: the engine's name, the version under which results are kept, the catalogue's date."""

    engine: str
    pipeline_version: str
    catalogue_date: date


def facts_of(message: Message) -> ReaderFacts:
    """What a new child says of itself; raises ReaderUnavailable, ProtocolError."""
    if message.kind is MessageKind.UNAVAILABLE:
        raise ReaderUnavailable(message.text("sentence"))
    if message.kind is not MessageKind.READY:
        raise ProtocolError(f"{message.kind} instead of ready")
    try:
        as_of = date.fromisoformat(message.text("catalogue_date"))
    except ValueError as error:
        raise ProtocolError("ready without a date") from error
    return ReaderFacts(message.text("engine"), message.text("pipeline_version"), as_of)


def reading_of(message: Message) -> Reading:
    """The reading that ends a request; raises PictureRefused, ReadingFaulted, ReadingOutOfMemory, ProtocolError."""
    if message.kind is MessageKind.REFUSAL:
        raise PictureRefused(_code(message), message.text("sentence"))
    if message.kind is MessageKind.FAILURE:
        if message.text("fault") == MemoryError.__name__:
            raise ReadingOutOfMemory
        raise ReadingFaulted(message.text("sentence"), message.text("fault"))
    if message.kind is not MessageKind.RESULT:
        raise ProtocolError(f"{message.kind} instead of a result")
    return Reading(message.table("deck"), message.table("timings"))


def _code(message: Message) -> RefusalCode:
    try:
        return RefusalCode(message.text("code"))
    except ValueError as error:
        raise ProtocolError("a refusal with an unknown code") from error
