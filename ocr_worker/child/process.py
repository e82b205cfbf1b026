"""What the child does: load a reader, say so, read one picture after the other until it is told to stop."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from ocr_worker.child.errors import RefusalCode
from ocr_worker.child.isolation import isolate
from ocr_worker.child.messages import Channel, Message, MessageKind
from ocr_worker.decks.deck import Deck
from ocr_worker.decks.serialising import deck_to_json
from ocr_worker.errors import CatalogueError, EngineUnavailable, NoDeckFound, PictureError
from ocr_worker.stages import Stage, StageListener

log = logging.getLogger(__name__)

#: Of onnxruntime, OpenVINO, OpenCV and PyTorch.
_MEMORY_SIGNS = ("bad_alloc", "Failed to allocate", "Insufficient memory", "can't allocate memory")


class PictureReader(Protocol):
    """Reads a picture file; what ``ocr_worker.pipeline.Reader`` does."""

    def read(self, data: bytes, on_stage: StageListener) -> Deck:
        """The deck; raises PictureError or NoDeckFound."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """A reader that is ready, and what it is."""

    reader: PictureReader
    engine: str
    pipeline_version: str
    catalogue_date: date


def run(load: Callable[[], Loaded]) -> None:
    """Be the child: cut this process off from all but its parent, and serve it until the end."""
    channel = isolate()
    with suppress(BrokenPipeError):
        serve(channel, load)


def serve(channel: Channel, load: Callable[[], Loaded]) -> None:
    """Load, say so, and answer until the channel's other end says stop or is gone; raises BrokenPipeError."""
    try:
        loaded = load()
    except (EngineUnavailable, CatalogueError) as error:
        channel.send(Message(MessageKind.UNAVAILABLE, {"sentence": str(error)}))
        return
    channel.send(_ready(loaded))
    while (request := channel.receive()) is not None and request.kind is MessageKind.READ:
        channel.send(_answer(loaded, request.payload, channel))


def _ready(loaded: Loaded) -> Message:
    facts = {
        "engine": loaded.engine,
        "pipeline_version": loaded.pipeline_version,
        "catalogue_date": loaded.catalogue_date.isoformat(),
    }
    return Message(MessageKind.READY, facts)


def _answer(loaded: Loaded, picture: bytes, channel: Channel) -> Message:
    """What became of a picture; its stages are told on the way."""
    watch = StageWatch(lambda stage: channel.send(Message(MessageKind.STAGE, {"name": stage.value})))
    try:
        return _result(loaded.reader.read(picture, watch.enter), loaded.engine, watch.finish())
    except PictureError as error:
        return _refusal(RefusalCode.BAD_PICTURE, error)
    except NoDeckFound as error:
        return _refusal(RefusalCode.NO_DECK, error)
    except BrokenPipeError:
        raise
    except Exception as error:  # a defect of the reader ends this picture, not the child
        log.exception("fault while reading a picture")
        return _failure(error)


def _result(deck: Deck, engine: str, timings: dict[str, float]) -> Message:
    row = deck_to_json(deck, engine=engine, seconds=sum(timings.values()))
    return Message(MessageKind.RESULT, {"deck": row, "timings": timings})


def _refusal(code: RefusalCode, error: Exception) -> Message:
    return Message(MessageKind.REFUSAL, {"code": code.value, "sentence": str(error)})


def _failure(error: Exception) -> Message:
    fault = MemoryError.__name__ if _is_out_of_memory(error) else type(error).__name__
    sentence = f"This picture met a fault in Screen2Deck ({fault}): please report it."
    return Message(MessageKind.FAILURE, {"sentence": sentence, "fault": fault})


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory was refused; libraries of C++ say so in exceptions of their own."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _MEMORY_SIGNS)


@dataclass(slots=True)
class StageWatch:
    """Tells ``listener`` of each stage and measures how long it takes, in seconds of ``clock``."""

    listener: StageListener
    clock: Callable[[], float] = time.perf_counter
    _begun: list[tuple[Stage, float]] = field(default_factory=list)

    def enter(self, stage: Stage) -> None:
        """A stage begins, and with it the one before ends."""
        self._begun.append((stage, self.clock()))
        self.listener(stage)

    def finish(self) -> dict[str, float]:
        """The last stage ends now: seconds by stage, to the millisecond."""
        ends = [*(start for _, start in self._begun[1:]), self.clock()]
        return {stage.value: round(end - start, 3) for (stage, start), end in zip(self._begun, ends, strict=True)}
