"""The language between a worker and its child: messages over two pipes, each with its lengths before it.

A frame is the length of its header and that of its payload (4 bytes each, big-endian), the header (JSON: ``kind``
and the fields of that kind), the payload (bytes).

To the child
    read            payload: the picture file
    stop
From the child
    ready           engine, pipeline_version, catalogue_date (ISO)
    unavailable     sentence; instead of ready, and the last
    stage           name
    result          deck (as of decks/serialising), timings (seconds by stage)
    refusal         code, sentence
    failure         sentence, fault (name of the exception; ``MemoryError`` whenever memory was refused)
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")
MAX_HEADER = 16 * 1024 * 1024
"""Bytes; the largest deck takes a hundredth of it. More comes from something that speaks another language."""


class ProtocolError(Exception):
    """What came is no message."""


class MessageKind(StrEnum):
    """What a message is."""

    READ = "read"
    STOP = "stop"
    READY = "ready"
    UNAVAILABLE = "unavailable"
    STAGE = "stage"
    RESULT = "result"
    REFUSAL = "refusal"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Message:
    """One message; which ``fields`` it has is decided by its kind."""

    kind: MessageKind
    fields: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def text(self, name: str) -> str:
        """A field that must be text; ProtocolError where it is not."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise ProtocolError(f"{self.kind} without {name}")
        return value

    def table(self, name: str) -> dict[str, Any]:
        """A field that must be an object; ProtocolError where it is not."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise ProtocolError(f"{self.kind} without {name}")
        return value


def packed(message: Message) -> bytes:
    """The frame of a message up to its payload, which follows as it is."""
    header = json.dumps({**message.fields, "kind": message.kind}).encode()
    return LENGTHS.pack(len(header), len(message.payload)) + header


def lengths(raw: bytes) -> tuple[int, int]:
    """Bytes of the header and of the payload that follow; ProtocolError for a header that cannot be."""
    header, payload = LENGTHS.unpack(raw)
    if not 0 < header <= MAX_HEADER:
        raise ProtocolError(f"a header of {header} bytes")
    return header, payload


def unpacked(header: bytes, payload: bytes = b"") -> Message:
    """The message of a frame; raises ProtocolError."""
    try:
        fields = json.loads(header)
        kind = MessageKind(fields.pop("kind"))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolError("a header that is none") from error
    return Message(kind, fields, payload)


class Channel:
    """The child's end of both pipes; every call waits until it is done."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def receive(self) -> Message | None:
        """The next message, None when the other end is gone, be it in the middle of one; raises ProtocolError."""
        raw = self._incoming.read(LENGTHS.size)
        if len(raw) < LENGTHS.size:
            return None
        header_length, payload_length = lengths(raw)
        header, payload = self._incoming.read(header_length), self._incoming.read(payload_length)
        if len(header) < header_length or len(payload) < payload_length:
            return None
        return unpacked(header, payload)

    def send(self, message: Message) -> None:
        """Send a message; BrokenPipeError when the other end is gone."""
        self._outgoing.write(packed(message))
        self._outgoing.write(message.payload)
        self._outgoing.flush()
