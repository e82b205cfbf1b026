"""The language between worker and child, byte for byte."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.child.errors import ReaderUnavailable
from ocr_worker.child.messages import LENGTHS, Channel, Message, MessageKind, ProtocolError, lengths, packed, unpacked
from ocr_worker.child.process import Loaded, StageWatch, serve
from ocr_worker.child.replies import facts_of, reading_of
from ocr_worker.decks import Deck
from ocr_worker.errors import CatalogueError
from ocr_worker.stages import Stage, StageListener


def frame(message: Message) -> bytes:
    return packed(message) + message.payload


def messages(raw: bytes) -> list[Message]:
    """All messages of a stream that ends."""
    channel = Channel(BytesIO(raw), BytesIO())
    found = []
    while (message := channel.receive()) is not None:
        found.append(message)
    return found


@given(st.dictionaries(st.text(max_size=9), st.text() | st.integers() | st.none(), max_size=4), st.binary())
def test_a_message_comes_out_as_it_went_in(fields: dict[str, object], payload: bytes) -> None:
    fields.pop("kind", None)
    message = Message(MessageKind.RESULT, fields, payload)

    assert messages(frame(message) * 2) == [message, message]


def test_a_stream_that_ends_within_a_message_is_at_its_end() -> None:
    whole = frame(Message(MessageKind.READ, payload=b"picture"))

    for length in range(len(whole)):
        assert messages(whole[:length]) == []


@pytest.mark.parametrize("header", [b"", b"[]", b"{}", b'{"kind": "song"}', b'{"kind": []}', b"\xff", b"[" * 100_000])
def test_what_is_no_header_is_told(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpacked(header)


@pytest.mark.parametrize("raw", [b"garbage!", b"\0" * LENGTHS.size])
def test_lengths_that_cannot_be_are_told(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        lengths(raw)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (MessageKind.RESULT, {"deck": [], "timings": {}}),
        (MessageKind.RESULT, {"deck": {}}),
        (MessageKind.REFUSAL, {"code": "other", "sentence": "No."}),
        (MessageKind.FAILURE, {"sentence": "No."}),
        (MessageKind.READY, {}),
    ],
)
def test_replies_that_lack_something_are_told(kind: MessageKind, fields: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        reading_of(Message(kind, fields))


def test_a_child_that_is_ready_must_say_what_it_is() -> None:
    with pytest.raises(ProtocolError):
        facts_of(Message(MessageKind.STAGE, {"name": "decoding"}))
    with pytest.raises(ProtocolError):
        facts_of(Message(MessageKind.READY, {"engine": "a", "pipeline_version": "b", "catalogue_date": "today"}))
    with pytest.raises(ReaderUnavailable, match="Not installed"):
        facts_of(Message(MessageKind.UNAVAILABLE, {"sentence": "Not installed."}))


class Blank:
    """A reader that finds an empty deck."""

    def read(self, data: bytes, on_stage: StageListener) -> Deck:
        on_stage(Stage.DECODING)
        return Deck({})


def served(requests: bytes) -> list[Message]:
    """What the serving loop answers to these requests."""
    answers = BytesIO()
    serve(Channel(BytesIO(requests), answers), lambda: Loaded(Blank(), "blank", "1", date(2026, 1, 2)))
    return messages(answers.getvalue())


def test_serving_ends_with_stop_and_with_the_stream() -> None:
    read, stop = frame(Message(MessageKind.READ, payload=b"x")), frame(Message(MessageKind.STOP))

    assert [each.kind.value for each in served(read + stop + read)] == ["ready", "stage", "result"]
    assert [each.kind.value for each in served(read)] == ["ready", "stage", "result"]


def test_a_missing_catalogue_is_said_instead_of_ready() -> None:
    def load() -> Loaded:
        raise CatalogueError("No usable card catalogue.")

    answers = BytesIO()
    serve(Channel(BytesIO(), answers), load)

    assert messages(answers.getvalue()) == [Message(MessageKind.UNAVAILABLE, {"sentence": "No usable card catalogue."})]


def test_stages_are_timed_from_one_to_the_next() -> None:
    times = iter([10.0, 10.5, 12.5, 12.75])
    told: list[Stage] = []
    watch = StageWatch(told.append, lambda: next(times))
    for stage in Stage:
        watch.enter(stage)

    assert watch.finish() == {"decoding": 0.5, "reading": 2.0, "matching": 0.25}
    assert told == list(Stage)
